// What the mock panel answers to each route.
import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { components } from "../../../web/api/openapi";
import type { MockPanel } from "./mock-panel";
import { id, images, now, plans, sample_server, setup_code, type Server, type World } from "./mock-state";

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}
export interface Call {
  readonly panel: MockPanel;
  readonly world: World;
  readonly query: URLSearchParams;
  readonly body: Record<string, unknown>;
  readonly headers: IncomingHttpHeaders;
  readonly session: { id: string; csrf: string } | undefined;
  readonly params: Readonly<Record<string, string>>;
}
export type FieldError = components["schemas"]["BadField"];
const bad = (pointer: string, code: FieldError["code"], params: FieldError["params"] = {}): FieldError => ({ pointer, code, params, message: `breaks ${code}` });

export function problem(status: number, slug: string, title: string, errors: readonly FieldError[] = [], headers: Record<string, string> = {}): Answer {
  return { status, headers, body: { type: `/problems/${slug}`, title, status, detail: title, errors } };
}
export class ProblemAnswer extends Error {
  readonly answer: Answer;
  constructor(...what: Parameters<typeof problem>) {
    super(what[2]);
    this.answer = problem(...what);
  }
}

interface Route {
  readonly pattern: RegExp;
  readonly handle: (call: Call) => Answer;
}
const route = (line: string, handle: Route["handle"]): Route => ({
  pattern: new RegExp(`^${line.replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`),
  handle,
});
const ok = (body: unknown): Answer => ({ status: 200, body });

function server_of({ world, params }: Call): Server {
  const server = world.servers.get(params["server"] ?? "");
  if (!server) throw new ProblemAnswer(404, "not-found", "There is no such server");
  return server;
}
function job_of({ world, params }: Call) {
  const job = world.jobs.get(params["job"] ?? "");
  if (!job) throw new ProblemAnswer(404, "not-found", "There is no such job");
  return job;
}
function accepted(world: World, job_id: string, server?: string): Answer {
  return { status: 202, headers: { Location: `/api/v1/jobs/${job_id}` }, body: { job: world.jobs.get(job_id), ...(server ? { server: world.servers.get(server) } : {}) } };
}

function open_session(call: Call): Answer {
  const token = randomUUID();
  const csrf = randomUUID();
  const session = { id: id("ses"), created_at: now(), last_seen_at: now(), address: "192.0.2.4", user_agent: call.headers["user-agent"] ?? "", current: false, csrf };
  call.world.sessions.set(token, session);
  return {
    status: 201,
    body: { user: call.world.user, csrf_token: csrf },
    headers: { "Set-Cookie": `__Host-berth_session=${token}; Path=/; Secure; HttpOnly; SameSite=Strict` },
  };
}

function set_up(call: Call): Answer {
  if (call.body["code"] !== setup_code) throw new ProblemAnswer(403, "wrong-setup-code", "This is not the set-up code that the machine shows.", [bad("/code", "wrong_setup_code")]);
  call.world.setup_needed = false;
  if (call.body["language"]) call.world.language = String(call.body["language"]);
  call.world.user = { ...call.world.user, name: String(call.body["name"]) };
  call.world.password = String(call.body["password"]);
  return open_session(call);
}

function sign_in(call: Call): Answer {
  if (call.body["name"] !== call.world.user.name || call.body["password"] !== call.world.password) throw new ProblemAnswer(401, "wrong-credentials", "Name or password is wrong");
  return open_session(call);
}

function check_wish({ body }: Call): FieldError[] {
  const errors: FieldError[] = [];
  const image = images.find((one) => one.id === body["image"]);
  const plan = plans.find((one) => one.id === body["plan"]);
  if (!image) errors.push(bad("/image", "no_such_image"));
  if (!plan) errors.push(bad("/plan", "no_such_plan"));
  if (plan && image && plan.disk_bytes < image.min_disk_bytes) errors.push(bad("/plan", "plan_disk_too_small", { min_bytes: image.min_disk_bytes }));
  if (String(body["name"]).length > 63) errors.push(bad("/name", "too_long", { max: 63 }));
  if (body["hostname"] === "taken") errors.push(bad("/hostname", "taken"));
  return errors;
}

