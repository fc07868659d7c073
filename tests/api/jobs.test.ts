// Jobs through the API: log, cancel, retry, and an engine that comes and goes.
import { afterEach, describe, expect, it } from "vitest";
import { type Accepted, finished, type Job, type Page, type Server, wish } from "../support/nouns";
import { Panel, type PanelOptions } from "../support/panel";
import { until } from "../support/stack";
import type { Problem, Visitor } from "../support/visitor";

let panel: Panel;
let admin: Visitor;
async function start(options: PanelOptions = {}): Promise<void> {
  ({ panel, admin } = await Panel.ready(options));
}
afterEach(() => panel.stop());

const servers = async () => (await admin.get<Page<Server>>("/servers")).body.items;
const job = async (id: string) => (await admin.get<Job>(`/jobs/${id}`)).body;

describe("a job", () => {
  it("that fails is undone, leaves nothing, and may be tried again", async () => {
    await start({ arguments: ["--fail-at", "server.create:4"] });
    const made = await admin.post<Accepted>("/servers", wish("web-1"));
    const failed = await finished(admin, made.body.job.id);
    expect(["undone", "failed"]).toContain(failed.state);
    expect(failed.error?.message).toBeTruthy();
    expect(failed.can_retry).toBe(true);
    expect(failed.can_cancel).toBe(false);
    expect(failed.steps.filter((step) => step.state === "failed").map((step) => step.name)).toEqual([failed.error!.step]);
    expect(failed.steps.map((step) => step.state)).toEqual(["done", "undone", "undone", "failed", "skipped", "skipped"]);
    const log = await admin.get<{ lines: { seq: number; text: string }[] }>(`/jobs/${failed.id}/log`);
    expect(log.body.lines.length).toBeGreaterThan(0);
    const last = log.body.lines.at(-1)!.seq;
    expect((await admin.get<{ lines: unknown[] }>(`/jobs/${failed.id}/log?after=${last}`)).body.lines).toEqual([]);

    const cookie = admin.cookie;
    const csrf = admin.csrf;
    await panel.stop_panel();
    await panel.start_panel();
    admin = panel.visitor();
    Object.assign(admin, { cookie, csrf });
    expect((await admin.post(`/jobs/${failed.id}/retry`)).status).toBe(202);
    await until("the second attempt", async () => (await job(failed.id)).state === "succeeded");
    expect((await servers()).map((server) => server.state)).toEqual(["running"]);
    const again = await admin.post<Problem>(`/jobs/${failed.id}/retry`);
    expect([again.status, again.body.type]).toEqual([409, "/problems/job-not-retryable"]);
  });

  it("waits for an engine that does not answer, and can be cancelled meanwhile", async () => {
    await start();
    await panel.stop_engine("SIGKILL");
    const made = await admin.post<Accepted>("/servers", wish("web-1"));
    expect(made.status).toBe(202);
    const id = made.body.job.id;
    await until("the job to begin", async () => (await job(id)).state === "running");
    expect((await job(id)).can_cancel).toBe(true);
    expect((await admin.post(`/jobs/${id}/cancel`)).status).toBe(202);
    await panel.start_engine();
    const ended = await finished(admin, id);
    expect(ended.state).toBe("cancelled");
    const again = await admin.post<Problem>(`/jobs/${id}/cancel`);
    expect(again.status).toBe(409);
  });

  it("goes on when the engine is back, and the panel tells the engine's absence", async () => {
    await start();
    await panel.stop_engine("SIGKILL");
    await until("the panel to notice", async () => !(await admin.get<{ host: { engine_ok: boolean } }>("/host")).body.host.engine_ok);
    const made = await admin.post<Accepted>("/servers", wish("web-1"));
    await until("the job to begin", async () => (await job(made.body.job.id)).state === "running");
    await panel.start_engine();
    expect((await finished(admin, made.body.job.id)).state).toBe("succeeded");
    await until("the panel to notice", async () => (await admin.get<{ host: { engine_ok: boolean } }>("/host")).body.host.engine_ok);
  });

  it("goes on after the panel was killed", async () => {
    await start();
    await panel.stop_engine("SIGKILL");
    const made = await admin.post<Accepted>("/servers", wish("web-1"));
    await until("the job to begin", async () => (await job(made.body.job.id)).state === "running");
    await panel.stop_panel("SIGKILL");
    await panel.start_engine();
    await panel.start_panel();
    const { cookie, csrf } = admin;
    admin = panel.visitor();
    Object.assign(admin, { cookie, csrf });
    expect((await finished(admin, made.body.job.id)).state).toBe("succeeded");
    expect((await servers()).length).toBe(1);
  });

  it("is found by its state and its server", async () => {
    await start();
    const made = await admin.post<Accepted>("/servers", wish("web-1"));
    await finished(admin, made.body.job.id);
    const succeeded = (await admin.get<Page<Job>>("/jobs?state=succeeded")).body.items;
    expect(succeeded[0]!.id).toBe(made.body.job.id);
    expect((await admin.get<Page<Job>>(`/jobs?server=${made.body.server!.id}`)).body.items.map((one) => one.type)).toEqual(["server.create"]);
    expect((await admin.get<Page<Job>>("/jobs?state=failed")).body.items).toEqual([]);
    const first = (await admin.get<Page<Job>>("/jobs?limit=1")).body;
    expect(first.items.length).toBe(1);
    const second = (await admin.get<Page<Job>>(`/jobs?limit=1&cursor=${first.next_cursor!}`)).body;
    expect(second.items[0]!.id).not.toBe(first.items[0]!.id);
  });
});
