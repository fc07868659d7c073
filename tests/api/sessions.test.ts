// Sign-in, sessions and forged requests (threats 16 and 26).
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { made, wish } from "../support/nouns";
import { Panel, password } from "../support/panel";
import { until } from "../support/stack";
import type { Problem, Visitor } from "../support/visitor";

let panel: Panel;
let admin: Visitor;
beforeAll(async () => void ({ panel, admin } = await Panel.ready()));
afterAll(() => panel.stop());

interface Session {
  id: string;
  current: boolean;
  address: string;
  user_agent: string;
}
const sessions = async (visitor: Visitor) => (await visitor.get<{ items: Session[] }>("/sessions")).body.items;

async function signed_in(address = "127.0.0.1"): Promise<Visitor> {
  const visitor = panel.visitor(address);
  expect((await visitor.sign_in("maria", password)).status).toBe(201);
  return visitor;
}

describe("signing in", () => {
  it("gives a cookie that no script and no other site gets", async () => {
    const answer = await panel.visitor().sign_in("maria", password);
    const cookie = answer.headers["set-cookie"]![0]!;
    expect(cookie).toMatch(/^__Host-berth_session=[A-Za-z0-9_-]{43}; /);
    for (const part of ["Path=/", "Secure", "HttpOnly", "SameSite=Strict"]) expect(cookie).toContain(part);
    expect(cookie).not.toContain("Domain");
    expect(answer.text).not.toContain(cookie.split(/[=;]/)[1]!);
  });

  it("never goes on with a session that was there before (fixation)", async () => {
    const visitor = panel.visitor();
    visitor.cookie = `__Host-berth_session=${"A".repeat(43)}`;
    await visitor.sign_in("maria", password);
    expect(visitor.cookie).not.toContain("AAAA");
    const former = visitor.cookie;
    await visitor.sign_in("maria", password);
    expect(visitor.cookie).not.toBe(former);
    const planted = panel.visitor();
    planted.cookie = former;
    expect((await planted.get("/me")).status).toBe(401);
  });

  it("says the same whether the name or the password is wrong", async () => {
    const one = await panel.visitor("127.0.1.1").sign_in("maria", "not the password");
    const two = await panel.visitor("127.0.1.1").sign_in("nobody", "not the password");
    expect([one.status, one.text]).toEqual([two.status, two.text]);
    expect(one.status).toBe(401);
  });

  it("closes after five wrong passwords, whatever address a header claims", async () => {
    const visitor = panel.visitor("127.0.2.1");
    const claims = (i: number) => ({ "x-forwarded-for": `198.51.100.${i}`, forwarded: `for=198.51.100.${i}`, "x-real-ip": `198.51.100.${i}` });
    for (let i = 0; i < 5; i++) expect((await visitor.sign_in("maria", "not the password", claims(i))).status).toBe(401);
    const refused = await visitor.sign_in("maria", password, claims(9));
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(600);
    expect((await panel.visitor("127.0.2.2").sign_in("maria", password)).status).toBe(201);
    expect((await sessions(admin)).some((session) => session.address.startsWith("198."))).toBe(false);
  });

  it("lets only five of many parallel guesses through", async () => {
    const answers = await Promise.all(Array.from({ length: 12 }, () => panel.visitor("127.0.3.1").sign_in("unknown", "not the password")));
    expect(answers.filter((answer) => answer.status === 401).length).toBe(5);
    expect(answers.filter((answer) => answer.status === 429).length).toBe(7);
  });
});

describe("a forged request", () => {
  it.each([
    ["without a token", { "x-berth-csrf": "" }],
    ["with another token", { "x-berth-csrf": "0".repeat(64) }],
    ["from another site", { "sec-fetch-site": "cross-site" }],
  ])("%s changes nothing", async (_, headers) => {
    const answer = await admin.post<Problem>("/servers", wish("forged"), headers as Record<string, string>);
    expect([answer.status, answer.body.type]).toEqual([403, "/problems/csrf"]);
    expect((await admin.get<{ items: unknown[] }>("/servers")).body.items).toEqual([]);
  });

  it("with the token of another session changes nothing", async () => {
    const other = await signed_in();
    const answer = await admin.post<Problem>("/servers", wish("forged"), { "x-berth-csrf": other.csrf });
    expect(answer.body.type).toBe("/problems/csrf");
  });

  it("that a form could send is refused by its type", async () => {
    for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
      expect((await admin.post("/servers", JSON.stringify(wish("forged")), { "content-type": type })).status).toBe(415);
  });
});

describe("a session", () => {
  it("is listed, and ends at once when it is revoked", async () => {
    const other = await signed_in("127.0.4.1");
    const listed = (await sessions(admin)).find((session) => session.address === "127.0.4.1")!;
    expect(listed.current).toBe(false);
    expect((await admin.remove(`/sessions/${listed.id}`)).status).toBe(204);
    expect((await other.get("/me")).status).toBe(401);
    expect((await admin.remove(`/sessions/${listed.id}`)).status).toBe(404);
    expect((await admin.remove("/sessions/nonsense")).status).toBe(404);
  });

  it("ends by signing out", async () => {
    const visitor = await signed_in();
    const cookie = visitor.cookie;
    expect((await visitor.remove("/sessions/current")).status).toBe(204);
    visitor.cookie = cookie;
    expect((await visitor.get("/me")).status).toBe(401);
  });

  it("takes its event stream and its consoles with it within five seconds", async () => {
    const server = await made(admin, "watched", "vm");
    const visitor = await signed_in("127.0.5.1");
    const stream = await visitor.events();
    const ticket = (await visitor.post<{ url: string }>(`/servers/${server.id}/console-tickets`, { kind: "serial" })).body;
    const console = visitor.console(ticket.url);
    await until("the console's greeting", () => console.text.includes("login:"));
    const mine = (await sessions(visitor)).find((session) => session.current)!;
    await admin.remove(`/sessions/${mine.id}`);
    await until("the end of the stream", () => stream.ended, 5);
    await until("the end of the console", () => console.code === 4001, 5);
  });

  it("ends everywhere else when the password is changed", async () => {
    const here = await signed_in();
    const there = await signed_in();
    const wrong = await here.put<Problem>("/me/password", { current_password: "wrong", new_password: "another long passphrase" });
    expect([wrong.status, wrong.body.errors?.[0]?.pointer]).toEqual([403, "/current_password"]);
    const weak = await here.put<Problem>("/me/password", { current_password: password, new_password: "maria12345" });
    expect([weak.status, weak.body.errors?.[0]?.pointer]).toEqual([422, "/new_password"]);
    expect((await here.put("/me/password", { current_password: password, new_password: "another long passphrase" })).status).toBe(204);
    expect((await here.get("/me")).status).toBe(200);
    expect((await there.get("/me")).status).toBe(401);
    expect((await here.put("/me/password", { current_password: "another long passphrase", new_password: password })).status).toBe(204);
  });
});
