// Consoles over WebSocket, on the engine in memory (threats 16 and 23).
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { finished, made, type Accepted, type Server } from "../support/nouns";
import { Panel, password } from "../support/panel";
import { until } from "../support/stack";
import type { Console, Problem, Visitor } from "../support/visitor";

let panel: Panel;
let admin: Visitor;
let vm: Server;
let container: Server;
beforeAll(async () => {
  ({ panel, admin } = await Panel.ready());
  vm = await made(admin, "vm", "vm");
  container = await made(admin, "container", "container");
});
afterAll(() => panel.stop());

interface Ticket {
  ticket: string;
  url: string;
  expires_at: string;
}
const ticket = async (server: Server, kind = "serial") => (await admin.post<Ticket>(`/servers/${server.id}/console-tickets`, { kind })).body;
async function open(server: Server, kind = "serial"): Promise<Console> {
  const console = admin.console((await ticket(server, kind)).url);
  await until("the console", () => console.opened);
  return console;
}

describe("a console", () => {
  it("shows what the guest wrote and takes what is typed", async () => {
    const console = await open(vm);
    expect(console.socket.protocol).toBe("binary");
    await until("the prompt", () => console.text.includes("login:"));
    console.type("root\r");
    await until("a shell", () => console.text.includes("$ "));
    console.type("echo two words\r");
    await until("the answer", () => /\ntwo words\r?\n/.test(console.text));
    console.close();
  });

  it("of a VM shows its screen by RFB", async () => {
    const screen = await open(vm, "vnc");
    await until("the protocol's first words", () => screen.bytes.length >= 12);
    expect(screen.text).toMatch(/^RFB 003\.00[38]\n/);
    screen.close();
  });

  it("of a container has no screen", async () => {
    const answer = await admin.post<Problem>(`/servers/${container.id}/console-tickets`, { kind: "vnc" });
    expect(answer.status).toBe(422);
  });

  it("takes the terminal's size, within bounds", async () => {
    const console = await open(container);
    console.socket.send(JSON.stringify({ resize: { columns: 100, rows: 30 } }));
    console.type("\r");
    await until("an answer", () => console.text.length > 0);
    console.close();
    for (const size of [{ columns: 0, rows: 24 }, { columns: -1, rows: 24 }, { columns: "9223372036854775808", rows: 24 }, { columns: 2000, rows: 24 }, { columns: 80 }]) {
      const wrong = await open(container);
      wrong.socket.send(JSON.stringify({ resize: size }));
      await until("its end", () => wrong.code !== undefined, 5);
      expect(wrong.code).toBe(1007);
    }
  });

  it("ends when its guest stops", async () => {
    const server = await made(admin, "short-lived", "vm");
    const console = await open(server);
    await until("the prompt", () => console.text.includes("login:"));
    const stop = await admin.post<Accepted>(`/servers/${server.id}/power`, { act: "power_off" });
    await finished(admin, stop.body.job.id);
    await until("its end", () => console.code !== undefined, 5);
    expect(console.code).toBe(4000);
    expect((await admin.post<Problem>(`/servers/${server.id}/console-tickets`, { kind: "serial" })).status).toBe(409);
  });
});

describe("a ticket", () => {
  it("opens one console, once", async () => {
    const { url } = await ticket(vm);
    const first = admin.console(url);
    await until("the console", () => first.text.length > 0);
    const second = admin.console(url);
    await until("the refusal", () => second.code !== undefined);
    expect([second.code, second.text]).toEqual([4002, ""]);
    first.close();
  });

  it("lives for a minute at most", async () => {
    const { expires_at } = await ticket(vm);
    expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(60_000);
  });

  it("that nobody gave opens nothing", async () => {
    for (const url of ["/api/v1/console", "/api/v1/console?ticket=", `/api/v1/console?ticket=${"A".repeat(43)}`, "/api/v1/console?ticket=%00"]) {
      const console = admin.console(url);
      await until("the refusal", () => console.code !== undefined || console.refused !== undefined);
      expect(console.code ?? console.refused).toSatisfy((code: number) => code === 4002 || code === 1006 || code >= 400);
      expect(console.text).toBe("");
    }
  });

  it("is worth nothing to another site's page", async () => {
    for (const origin of ["https://evil.example", "null", `http://127.0.0.1:${panel.port}`, `https://127.0.0.1:${panel.port}.evil.example`]) {
      const { url } = await ticket(vm);
      const forged = admin.console(url, { origin });
      await until("the refusal", () => forged.refused !== undefined);
      expect(forged.refused).toBe(403);
      const own = admin.console(url);
      await until("the console of the right page", () => own.opened && own.text.length > 0);
      own.close();
    }
    const { url } = await ticket(vm);
    const silent = admin.console(url, {});
    await until("the refusal", () => silent.refused !== undefined);
    expect(silent.refused).toBe(403);
  });

  it("of a session that ended opens nothing", async () => {
    const visitor = panel.visitor();
    await visitor.sign_in("maria", password);
    const { url } = (await visitor.post<Ticket>(`/servers/${vm.id}/console-tickets`, { kind: "serial" })).body;
    await visitor.remove("/sessions/current");
    const console = admin.console(url);
    await until("the refusal", () => console.code !== undefined);
    expect([4001, 4002]).toContain(console.code);
    expect(console.text).toBe("");
  });
});
