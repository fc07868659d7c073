// What went wrong, as the panel's server said it (RFC 9457), or as the browser did when no answer came.
import type { FieldParams } from "./types";

// What is wrong with one field: the rule it breaks with the rule's numbers, and the end of an English sentence.
export interface FieldError {
  readonly pointer: string;
  readonly code: string;
  readonly params: FieldParams;
  readonly message: string;
}

interface ProblemBody {
  readonly type?: unknown;
  readonly title?: unknown;
  readonly detail?: unknown;
  readonly errors?: unknown;
}

export class Problem extends Error {
  constructor(
    readonly status: number, // 0: no answer at all
    readonly slug: string, // last part of `type`; "offline" and "unreadable" are our own
    readonly title: string,
    readonly detail: string,
    readonly fields: readonly FieldError[] = [],
    readonly retry_after_s: number | undefined = undefined,
  ) {
    super(detail || title || slug);
    this.name = "Problem";
  }

  get offline(): boolean {
    return this.status === 0;
  }
}

export function offline(): Problem {
  return new Problem(0, "offline", "", "");
}

export async function problem_of(response: Response): Promise<Problem> {
  const retry = retry_after_s(response.headers.get("Retry-After"));
  let body: ProblemBody = {};
  try {
    const parsed: unknown = await response.json();
    if (typeof parsed === "object" && parsed !== null) body = parsed;
  } catch {
    return new Problem(response.status, "unreadable", "", "", [], retry);
  }
  const slug = text(body.type).split("/").pop() || "unknown";
  return new Problem(response.status, slug, text(body.title), text(body.detail), field_errors(body.errors), retry);
}

export function as_problem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  return new Problem(0, "unexpected", "", error instanceof Error ? error.message : String(error));
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function field_errors(value: unknown): FieldError[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((entry: unknown) => {
    if (typeof entry !== "object" || entry === null) return [];
    const { pointer, code, params, message } = entry as Record<string, unknown>;
    return [{ pointer: text(pointer), code: text(code), params: params_of(params), message: text(message) }];
  });
}

function params_of(value: unknown): FieldParams {
  if (typeof value !== "object" || value === null) return {};
  const given = value as Record<string, unknown>;
  const params: FieldParams = {};
  for (const name of ["min", "max", "min_bytes", "max_bytes"] as const) if (typeof given[name] === "number") params[name] = given[name];
  if (Array.isArray(given["allowed"])) params.allowed = given["allowed"].map(text);
  return params;
}

// RFC 9110 10.2.3: seconds or a date.
function retry_after_s(header: string | null): number | undefined {
  if (header === null) return undefined;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? undefined : Math.max(0, Math.ceil((at - Date.now()) / 1000));
}
