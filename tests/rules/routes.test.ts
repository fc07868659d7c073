// Threat 14: every route of the OpenAPI for somebody who is nobody, somebody of another tenant, and the administrator.
// A stranger gets 401, 403 or 404, never data and never an effect.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Accepted, finished, type Job, made, type Page, type Server, wish } from "../support/nouns";
import { Panel, password } from "../support/panel";
import { until } from "../support/stack";
import type { Visitor } from "../support/visitor";

interface Operation {
  "x-berth-public"?: string;
  "x-berth-permission"?: string;
  parameters?: { name: string; in: string; required?: boolean }[];
  requestBody?: unknown;
}
interface Document {
  paths: Record<string, Record<string, Operation>>;
}
const document = JSON.parse(readFileSync(resolve(import.meta.dirname, "../../firmware/api/openapi.json"), "utf8")) as Document;
const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, method: method.toUpperCase(), path, operation })),
);

// A body that is right, so that nothing but the right to do it is in question.
const bodies: Record<string, unknown> = {
  "POST /api/v1/servers": wish("intruder"),
  "PATCH /api/v1/servers/{server}": { name: "taken" },
  "POST /api/v1/servers/{server}/power": { act: "power_off" },
  "POST /api/v1/servers/{server}/console-tickets": { kind: "serial" },
  "PUT /api/v1/language": { language: "de" },
  "PUT /api/v1/me/password": { current_password: "wrong", new_password: "another long passphrase" },
  "POST /api/v1/sessions": { name: "nobody", password: "not the password" },
  "PUT /api/v1/machine/hostname": { hostname: "berth" },
  "PUT /api/v1/machine/time": { time_zone: "Europe/Berlin", ntp: true, ntp_servers: [] },
  "POST /api/v1/machine/network/trial": {
    confirm_within_s: 60,
    settings: {
      links: [{ name: "uplink", kind: "ethernet", cards: [], members: [], bond_mode: "active_backup", ipv4: { method: "automatic", address: "", gateway: "" }, ipv6: { method: "off", address: "", gateway: "" } }],
      dns: [], search: [],
    },
  },
  "PUT /api/v1/machine/ssh": { enabled: false, keys: [] },
  "POST /api/v1/machine/updates": Buffer.from("berth-bundle 2.0.0\n"),
  "PUT /api/v1/machine/update-policy": { channel_url: "", automatic: false, window: { weekdays: [], from: "03:00", minutes: 60 } },
  "PUT /api/v1/machine/next-slot": { slot: "a" },
  "POST /api/v1/machine/restart": { confirm: "berth" },
  "POST /api/v1/machine/power-off": { confirm: "berth" },
  "POST /api/v1/machine/factory-reset": { confirm: "berth", scope: "everything" },
  "POST /api/v1/setup": { code: "AAAA-AAAA-AAAA", name: "otto", password },
};
// What a member of a tenant may see although it is nobody's in particular, and what is his own.
const common = new Set(["GET /api/v1/plans", "GET /api/v1/images", "GET /api/v1/host", "GET /api/v1/me", "GET /api/v1/sessions"]);

let panel: Panel;
let admin: Visitor;
let stranger: Visitor;
let server: Server;
let job: Job;
let admin_id = "";
let admin_session = "";
const ids: Record<string, () => string> = {
  server: () => server.id, job: () => job.id, user: () => admin_id, session: () => admin_session,
  image: () => server.image.id, plan: () => server.plan.id, found: () => "c0ffee01",
};

beforeAll(async () => {
  ({ panel, admin } = await Panel.ready());
  server = await made(admin, "treasure", "vm");
  job = (await admin.get<Page<Job>>(`/servers/${server.id}/jobs`)).body.items[0]!;
  admin_id = (await admin.get<{ user: { id: string } }>("/me")).body.user.id;
  admin_session = (await admin.get<Page<{ id: string; current: boolean }>>("/sessions")).body.items.find((one) => one.current)!.id;
  const { cookie, csrf } = admin;
  await panel.add_stranger("otto");
  admin = panel.visitor();
  Object.assign(admin, { cookie, csrf });
  stranger = panel.visitor("127.0.7.1");
  expect((await stranger.sign_in("otto", password)).status).toBe(201);
  await until("the machine's first look", async () => (await admin.get("/machine")).status === 200);
});
afterAll(() => panel.stop());

async function ask(visitor: Visitor, route: (typeof routes)[number]) {
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    expect(ids, `give tests/rules/routes.test.ts an id for {${name}}`).toHaveProperty(name);
    return ids[name]!();
  });
  if (route.operation.requestBody) expect(bodies, `give tests/rules/routes.test.ts a body for ${route.name}`).toHaveProperty([route.name]);
  const body = route.operation.requestBody ? bodies[route.name] : undefined;
  return visitor.ask<unknown>(route.method, `/${path}`, body, { "if-match": '"1"', ...(Buffer.isBuffer(body) && { "content-type": "application/octet-stream" }) });
}

