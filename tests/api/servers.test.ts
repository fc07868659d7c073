// Servers through the API, on the engine in memory.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Accepted, finished, type Job, made, type Page, type Server, wish } from "../support/nouns";
import { Panel } from "../support/panel";
import { until } from "../support/stack";
import type { Answer, Problem, Visitor } from "../support/visitor";

let panel: Panel;
let admin: Visitor;
beforeAll(async () => void ({ panel, admin } = await Panel.ready()));
afterAll(() => panel.stop());

const shown = async (id: string) => (await admin.get<Server>(`/servers/${id}`)).body;
async function power(id: string, act: string): Promise<Job> {
  const answer = await admin.post<Accepted>(`/servers/${id}/power`, { act });
  expect(answer.status, answer.text).toBe(202);
  return finished(admin, answer.body.job.id);
}

describe.each(["vm", "container"] as const)("a %s", (kind) => {
  it("is created by a job with named steps, and runs with an address", async () => {
    const answer = await admin.post<Accepted>("/servers", { ...wish(`${kind}-1`, kind), hostname: "web-one" });
    expect(answer.status).toBe(202);
    expect(answer.headers.location).toBe(`/api/v1/jobs/${answer.body.job.id}`);
    expect(answer.body.server).toMatchObject({ name: `${kind}-1`, kind, state: "creating", wanted: "running", job: answer.body.job.id });
    const job = await finished(admin, answer.body.job.id);
    expect(job.state).toBe("succeeded");
    expect(job.progress).toBe(100);
    expect(job.steps.length).toBeGreaterThan(3);
    expect(job.steps.every((step) => step.state === "done" && step.finished_at)).toBe(true);
    const server = await shown(answer.body.server!.id);
    expect(server).toMatchObject({ state: "running", hostname: "web-one" });
    expect(server.address).toMatch(/^10\.77\.0\.\d+$/);
    expect(server.job).toBeUndefined();
  });

  it("is stopped, started, paused, resumed, restarted and powered off", async () => {
    const { id } = await made(admin, `${kind}-2`, kind);
    for (const [act, state, wanted] of [["shutdown", "stopped", "stopped"], ["start", "running", "running"], ["pause", "paused", "paused"],
      ["resume", "running", "running"], ["restart", "running", "running"], ["power_off", "stopped", "stopped"]] as const) {
      expect((await power(id, act)).state).toBe("succeeded");
      expect(await shown(id)).toMatchObject({ state, wanted });
    }
    const jobs = (await admin.get<Page<Job>>(`/servers/${id}/jobs`)).body.items;
    expect(jobs.length).toBe(7);
    expect(jobs.every((job) => job.server === id)).toBe(true);
  });

  it("is deleted with everything it had", async () => {
    const { id, address } = await made(admin, `${kind}-3`, kind);
    const answer = await admin.remove<Accepted>(`/servers/${id}`);
    expect(answer.status).toBe(202);
    expect((await finished(admin, answer.body.job.id)).state).toBe("succeeded");
    expect((await admin.get(`/servers/${id}`)).status).toBe(404);
    expect((await made(admin, `${kind}-4`, kind)).address).toBe(address);
  });
});

describe("a server's name", () => {
  it("changes only under the version that was read", async () => {
    const { id } = await made(admin, "named");
    const read = await admin.get<Server>(`/servers/${id}`);
    const tag = read.headers.etag!;
    expect((await admin.patch(`/servers/${id}`, { name: "renamed" })).status).toBe(428);
    const edited = await admin.patch<Server>(`/servers/${id}`, { name: "renamed" }, { "if-match": tag });
    expect([edited.status, edited.body.name]).toEqual([200, "renamed"]);
    expect(edited.headers.etag).not.toBe(tag);
    expect((await admin.patch(`/servers/${id}`, { name: "again" }, { "if-match": tag })).status).toBe(412);
    expect((await shown(id)).name).toBe("renamed");
  });

  it("belongs to one server", async () => {
    await made(admin, "unique");
    const answer = await admin.post<Problem>("/servers", wish("unique"));
    expect([answer.status, answer.body.type]).toEqual([409, "/problems/server-name-taken"]);
  });
});

describe("a list", () => {
  it("is read page by page, by cursor and by Link", async () => {
    const all = (await admin.get<Page<Server>>("/servers?limit=100")).body.items.map((server) => server.id);
    const seen: string[] = [];
    let path: string | undefined = "/servers?limit=2";
    while (path) {
      const page: Answer<Page<Server>> = await admin.get<Page<Server>>(path);
      seen.push(...page.body.items.map((server) => server.id));
      expect(page.body.items.length).toBeLessThanOrEqual(2);
      const link = /^<\/api\/v1(.*)>; rel="next"$/.exec(String(page.headers["link"] ?? ""));
      expect(Boolean(link)).toBe(page.body.next_cursor !== undefined);
      path = link?.[1];
    }
    expect(seen).toEqual(all);
    expect(all.length).toBeGreaterThan(4);
  });
});

describe("a repeated request", () => {
  it("with the same Idempotency-Key acts once and gets the same answer", async () => {
    const key = { "idempotency-key": "order-4711" };
    const first = await admin.post<Accepted>("/servers", wish("once"), key);
    expect(first.status).toBe(202);
    const again = await admin.post<Accepted>("/servers", wish("once"), key);
    expect([again.status, again.text, again.headers.location]).toEqual([202, first.text, first.headers.location]);
    expect((await admin.post<Problem>("/servers", wish("twice"), key)).body.type).toBe("/problems/idempotency-key-reused");
    await finished(admin, first.body.job.id);
  });

  it("twenty times at once makes one server", async () => {
    const key = { "idempotency-key": "order-4712" };
    const answers = await Promise.all(Array.from({ length: 20 }, () => admin.post<Accepted>("/servers", wish("parallel"), key)));
    for (const answer of answers) expect([202, 409], answer.text).toContain(answer.status);
    const servers = (await admin.get<Page<Server>>("/servers?limit=100")).body.items.filter((server) => server.name === "parallel");
    expect(servers.length).toBe(1);
    await until("its job", async () => (await shown(servers[0]!.id)).state === "running");
  });

  it("after the panel was killed still gets the first answer", async () => {
    const key = { "idempotency-key": "order-4713" };
    const first = await admin.post<Accepted>("/servers", wish("survivor"), key);
    await finished(admin, first.body.job.id);
    await panel.stop_panel("SIGKILL");
    await panel.start_panel();
    const after = panel.visitor();
    after.cookie = admin.cookie;
    after.csrf = admin.csrf;
    admin = after;
    expect((await admin.post<Accepted>("/servers", wish("survivor"), key)).text).toBe(first.text);
  });
});

describe("a dry run", () => {
  it("shows what would be, and makes nothing", async () => {
    const before = (await admin.get<Page<Server>>("/servers?limit=100")).body.items.length;
    const answer = await admin.post<{ server: Server }>("/servers?dry_run=true", wish("Web One"));
    expect(answer.status).toBe(200);
    expect(answer.body.server).toMatchObject({ name: "Web One", hostname: "web-one", kind: "container" });
    expect((await admin.get<Page<Server>>("/servers?limit=100")).body.items.length).toBe(before);
  });
});