function create(call: Call): Answer {
  const errors = check_wish(call);
  if (errors.length > 0) throw new ProblemAnswer(422, "invalid-field", "Some fields are wrong", errors);
  const { world, body } = call;
  const image = images.find((one) => one.id === body["image"])!;
  const plan = plans.find((one) => one.id === body["plan"])!;
  const server = sample_server(String(body["name"]), {
    kind: image.kind,
    hostname: String(body["hostname"] ?? body["name"]),
    image: { id: image.id, title: image.title },
    plan: { id: plan.id, name: plan.name },
    vcpus: plan.vcpus,
    memory_bytes: plan.memory_bytes,
    disk_bytes: plan.disk_bytes,
    created_at: now(),
    state: "creating",
    ...(body["peer_group"] ? { peer_group: String(body["peer_group"]) } : {}),
  });
  if (call.query.get("dry_run") === "true") return ok({ server });
  if (!call.headers["idempotency-key"]) throw new ProblemAnswer(400, "invalid-field", "The mock wants an Idempotency-Key");
  world.add(server);
  const job = world.enqueue("server.create", `Create ${server.name}`, server.id, () => world.change(server.id, { state: "running", wanted: "running" }));
  return accepted(world, job.id, server.id);
}

const after: Record<string, Partial<Server>> = {
  start: { state: "running", wanted: "running" },
  resume: { state: "running", wanted: "running" },
  restart: { state: "running", wanted: "running" },
  shutdown: { state: "stopped", wanted: "stopped", usage: undefined },
  power_off: { state: "stopped", wanted: "stopped", usage: undefined },
  pause: { state: "paused", wanted: "paused" },
};

function power(call: Call): Answer {
  const server = server_of(call);
  const act = String(call.body["act"]);
  if (act === "start" && server.state === "running") throw new ProblemAnswer(409, "conflict", "It is running already");
  if (act === "start") call.world.change(server.id, { state: "starting" });
  if (act === "shutdown" || act === "power_off") call.world.change(server.id, { state: "stopping" });
  const job = call.world.enqueue(`server.${act === "shutdown" || act === "power_off" ? "stop" : act}`, `${act} ${server.name}`, server.id, () => call.world.change(server.id, after[act] ?? {}));
  return accepted(call.world, job.id);
}

function delete_server(call: Call): Answer {
  const server = server_of(call);
  call.world.change(server.id, { state: "deleting", wanted: "deleted" });
  const job = call.world.enqueue("server.delete", `Delete ${server.name}`, server.id, () => call.world.remove(server.id));
  return accepted(call.world, job.id);
}

function edit(call: Call): Answer {
  const server = server_of(call);
  if (call.headers["if-match"] !== `"${server.name}"`) throw new ProblemAnswer(412, "precondition-failed", "It changed meanwhile");
  if (call.body["name"] === "") throw new ProblemAnswer(422, "invalid-field", "A field is wrong", [bad("/name", "empty")]);
  if ("name" in call.body) call.world.change(server.id, { name: String(call.body["name"]) });
  if (!("peer_group" in call.body)) return ok(call.world.servers.get(server.id));
  const peer_group = (call.body["peer_group"] as string | null) ?? undefined;
  if (peer_group !== undefined && peer_group.trim() !== peer_group) throw new ProblemAnswer(422, "invalid-field", "A field is wrong", [bad("/peer_group", "outer_blanks")]);
  call.world.change(server.id, { peer_group });
  const job = call.world.enqueue("server.regroup", `Change the peer group of ${server.name}`, server.id, () => undefined);
  return accepted(call.world, job.id, server.id);
}

