// Who may talk to whom: groups within one tenant, and never across two.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Accepted, finished, made, type Server, wish } from "../support/nouns";
import { Panel, password } from "../support/panel";
import type { Answer, Problem, Visitor } from "../support/visitor";

interface Groups {
  items: { name: string; members: { id: string; name: string; address?: string }[] }[];
}

let panel: Panel;
let admin: Visitor; // staff: the house's tenant
let nora: Visitor; // owner of another tenant
beforeAll(async () => {
  ({ panel } = await Panel.ready());
  await panel.add_stranger("nora");
  admin = panel.visitor();
  nora = panel.visitor("127.0.9.2");
  expect((await admin.sign_in("maria", password)).status).toBe(201);
  expect((await nora.sign_in("nora", password)).status).toBe(201);
});
afterAll(() => panel.stop());

async function put(visitor: Visitor, id: string, peer_group: unknown): Promise<Answer<Accepted & Problem & Server>> {
  const tag = (await visitor.get<Server>(`/servers/${id}`)).headers.etag ?? "";
  return visitor.patch(`/servers/${id}`, { peer_group }, { "if-match": tag });
}
async function joined(visitor: Visitor, id: string, peer_group: string | null): Promise<Server> {
  const answer = await put(visitor, id, peer_group);
  expect(answer.status, answer.text).toBe(202);
  expect(answer.headers.location).toBe(`/api/v1/jobs/${answer.body.job.id}`);
  const job = await finished(visitor, answer.body.job.id);
  expect([job.type, job.state]).toEqual(["server.regroup", "succeeded"]);
  return (await visitor.get<Server>(`/servers/${id}`)).body;
}
const groups = async (visitor: Visitor, path = "/peer-groups") =>
  (await visitor.get<Groups>(path)).body.items.map((group) => [group.name, group.members.map((member) => member.name)]);
// What the engine holds: its numbers of groups.
const number_at_engine = (server: Server) => {
  const state = JSON.stringify(JSON.parse(panel.engine_state()));
  return Number(new RegExp(`"mac":"${server.mac}"[^}]*"peer_group":(\\d+)`).exec(state)?.[1]);
};

describe("a peer group", () => {
  it("is joined by a job while the server runs, shown, and left", async () => {
    const a = await made(admin, "a");
    const b = await made(admin, "b");
    expect(a.peer_group).toBeUndefined();
    expect(await joined(admin, a.id, "crew")).toMatchObject({ peer_group: "crew", state: "running" });
    await joined(admin, b.id, "crew");
    expect(await groups(admin)).toEqual([["crew", ["a", "b"]]]);
    expect(number_at_engine(a)).toBeGreaterThan(0);
    expect(number_at_engine(a)).toBe(number_at_engine(b));
    const again = await put(admin, a.id, "crew");
    expect([again.status, again.body.peer_group]).toEqual([200, "crew"]);
    expect((await joined(admin, a.id, null)).peer_group).toBeUndefined();
    expect(number_at_engine(a)).toBe(0);
    await joined(admin, b.id, null);
    expect(await groups(admin)).toEqual([]);
  });

  it("can be chosen for a new server", async () => {
    const tried = await admin.post<{ server: Server }>("/servers?dry_run=true", { ...wish("c"), peer_group: "dock" });
    expect([tried.status, tried.body.server.peer_group]).toEqual([200, "dock"]);
    expect(await groups(admin)).toEqual([]);
    const answer = await admin.post<Accepted>("/servers", { ...wish("c"), peer_group: "dock" });
    expect(answer.body.server).toMatchObject({ peer_group: "dock" });
    await finished(admin, answer.body.job.id);
    expect(await groups(admin)).toEqual([["dock", ["c"]]]);
  });

  it("never joins two tenants, whatever its name", async () => {
    const mine = await made(admin, "mine");
    const hers = await made(nora, "hers");
    await joined(admin, mine.id, "crew");
    await joined(nora, hers.id, "crew");
    expect(number_at_engine(mine)).not.toBe(number_at_engine(hers));
    expect(await groups(nora)).toEqual([["crew", ["hers"]]]);
    expect(await groups(nora, `/servers/${hers.id}/peer-groups`)).toEqual([["crew", ["hers"]]]);
    // Staff who look at her server see her tenant's groups, not the house's.
    expect(await groups(admin, `/servers/${hers.id}/peer-groups`)).toEqual([["crew", ["hers"]]]);
    expect((await nora.get(`/servers/${mine.id}/peer-groups`)).status).toBe(404);
    expect((await put(nora, mine.id, "crew")).status).toBe(404);
    // Staff put her server into a group: it is her tenant's.
    await joined(admin, hers.id, "dock");
    expect(await groups(nora)).toEqual([["dock", ["hers"]]]);
    expect((await groups(admin)).find(([name]) => name === "dock")).toEqual(["dock", ["c"]]);
  });

  it("has a name like other names", async () => {
    const { id } = await made(admin, "picky");
    for (const bad of ["", "x".repeat(64), " a", "a\nb", "a\u0000b", 7, ["crew"], { name: "crew" }]) {
      const answer = await put(admin, id, bad);
      expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, "/peer_group"]);
      const created = await admin.post<Problem>("/servers", { ...wish("never"), peer_group: bad });
      expect([created.status, created.body.errors?.[0]?.pointer]).toEqual([422, "/peer_group"]);
    }
    expect((await admin.patch(`/servers/${id}`, { peer_group: "crew" })).status).toBe(428);
    expect((await admin.patch(`/servers/${id}`, { peer_group: "crew" }, { "if-match": '"99"' })).status).toBe(412);
    expect((await admin.patch(`/servers/${id}`, {}, { "if-match": '"1"' })).status).toBe(422);
    expect((await put(admin, `srv_${"9".repeat(32)}`, "crew")).status).toBe(404);
  });
});

describe("the machine's memory", () => {
  it("is promised once, however many ask at the same time", async () => {
    interface Host {
      host: { memory_to_sell_bytes: number; memory_promised_bytes: number };
    }
    const before = (await admin.get<Host>("/host")).body.host;
    const plans = (await admin.get<{ items: { name: string; memory_bytes: number }[] }>("/plans")).body.items;
    const large = plans.find((plan) => plan.name === "large")!.memory_bytes;
    const room = Math.floor(before.memory_to_sell_bytes / large);
    expect(room).toBeGreaterThan(1);
    const answers = await Promise.all(
      Array.from({ length: room + 5 }, (_, i) => admin.post<Accepted & Problem>("/servers", { ...wish(`large-${i}`), plan: "large", start: false })),
    );
    expect(answers.filter((answer) => answer.status === 202).length).toBe(room);
    const refused = answers.filter((answer) => answer.status !== 202);
    for (const answer of refused) {
      expect([answer.status, answer.body.type]).toEqual([409, "/problems/memory-promised"]);
      expect(answer.body.errors?.[0]?.pointer).toBe("/plan");
      expect(answer.body.errors?.[0]?.message).toMatch(/: \d+ MiB is free$/);
    }
    const after = (await admin.get<Host>("/host")).body.host;
    expect(after.memory_promised_bytes).toBe(before.memory_promised_bytes + room * large);
    expect(after.memory_to_sell_bytes).toBe(before.memory_to_sell_bytes - room * large);
    for (const answer of answers) if (answer.status === 202) await finished(admin, answer.body.job.id);
  });
});
