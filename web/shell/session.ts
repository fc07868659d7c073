// Who uses the panel: found out at start, lost on 401, renewed in place so that nothing on the page is lost.
import { signal } from "@preact/signals";
import { api, guard_with } from "../api/client";
import { as_problem, type Problem } from "../api/problem";
import type { SetUp, SetupState, SignedIn, User } from "../api/types";
import { speak_as_wished } from "./preferences";

export type Session =
  | { readonly status: "starting" }
  | { readonly status: "unreachable"; readonly problem: Problem }
  | { readonly status: "set-up"; readonly state: SetupState }
  | { readonly status: "out" }
  | { readonly status: "in"; readonly user: User };

export const session = signal<Session>({ status: "starting" });
export const product = signal<SetupState | undefined>(undefined);

// Whom the machine itself obeys.
export const is_administrator = (): boolean => session.value.status === "in" && session.value.user.role === "superadmin";

let csrf_token: string | undefined;

// While it is set, the page shows a sign-in dialog over whatever is open.
export const renewal = signal<{ readonly name: string; readonly done: (renewed: boolean) => void } | undefined>(undefined);
let renewing: Promise<boolean> | undefined;

function renew(): Promise<boolean> {
  const now = session.peek();
  if (now.status !== "in") return Promise.resolve(false);
  renewing ??= new Promise<boolean>((resolve) => {
    renewal.value = { name: now.user.name, done: resolve };
  }).finally(() => {
    renewal.value = undefined;
    renewing = undefined;
  });
  return renewing;
}

async function refresh_csrf(): Promise<void> {
  const me = await api.get("/me", { unguarded: true });
  csrf_token = me.csrf_token;
}

guard_with({ csrf: () => csrf_token, renew, refresh_csrf });

function enter(answer: SignedIn): void {
  csrf_token = answer.csrf_token;
  session.value = { status: "in", user: answer.user };
}

export async function start_session(): Promise<void> {
  session.value = { status: "starting" };
  try {
    const state = await api.get("/setup", { unguarded: true });
    product.value = state;
    await speak_as_wished(state.language);
    if (state.needed) {
      session.value = { status: "set-up", state };
      return;
    }
    enter(await api.get("/me", { unguarded: true }));
  } catch (error) {
    const problem = as_problem(error);
    session.value = problem.status === 401 ? { status: "out" } : { status: "unreachable", problem };
  }
}

export async function sign_in(name: string, password: string): Promise<void> {
  const answer = await api.post("/sessions", { body: { name, password }, unguarded: true });
  const before = session.peek();
  // Somebody else on the same page must not see what the first one opened.
  if (before.status === "in" && before.user.id !== answer.user.id) {
    location.assign("/");
    return;
  }
  enter(answer);
}

export async function set_up(wish: SetUp): Promise<void> {
  enter(await api.post("/setup", { body: wish, unguarded: true }));
}

export async function sign_out(): Promise<void> {
  try {
    await api.delete("/sessions/{session}", { path: { session: "current" }, unguarded: true });
  } catch (error) {
    if (as_problem(error).status !== 401) throw error;
  }
  // A full load leaves nothing of the old session in memory.
  location.assign("/sign-in");
}

export function abandon_session(): void {
  location.assign("/sign-in");
}