function peer_groups({ world }: Call): Answer {
  const groups = new Map<string, { id: string; name: string; address?: string }[]>();
  for (const { id, name, address, peer_group } of world.servers.values())
    if (peer_group !== undefined) groups.set(peer_group, [...(groups.get(peer_group) ?? []), { id, name, ...(address ? { address } : {}) }]);
  return ok({ items: [...groups].map(([name, members]) => ({ name, members })) });
}

function ticket(call: Call): Answer {
  const server = server_of(call);
  if (server.state !== "running" && server.state !== "paused") throw new ProblemAnswer(409, "conflict", "The server is not running");
  const made = call.panel.make_ticket(String(call.body["kind"]), server.id);
  return { status: 201, body: { ticket: made, expires_at: new Date(Date.now() + 60_000).toISOString(), url: `/api/v1/console?ticket=${made}` } };
}

function end_session(call: Call): Answer {
  for (const [token, session] of call.world.sessions)
    if (session.id === call.params["session"] || (call.params["session"] === "current" && session.id === call.session?.id)) call.world.sessions.delete(token);
  return { status: 204 };
}

function change_password(call: Call): Answer {
  if (call.body["current_password"] !== call.world.password) throw new ProblemAnswer(403, "wrong-password", "The current password is not right.", [bad("/current_password", "wrong_password")]);
  call.world.password = String(call.body["new_password"]);
  for (const [token, session] of call.world.sessions) if (session.id !== call.session?.id) call.world.sessions.delete(token);
  return { status: 204 };
}

function page<T>(all: readonly T[], query: URLSearchParams): Answer {
  const from = Number(query.get("cursor") ?? 0);
  const limit = Number(query.get("limit") ?? 100);
  const next = from + limit;
  return ok({ items: all.slice(from, next), ...(next < all.length ? { next_cursor: String(next) } : {}) });
}
const newest = (world: World) => [...world.jobs.values()].reverse();

export const handlers: readonly Route[] = [
  route("GET /setup", ({ world }) => ok({ needed: world.setup_needed, product: "Berth", version: "0.1.0", language: world.language })),
  route("POST /setup", set_up),
  route("POST /sessions", sign_in),
  route("GET /sessions", ({ world, session }) => ok({ items: [...world.sessions.values()].map(({ csrf: _, ...one }) => ({ ...one, current: one.id === session?.id })) })),
  route("DELETE /sessions/{session}", end_session),
  route("GET /me", ({ world, session }) => ok({ user: world.user, csrf_token: session?.csrf, permissions: ["server_read"] })),
  route("PUT /me/password", change_password),
  route("GET /host", ({ world }) => ok({ host: world.host })),
  route("GET /machine", ({ world }) => ok(world.machine)),
  route("GET /plans", () => ok({ items: plans })),
  route("GET /images", () => ok({ items: images })),
  route("GET /servers", ({ world, query }) => page([...world.servers.values()], query)),
  route("POST /servers", create),
  route("GET /servers/{server}", (call) => {
    const server = server_of(call);
    return { status: 200, headers: { ETag: `"${server.name}"` }, body: server };
  }),
  route("PATCH /servers/{server}", edit),
  route("GET /servers/{server}/peer-groups", peer_groups),
  route("GET /peer-groups", peer_groups),
  route("DELETE /servers/{server}", delete_server),
  route("POST /servers/{server}/power", power),
  route("GET /servers/{server}/jobs", (call) => ok({ items: newest(call.world).filter((job) => job.server === server_of(call).id) })),
  route("POST /servers/{server}/console-tickets", ticket),
  route("GET /jobs", ({ world, query }) => page(newest(world), query)),
  route("GET /jobs/{job}", (call) => ok(job_of(call))),
  route("GET /jobs/{job}/log", (call) => ok({ lines: (call.world.logs.get(job_of(call).id) ?? []).filter((line) => line.seq > Number(call.query.get("after") ?? 0)) })),
  route("POST /jobs/{job}/cancel", (call) => {
    call.world.cancel(job_of(call).id);
    return accepted(call.world, job_of(call).id);
  }),
  route("POST /jobs/{job}/retry", (call) => accepted(call.world, call.world.retry(job_of(call).id).id)),
];