function tells_nothing(text: string): void {
  for (const secret of ["treasure", server.address!, server.mac, server.hostname, job.title]) expect(text).not.toContain(secret);
}

describe("nobody", () => {
  it.each(routes.filter((route) => !route.operation["x-berth-public"]))("gets nothing from $name", async (route) => {
    const answer = await ask(panel.visitor(), route);
    expect(answer.status, answer.text).toBe(401);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
    tells_nothing(answer.text);
  });
  it("finds only these doors open", () => {
    expect(routes.filter((route) => route.operation["x-berth-public"]).map((route) => route.name).sort())
      .toEqual(["GET /api/v1/setup", "POST /api/v1/sessions", "POST /api/v1/setup"]);
  });
});

describe("a member of another tenant", () => {
  it.each(routes.filter((route) => route.path.includes("{")))("finds nothing at $name", async (route) => {
    const answer = await ask(stranger, route);
    expect([403, 404], answer.text).toContain(answer.status);
    // What belongs to a tenant must not even be seen to exist.
    if (/\{(server|job|session)\}/.test(route.path)) expect(answer.status).toBe(404);
    tells_nothing(answer.text);
  });

  it.each(routes.filter((route) => !route.path.includes("{") && route.method === "GET" && !route.operation["x-berth-public"] && !route.path.endsWith("/events")))(
    "reads nothing of others at $name", async (route) => {
      const answer = await ask(stranger, route);
      if (["user_manage", "system_manage"].includes(route.operation["x-berth-permission"] ?? "")) expect(answer.status).toBe(403);
      else expect([200, 403]).toContain(answer.status);
      if (answer.status === 200 && !common.has(route.name)) expect((answer.body as Page<unknown>).items).toEqual([]);
      tells_nothing(answer.text);
    });

  it.each(routes.filter((route) => !route.path.includes("{") && route.path.startsWith("/api/v1/machine") && route.method !== "GET"))(
    "changes nothing of the machine at $name", async (route) => {
      expect((await ask(stranger, route)).status).toBe(403);
    });

  it("hears nothing of others in the event stream, not even afterwards", async () => {
    const stream = await stranger.events({ "last-event-id": "0" });
    const rename = await admin.get<Server>(`/servers/${server.id}`);
    expect((await admin.patch(`/servers/${server.id}`, { name: "treasure-2" }, { "if-match": rename.headers.etag! })).status).toBe(200);
    const own = await made_event_of_own(stream);
    expect(own).toBe(true);
    for (const event of stream.seen) tells_nothing(JSON.stringify(event));
    stream.close();
  });

  it("changes nothing of others", async () => {
    const now = (await admin.get<Server>(`/servers/${server.id}`)).body;
    expect(now).toMatchObject({ name: "treasure-2", state: "running" });
    expect((await admin.get("/me")).status).toBe(200);
  });
});

// Signing in again makes an event that the stranger may hear: the stream is alive and has passed what came before it.
async function made_event_of_own(stream: { seen: { type: string; id: number }[] }): Promise<boolean> {
  const before = stream.seen.length;
  await panel.visitor("127.0.7.1").sign_in("otto", password);
  return until("an event of its own", () => stream.seen.length > before && stream.seen.some((event) => event.type === "user.signed_in"));
}

describe("the administrator", () => {
  const skipped = new Set(["DELETE /api/v1/sessions/current", "DELETE /api/v1/sessions/{session}", "POST /api/v1/users/{user}/password-resets",
    "GET /api/v1/events", "POST /api/v1/setup", "POST /api/v1/sessions"]);
  // What takes away what others look at comes last; a support bundle is made before it is fetched.
  const made_there = "POST /api/v1/machine/support-bundle";
  const last = (route: (typeof routes)[number]) => Number(route.method === "DELETE") - Number(route.name === made_there);
  it.each(routes.filter((route) => !skipped.has(route.name)).toSorted((a, b) => last(a) - last(b)))("is let in at $name", async (route) => {
    const answer = await ask(admin, route);
    // Refused at most by the state of things, never for lack of a right.
    if (route.name === "PUT /api/v1/me/password") expect(answer.status).toBe(403);
    else expect([200, 201, 202, 204, 409, 412], answer.text).toContain(answer.status);
    const job = (answer.body as Accepted | undefined)?.job;
    if (answer.status === 202 && job) await finished(admin, job.id);
  });
});
