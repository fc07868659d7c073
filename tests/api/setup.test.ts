import { spawnSync } from "node:child_process";
import { createHash, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { bin, Panel, password } from "../support/panel";
import type { Problem } from "../support/visitor";

describe("the first start", () => {
  let panel: Panel;
  beforeEach(async () => void (panel = await Panel.start({ engine: false })));
  afterEach(() => panel.stop());

  it("greets with lines that a program can read", () => {
    expect(panel.lines.get("url")).toBe(`https://127.0.0.1:${panel.port}/`);
    expect(panel.setup_code).toMatch(/^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/);
    const der = new X509Certificate(panel.certificate).raw;
    const fingerprint = createHash("sha256").update(der).digest("hex").toUpperCase().match(/../g)!.join(":");
    expect(panel.lines.get("fingerprint")).toBe(fingerprint);
  });

  it("makes one administrator with the code, and no second one", async () => {
    const first = panel.visitor();
    expect((await first.get<{ needed: boolean }>("/setup")).body.needed).toBe(true);
    expect((await first.set_up(panel.setup_code, "maria", password)).status).toBe(201);
    expect((await first.get<{ user: { name: string; role: string } }>("/me")).body.user).toMatchObject({ name: "maria", role: "superadmin" });
    expect((await first.get<{ needed: boolean }>("/setup")).body.needed).toBe(false);
    const second = await panel.visitor().post<Problem>("/setup", { code: panel.setup_code, name: "otto", password });
    expect(second.status).toBe(409);
    expect(second.body.type).toBe("/problems/already-set-up");
  });

  it("keeps the language of the installation, for whoever has chosen none", async () => {
    const first = panel.visitor();
    const told = async () => (await panel.visitor().get<{ language?: string | null }>("/setup")).body.language ?? null;
    expect(await told()).toBe(null);
    expect((await first.post("/setup", { code: panel.setup_code, name: "maria", password, language: "klingon" })).status).toBe(422);
    expect((await first.put("/language", { language: "de" })).status).toBe(401);
    expect((await first.post("/setup", { code: panel.setup_code, name: "maria", password, language: "pl" })).status).toBe(201);
    expect(await told()).toBe("pl");
    expect((await first.sign_in("maria", password)).status).toBe(201);
    expect((await first.put("/language", { language: "de" })).status).toBe(204);
    expect(await told()).toBe("de");
  });

  it("refuses a wrong code and a weak password by name", async () => {
    const visitor = panel.visitor();
    const wrong = await visitor.post<Problem>("/setup", { code: "AAAA-AAAA-AAAA", name: "maria", password });
    expect([wrong.status, wrong.body.errors?.[0]?.pointer]).toEqual([403, "/code"]);
    const weak = await visitor.post<Problem>("/setup", { code: panel.setup_code, name: "maria", password: "password123" });
    expect([weak.status, weak.body.errors?.[0]?.pointer]).toEqual([422, "/password"]);
    expect((await visitor.get<{ needed: boolean }>("/setup")).body.needed).toBe(true);
  });

  it("slows down who guesses codes", async () => {
    const visitor = panel.visitor();
    for (let i = 0; i < 10; i++) expect((await visitor.post("/setup", { code: "AAAA-AAAA-AAAA", name: "maria", password })).status).toBe(403);
    const refused = await visitor.post("/setup", { code: panel.setup_code, name: "maria", password });
    expect(refused.status).toBe(429);
    expect(Number(refused.headers["retry-after"])).toBeGreaterThan(0);
  });

  it("prints another code at the next start, and none once it is set up", async () => {
    const former = panel.setup_code;
    await panel.stop_panel();
    await panel.start_panel();
    expect(panel.setup_code).not.toBe(former);
    const visitor = panel.visitor();
    expect((await visitor.post("/setup", { code: former, name: "maria", password })).status).toBe(403);
    expect((await visitor.set_up(panel.setup_code, "maria", password)).status).toBe(201);
    await panel.stop_panel();
    await panel.start_panel();
    expect(panel.lines.has("setup-code")).toBe(false);
  });

  it("keeps its certificate, stops in order, and leaves nothing readable to others", async () => {
    const before = panel.lines.get("fingerprint");
    expect(await panel.stop_panel()).toBe(0);
    await panel.start_panel();
    expect(panel.lines.get("fingerprint")).toBe(before);
    const mode = spawnSync("stat", ["-c", "%a", `${panel.folder}/state`, `${panel.folder}/state/berth.db`, `${panel.folder}/state/tls/panel.key`], { encoding: "utf8" });
    expect(mode.stdout.trim().split("\n")).toEqual(["700", "600", "600"]);
    expect(readFileSync(`${panel.folder}/state/berth.db`).includes(password)).toBe(false);
  });
});

describe("berthd", () => {
  it("does not run as root", () => {
    const run = spawnSync(`${bin}/berthd`, ["--state", "/nonexistent"], { encoding: "utf8" });
    expect(run.status).toBe(77);
    expect(run.stderr).toContain("user berth");
  });

  it("says what is wrong with its command line", () => {
    const run = spawnSync(`${bin}/berthd`, ["--listen", "somewhere"], { encoding: "utf8", uid: 940, gid: 940, cwd: "/tmp" });
    expect(run.status).not.toBe(0);
  });
});
