// Whatever is wrong is named, and nothing changes (threats 24 and 27).
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { type Page, type Server, wish } from "../support/nouns";
import { Panel } from "../support/panel";
import type { Problem, Visitor } from "../support/visitor";

let panel: Panel;
let admin: Visitor;
beforeAll(async () => {
  ({ panel, admin } = await Panel.ready());
  const cookie = admin.cookie;
  const csrf = admin.csrf;
  await panel.stop_panel();
  // A plan larger than the machine, one smaller than the image, and a pool whose last address is taken below.
  panel.sql(`INSERT INTO plans (id, name, vcpus, memory_bytes, disk_bytes) VALUES
    ('pln_${"0".repeat(31)}1', 'wide', 512, 134217728, 1073741824),
    ('pln_${"0".repeat(31)}2', 'vast', 1, 70368744177664, 1073741824),
    ('pln_${"0".repeat(31)}3', 'deep', 1, 134217728, 70368744177664),
    ('pln_${"0".repeat(31)}4', 'crumb', 1, 4194304, 16777216)`);
  await panel.start_panel();
  admin = panel.visitor();
  admin.cookie = cookie;
  admin.csrf = csrf;
});
afterAll(() => panel.stop());
afterEach(async () => expect((await admin.get<Page<Server>>("/servers")).body.items).toEqual([]));

async function refused(body: unknown, status: number, pointer?: string, message?: RegExp): Promise<void> {
  const answer = await admin.post<Problem>("/servers", body);
  expect(answer.headers["content-type"]).toBe("application/problem+json");
  expect([answer.status, answer.body.status], answer.text).toEqual([status, status]);
  if (pointer === undefined) return;
  const field = answer.body.errors?.find((error) => error.pointer === pointer);
  expect(field, answer.text).toBeDefined();
  expect(field!.code, "a person's language has words for rules alone").toMatch(/^(?!refused$)[a-z0-9_]+$/);
  if (message) expect(field!.message).toMatch(message);
}

describe("an address that leads nowhere", () => {
  const ask = (path: string, accept: string) => admin.ask<Problem>("GET", path, undefined, { accept });
  it("is told to a browser by a page, to a program by a problem", async () => {
    for (const path of ["//gone", "//servers/a/b/c"]) {
      const page = await ask(path, "text/html,application/xhtml+xml,*/*;q=0.8");
      expect([page.status, page.headers["content-type"]]).toEqual([404, "text/html; charset=utf-8"]);
      expect((await ask(path, "*/*")).headers["content-type"]).toBe("application/problem+json");
    }
    for (const path of ["//api/v1/gone", "//assets/gone.js"]) {
      const answer = await ask(path, "text/html");
      expect([answer.status, answer.headers["content-type"]]).toEqual([404, "application/problem+json"]);
    }
    expect((await ask("//servers/srv_1/console", "text/html")).status).toBe(200);
  });
});

