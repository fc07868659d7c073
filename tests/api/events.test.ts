// The event stream: live, resumable, for whom it concerns.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { made } from "../support/nouns";
import { Panel, password } from "../support/panel";
import { until } from "../support/stack";
import type { Problem, Visitor } from "../support/visitor";

let panel: Panel;
let admin: Visitor;
beforeAll(async () => void ({ panel, admin } = await Panel.ready()));
afterAll(() => panel.stop());

describe("the event stream", () => {
  it("tells what happens while it happens, in order, with a sentence", async () => {
    const stream = await admin.events();
    await until("the stream's first id", () => stream.last_id > 0);
    const server = await made(admin, "web-1");
    await until("the end of the job", () => stream.seen.some((event) => event.type === "job.finished"));
    const types = stream.seen.map((event) => event.type);
    expect(types).toContain("server.created");
    expect(types).toContain("job.stepped");
    const created = stream.seen.find((event) => event.type === "server.created")!;
    expect(created.data).toMatchObject({ type: "server.created", server: server.id, subject: server.id });
    expect(created.data.text).toContain("web-1");
    expect(stream.seen.map((event) => event.id)).toEqual(stream.seen.map((event) => event.id).toSorted((a, b) => a - b));
    stream.close();
  });

  it("goes on after Last-Event-ID without a gap or a repetition", async () => {
    const first = await admin.events();
    await until("the stream's first id", () => first.last_id > 0);
    await made(admin, "web-2");
    await until("the end of the job", () => first.seen.some((event) => event.type === "job.finished"));
    const middle = first.seen[2]!;
    first.close();
    await made(admin, "web-3");
    const second = await admin.events({ "last-event-id": String(middle.id) });
    await until("what was missed", () => second.seen.filter((event) => event.type === "job.finished").length === 2);
    const rest = first.seen.filter((event) => event.id > middle.id).map((event) => event.id);
    expect(second.seen.slice(0, rest.length).map((event) => event.id)).toEqual(rest);
    second.close();
  });

  it("says so when what was missed is no longer kept, or was never told here", async () => {
    const first = await admin.events();
    await until("the stream's first id", () => first.last_id > 0);
    const last = first.last_id;
    first.close();
    expect(await panel.stop_panel()).toBe(0);
    panel.sql(`DELETE FROM events WHERE seq < ${last}`);
    await panel.start_panel();
    admin = panel.visitor();
    await admin.sign_in("maria", password);
    for (const [asked, reset] of [[1, true], [last + 1_000_000, true], [last - 1, false]] as const) {
      const stream = await admin.events({ "last-event-id": String(asked) });
      await until("the stream's first event", () => stream.seen.length > 0);
      expect([asked, stream.seen[0]!.type === "stream.reset"]).toEqual([asked, reset]);
      if (reset) expect(stream.seen[0]!.id).toBeGreaterThanOrEqual(last);
      stream.close();
    }
  });

  it("goes on with what is new after an id from before the database was put back", async () => {
    const stream = await admin.events({ "last-event-id": "900000000" });
    await made(admin, "web-4");
    await until("the end of the job", () => stream.seen.some((event) => event.type === "job.finished"));
    stream.close();
  });

  it("does not begin at an id that is none", async () => {
    const answer = await admin.get<Problem>("/events", { "last-event-id": "1; DROP TABLE events" });
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, "Last-Event-ID"]);
  });

  it("ends when the panel stops, and the panel stops in time with streams open", async () => {
    const streams = await Promise.all([admin.events(), admin.events(), admin.events()]);
    const before = Date.now();
    expect(await panel.stop_panel()).toBe(0);
    expect(Date.now() - before).toBeLessThan(6000);
    await until("the end of the streams", () => streams.every((stream) => stream.ended), 5);
  });
});
