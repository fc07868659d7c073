// The one way from the pages to the API: typed by the OpenAPI, with CSRF header, idempotency key, problems as values of
// one error type, and a second chance after the session was renewed.
import { offline, Problem, problem_of } from "./problem";
import type { paths } from "./openapi";

const base = "/api/v1";

type Method = "get" | "post" | "put" | "patch" | "delete";
type Stripped<P> = P extends `/api/v1${infer R}` ? R : never;
type WithMethod<M extends Method> = {
  [P in keyof paths]: paths[P] extends Record<M, { responses: unknown }> ? Stripped<P> : never;
}[keyof paths];
type Operation<M extends Method, R extends string> = `/api/v1${R}` extends keyof paths
  ? paths[`/api/v1${R}`] extends Record<M, infer O>
    ? O
    : never
  : never;

type JsonOf<T> = T extends { content: { "application/json": infer B } } ? B : never;
type Success = 200 | 201 | 202;
type AnswerOf<O> = O extends { responses: infer R } ? { [S in keyof R & Success]: JsonOf<R[S]> }[keyof R & Success] : never;
type BodyOf<O> = O extends { requestBody: { content: { "application/json": infer B } } }
  ? { body: B }
  : O extends { requestBody?: { content: { "application/json": infer B } } }
    ? { body?: B }
    : { body?: never };
type PathOf<O> = O extends { parameters: { path: infer P } } ? { path: P } : { path?: never };
type QueryOf<O> = O extends { parameters: { query?: infer Q } } ? { query?: Q } : { query?: never };

interface Common {
  readonly signal?: AbortSignal;
  readonly idempotency_key?: string;
  readonly if_match?: string;
  // The caller deals with 401 itself (sign-in, start-up).
  readonly unguarded?: boolean;
}
type Options<O> = Common & BodyOf<O> & PathOf<O> & QueryOf<O>;
type Arguments<O> = Record<string, never> extends Omit<Options<O>, keyof Common> ? [options?: Options<O>] : [options: Options<O>];

export interface Reply<T> {
  readonly data: T;
  readonly etag: string | undefined;
}

interface Guard {
  csrf(): string | undefined;
  // Asks the user to sign in again; false when they would not.
  renew(): Promise<boolean>;
  // The token is stale though the session is alive (signed in again in another tab).
  refresh_csrf(): Promise<void>;
}
let guard: Guard = { csrf: () => undefined, renew: () => Promise.resolve(false), refresh_csrf: () => Promise.resolve() };
export function guard_with(other: Guard): void {
  guard = other;
}
export function present_guard(): Guard {
  return guard;
}

interface Loose extends Common {
  readonly body?: unknown;
  readonly path?: Record<string, string>;
  readonly query?: Record<string, string | number | boolean | undefined>;
}

function address(route: string, options: Loose): string {
  const filled = route.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(options.path?.[name])));
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(options.query ?? {})) if (value !== undefined) query.set(name, String(value));
  const tail = query.toString();
  return base + filled + (tail ? `?${tail}` : "");
}

async function once(method: Method, route: string, options: Loose): Promise<Response> {
  const headers = new Headers({ Accept: "application/json" });
  if (options.body !== undefined) headers.set("Content-Type", "application/json");
  if (options.idempotency_key !== undefined) headers.set("Idempotency-Key", options.idempotency_key);
  if (options.if_match !== undefined) headers.set("If-Match", options.if_match);
  const csrf = guard.csrf();
  if (method !== "get" && csrf !== undefined) headers.set("X-Berth-CSRF", csrf);
  try {
    return await fetch(address(route, options), {
      method: method.toUpperCase(),
      headers,
      credentials: "same-origin",
      cache: "no-store",
      redirect: "error",
      ...(options.body !== undefined ? { body: JSON.stringify(options.body) } : {}),
      ...(options.signal ? { signal: options.signal } : {}),
    });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    throw offline();
  }
}

const retry_after_s_max = 5;
const pause = (s: number) => new Promise<void>((resolve) => setTimeout(resolve, s * 1000));

// A read that was turned away for a moment ("Retry-After: 2") waits that moment once; a write is never repeated unasked.
async function attempt(method: Method, route: string, options: Loose): Promise<Response> {
  const response = await once(method, route, options);
  if (response.ok || method !== "get") return response;
  const wait = Number(response.headers.get("Retry-After"));
  if ((response.status !== 429 && response.status !== 503) || !(wait > 0 && wait <= retry_after_s_max)) return response;
  await pause(wait);
  return once(method, route, options);
}

async function send(method: Method, route: string, options: Loose): Promise<Reply<unknown>> {
  let response = await attempt(method, route, options);
  if (!response.ok && !options.unguarded) {
    const problem = await problem_of(response.clone());
    if (response.status === 401 && (await guard.renew())) response = await attempt(method, route, options);
    else if (response.status === 403 && problem.slug.includes("csrf")) {
      await guard.refresh_csrf();
      response = await attempt(method, route, options);
    }
  }
  if (!response.ok) throw await problem_of(response);
  const etag = response.headers.get("ETag") ?? undefined;
  if (response.status === 204) return { data: undefined, etag };
  try {
    return { data: await response.json(), etag };
  } catch {
    throw new Problem(response.status, "unreadable", "", "");
  }
}

function verb<M extends Method>(method: M) {
  return async <R extends WithMethod<M> & string>(
    route: R,
    ...rest: Arguments<Operation<M, R>>
  ): Promise<AnswerOf<Operation<M, R>>> => {
    const reply = await send(method, route, (rest[0] ?? {}) as Loose);
    return reply.data as AnswerOf<Operation<M, R>>;
  };
}

export const api = {
  get: verb("get"),
  post: verb("post"),
  put: verb("put"),
  patch: verb("patch"),
  delete: verb("delete"),
  // Like get, with the ETag that a later If-Match needs.
  read: async <R extends WithMethod<"get"> & string>(
    route: R,
    ...rest: Arguments<Operation<"get", R>>
  ): Promise<Reply<AnswerOf<Operation<"get", R>>>> => {
    const reply = await send("get", route, (rest[0] ?? {}) as Loose);
    return { data: reply.data as AnswerOf<Operation<"get", R>>, etag: reply.etag };
  },
};

// One key for one wish: the caller keeps it while repeating the same wish, so that a lost answer never creates twice.
export function new_idempotency_key(): string {
  return crypto.randomUUID();
}
