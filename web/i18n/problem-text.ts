// A problem in the user's words where we have them, else in the server's.
import type { FieldError, Problem } from "../api/problem";
import type { FieldRule } from "../api/types";
import { bytes, duration } from "./format";
import { t, t_if_known, type Key } from "./index";

// Does not compile when the server can name a rule that has no words.
type Wordless = Exclude<`rule.${FieldRule}`, Key>;
true satisfies [Wordless] extends [never] ? true : Wordless;

// What a rule's words are filled with.
function values_of({ params, message }: FieldError): Record<string, string | number> {
  const values: Record<string, string | number> = { reason: message };
  for (const name of ["min", "max"] as const) if (params[name] !== undefined) values[name] = params[name];
  for (const name of ["min_bytes", "max_bytes"] as const) if (params[name] !== undefined) values[name] = bytes(params[name]);
  if (params.allowed) values["allowed"] = params.allowed.map((one) => t_if_known(`kind.${one}`) ?? one).join(", ");
  return values;
}

// What is wrong with one field. A server newer than this page may know rules that it does not: then its English words.
export function field_text(field: FieldError): string {
  const known = t_if_known(`rule.${field.code}`, values_of(field));
  return known && !/\{\w+\}/.test(known) ? known : sentence(field.message);
}

// The server says "is not right"; under a field that is a sentence of its own.
function sentence(message: string): string {
  const text = message.slice(0, 1).toUpperCase() + message.slice(1);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

export function problem_text(problem: Problem): string {
  if (problem.status === 429 && problem.retry_after_s !== undefined) return t("error.too_many", { time: duration(problem.retry_after_s) });
  if (problem.slug === "offline") return t("error.offline");
  if (problem.slug === "unexpected") return t("error.unexpected", { detail: problem.detail });
  if (problem.slug === "unreadable") return t("error.unreadable", { status: problem.status });
  const known = t_if_known(`problem.${problem.slug}`, { detail: problem.detail });
  return known?.trim() || problem.detail || problem.title || t("error.unknown", { status: problem.status });
}