describe("creating a server", () => {
  it.each([
    ["an unknown key", { ...wish("a"), colour: "red" }, "/colour", /not known/],
    ["a missing key", { image: "tiny", plan: "tiny" }, "/name", /required/],
    ["a number for a name", { ...wish("a"), name: 7 }, "/name", /string/],
    ["a text for a truth", { ...wish("a"), start: "yes" }, "/start", /true or false/],
    ["a text for a list", { ...wish("a"), ssh_keys: "ssh-ed25519 AAAA" }, "/ssh_keys", /list/],
    ["an empty name", wish(""), "/name", /empty/],
    ["a name with CR and LF", wish("a\r\nb"), "/name", /control characters/],
    ["a name with NUL", wish("a\u0000b"), "/name", /control characters/],
    ["a name with a line separator", wish("a\u2028b"), "/name", /control characters/],
    ["a name of blanks", wish("   "), "/name", /blank/],
    ["a long name", wish("x".repeat(64)), "/name", /at most 63/],
    ["a host name that is none", { ...wish("a"), hostname: "Über.example" }, "/hostname", /./],
    ["a host name with a line break", { ...wish("a"), hostname: "a\nb" }, "/hostname", /./],
    ["a key that is none", { ...wish("a"), ssh_keys: ["not a key at all, really"] }, "/ssh_keys/0", /./],
    ["a key with a second line", { ...wish("a"), ssh_keys: ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMq\nroot"] }, "/ssh_keys/0", /control characters/],
    ["too many keys", { ...wish("a"), ssh_keys: Array(17).fill("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMq") }, "/ssh_keys", /at most 16/],
    ["a short password", { ...wish("a"), password: "short" }, "/password", /at least 8/],
    ["an image that is not there", { ...wish("a"), image: "no-such-image" }, "/image", /no such image/],
    ["an image id that is not there", { ...wish("a"), image: `img_${"0".repeat(32)}` }, "/image", /no such image/],
    ["a plan that is not there", { ...wish("a"), plan: "no-such-plan" }, "/plan", /no such plan/],
    ["more processors than the machine", { ...wish("a"), plan: "wide" }, "/plan", /processor/],
    ["more memory than the machine", { ...wish("a"), plan: "vast" }, "/plan", /memory/],
    ["more disk than the machine", { ...wish("a"), plan: "deep" }, "/plan", /disk|storage/],
    ["less than the image needs", { ...wish("a"), plan: "crumb" }, "/plan", /image/],
  ])("with %s is refused and says where", async (_, body, pointer, message) => refused(body, 422, pointer, message));

  it("names every bad field at once", async () => {
    const answer = await admin.post<Problem>("/servers", { name: "", image: 1, colour: "red" });
    expect(answer.body.errors!.map((error) => error.pointer).sort()).toEqual(["/colour", "/image", "/name", "/plan"]);
  });

  it.each([
    ["nothing", ""],
    ["half an object", '{"name":'],
    ["two values", '{"name":"a"} {}'],
    ["a key that stands twice", '{"name":"a","name":"b","image":"tiny","plan":"tiny"}'],
    ["bytes that are no UTF-8", Buffer.from('{"name":"\xff"}', "latin1").toString("latin1")],
    ["a comment", '{/* */"name":"a"}'],
    ["a million brackets", "[".repeat(500_000)],
  ])("with %s for a body is refused", async (_, body) => {
    const answer = await admin.post<Problem>("/servers", body);
    expect([400, 413, 422]).toContain(answer.status);
    expect(answer.headers["content-type"]).toBe("application/problem+json");
  });

  it("with a body that is too large is refused", async () => {
    const answer = await admin.post("/servers", JSON.stringify({ ...wish("a"), hostname: "x".repeat(2 << 20) })).catch(() => ({ status: 413 }));
    expect(answer.status).toBe(413);
  });

  it("without a free address says so", async () => {
    const cookie = admin.cookie;
    const csrf = admin.csrf;
    await panel.stop_panel();
    panel.sql(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 254)
      INSERT OR IGNORE INTO addresses (pool_id, address, server_id) SELECT pools.id, pools.network + n.i, NULL FROM pools, n`);
    await panel.start_panel();
    admin = panel.visitor();
    admin.cookie = cookie;
    admin.csrf = csrf;
    const answer = await admin.post<Problem>("/servers", wish("a"));
    expect([answer.status, answer.body.type]).toEqual([409, "/problems/pool-empty"]);
    expect((await admin.get<{ host: { pool: { addresses_free: number } } }>("/host")).body.host.pool.addresses_free).toBe(0);
  });
});

describe("numbers", () => {
  it.each(["0", "-1", "101", "9223372036854775808", "1e2", "1.5", "0x10", " 1", "", "ten"])("a limit of %j is refused by name", async (limit) => {
    const answer = await admin.get<Problem>(`/servers?limit=${encodeURIComponent(limit)}`);
    expect([answer.status, answer.body.errors?.[0]?.pointer]).toEqual([422, "?limit"]);
  });

  it("unknown and repeated parameters are refused by name", async () => {
    expect((await admin.get<Problem>("/servers?colour=red")).body.errors?.[0]?.pointer).toBe("?colour");
    expect((await admin.get<Problem>("/servers?limit=1&limit=2")).body.errors?.[0]?.pointer).toBe("?limit");
    expect((await admin.get<Problem>("/servers?cursor=nonsense")).body.errors?.[0]?.pointer).toBe("?cursor");
    expect((await admin.get<Problem>("/jobs?state=sleeping")).body.errors?.[0]?.pointer).toBe("?state");
    expect((await admin.get<Problem>("/jobs?server=nonsense")).body.errors?.[0]?.pointer).toBe("?server");
  });

});

describe("addresses", () => {
  it("that are no id lead nowhere", async () => {
    for (const id of ["nonsense", "srv_", `srv_${"g".repeat(32)}`, `job_${"0".repeat(32)}`, `srv_${"0".repeat(32)}`, "%2e%2e", "srv_%00"])
      expect([400, 404]).toContain((await admin.get(`/servers/${id}`)).status);
  });

  it("with a wrong method say which ones are right", async () => {
    const answer = await admin.put<Problem>("/servers", {});
    expect([answer.status, answer.headers.allow]).toEqual([405, "GET, POST"]);
  });
});
