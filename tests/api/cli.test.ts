// The command line over the panel's socket.
import { spawn, spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bin, Panel, password } from "../support/panel";
import { until } from "../support/stack";
import type { Server } from "../support/nouns";

let panel: Panel;
beforeAll(async () => void ({ panel } = await Panel.ready()));
afterAll(() => panel.stop());

describe("berth", () => {
  it("creates a server, waits, lists, shows, stops and deletes it", () => {
    const create = panel.berth(["server", "create", "web-1", "--image", "tiny", "--plan", "tiny", "--wait"]);
    expect([create.code, create.err]).toEqual([0, expect.stringMatching(/\[1\/\d\] .*: done/)]);
    expect(panel.berth(["server", "list"]).out).toMatch(/^NAME +STATE +KIND[^\n]+\nweb-1 +running +container +10\.77\.0\.\d+/);
    const shown = JSON.parse(panel.berth(["server", "show", "web-1", "--output", "json"]).out) as Server;
    expect(shown).toMatchObject({ name: "web-1", state: "running" });
    expect(panel.berth(["server", "show", shown.id, "-o", "yaml"]).out).toContain('state: "running"');
    expect(panel.berth(["server", "rename", "web-1", "web-2"]).code).toBe(0);
    expect(panel.berth(["server", "group", "web-2", "crew", "--wait"]).code).toBe(0);
    expect(panel.berth(["server", "show", "web-2"]).out).toMatch(/Group +crew/);
    expect(JSON.parse(panel.berth(["server", "list", "-o", "json"]).out)).toMatchObject([{ peer_group: "crew" }]);
    expect(panel.berth(["server", "group", "web-2", "crew"]).code).toBe(0);
    expect(panel.berth(["server", "group", "web-2", "--none", "--wait"]).code).toBe(0);
    expect(panel.berth(["server", "show", "web-2"]).out).not.toMatch(/Group/);
    expect(panel.berth(["server", "group", "web-2"]).code).toBe(2);
    expect(panel.berth(["server", "group", "web-2", "crew", "--none"]).code).toBe(2);
    expect(panel.berth(["server", "stop", "web-2", "--wait"]).code).toBe(0);
    expect(panel.berth(["server", "start", "web-2", "--wait"]).code).toBe(0);
    expect(panel.berth(["server", "restart", "web-2", "--wait"]).code).toBe(0);
    const unconfirmed = panel.berth(["server", "delete", "web-2"]);
    expect([unconfirmed.code, unconfirmed.err]).toEqual([1, expect.stringContaining("--yes")]);
    expect(panel.berth(["server", "delete", "web-2", "--yes", "--wait"]).code).toBe(0);
    expect(JSON.parse(panel.berth(["server", "list", "-o", "json"]).out)).toEqual([]);
  });

  it("tells images, plans, the machine and its jobs", () => {
    expect(panel.berth(["image", "list"]).out).toMatch(/tiny-vm +Tiny vm +vm +ready/);
    expect(panel.berth(["plan", "list"]).out).toMatch(/^NAME/);
    expect(panel.berth(["host"]).out).toMatch(/Engine answers +yes/);
    const jobs = JSON.parse(panel.berth(["job", "list", "-o", "json"]).out) as { id: string }[];
    expect(jobs.length).toBeGreaterThan(1);
    expect(panel.berth(["job", "show", jobs[0]!.id]).out).toContain("STEP");
    expect(panel.berth(["job", "follow", jobs[0]!.id]).code).toBe(0);
  });

  it("shows the machine itself, and changes it", () => {
    const json = (...words: string[]) => JSON.parse(panel.berth(["machine", ...words, "-o", "json"]).out) as Record<string, unknown>;
    expect(panel.berth(["machine", "show"]).out).toMatch(/Hostname +berth\n/);
    expect(json("show")).toMatchObject({ hostname: "berth", appliance: true });
    expect(panel.berth(["machine", "hostname", "quay", "--wait"]).code).toBe(0);
    expect(json("show")).toMatchObject({ hostname: "quay" });
    expect(panel.berth(["machine", "time", "Europe/Berlin", "--server", "ntp.example.org", "--wait"]).code).toBe(0);
    expect(json("show")["time"]).toMatchObject({ time_zone: "Europe/Berlin", ntp_servers: ["ntp.example.org"] });
    const wrong = panel.berth(["machine", "time", "Nowhere"]);
    expect([wrong.code, wrong.err]).toEqual([1, expect.stringContaining("/time_zone")]);
    writeFileSync(`${panel.folder}/keys`, "# mine\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBTCPxJSfXrZEGcsBVM2oBfWeHTyZb8UPBJ3WWZE0n0O admin@desk\n");
    expect(panel.berth(["machine", "ssh", "--key", `${panel.folder}/keys`, "--wait"]).code).toBe(0);
    expect(json("show")["ssh"]).toMatchObject({ enabled: true });
    expect(panel.berth(["machine", "ssh", "--off", "--wait"]).code).toBe(0);
    expect(json("show")["ssh"]).toMatchObject({ enabled: false, keys: [expect.stringContaining("admin@desk")] });
    expect(panel.berth(["machine", "ssh"]).code).toBe(1);
  });

  it("tries a network, keeps it, and takes another one back", () => {
    expect(panel.berth(["machine", "network", "show"]).out).toMatch(/^LINK +MAC[^]+enp1s0[^]+Kept:/);
    const kept = (JSON.parse(panel.berth(["machine", "network", "show", "-o", "json"]).out) as { kept: object }).kept;
    writeFileSync(`${panel.folder}/network.json`, JSON.stringify({ ...kept, dns: ["192.0.2.53"] }));
    expect(panel.berth(["machine", "network", "try", `${panel.folder}/network.json`, "--wait"]).code).toBe(0);
    expect(panel.berth(["machine", "network", "show"]).out).toContain("On trial for");
    expect(panel.berth(["machine", "network", "confirm", "--wait"]).code).toBe(0);
    expect(panel.berth(["machine", "network", "show"]).out).not.toContain("On trial for");
    expect(panel.berth(["machine", "network", "confirm", "--wait"]).code).toBe(0);
    expect(panel.berth(["machine", "network", "revert", "--wait"]).code).toBe(0);
    expect(panel.berth(["machine", "network", "try", "/nonexistent"]).code).toBe(4);
  });

  it("installs updates, chooses slots, and fetches a support bundle", () => {
    expect(panel.berth(["machine", "updates"]).out).toMatch(/^SLOT +VERSION[^]+Within reach:[^]+c0ffee01/);
    writeFileSync(`${panel.folder}/update`, Buffer.concat([Buffer.from("berth-bundle 2.0.0\n"), Buffer.alloc(2 << 20)]));
    expect(panel.berth(["machine", "install", `${panel.folder}/update`, "--wait"])).toMatchObject({ code: 0 });
    const now = () => JSON.parse(panel.berth(["machine", "updates", "-o", "json"]).out) as { next_slot: string };
    expect(now()).toMatchObject({ next_slot: "b", restart_needed: true });
    expect(panel.berth(["machine", "next-slot", "a", "--wait"]).code).toBe(0);
    expect(now().next_slot).toBe("a");
    expect(panel.berth(["machine", "install", "c0ffee01", "--wait"]).code).toBe(0);
    expect(panel.berth(["machine", "install", "c0ffee03"]).code).toBe(4);
    expect(panel.berth(["machine", "check-updates"])).toMatchObject({ code: 1, err: expect.stringContaining("channel") });
    expect(panel.berth(["machine", "support-bundle", `${panel.folder}/bundle.tar.gz`]).code).toBe(0);
    expect(readFileSync(`${panel.folder}/bundle.tar.gz`).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    expect(panel.berth(["machine", "certificate", "--wait"]).code).toBe(0);
  });

  it("ends the machine's uptime only when told so plainly", () => {
    for (const act of ["restart", "power-off", "factory-reset"]) {
      expect(panel.berth(["machine", act])).toMatchObject({ code: 1, err: expect.stringContaining("--yes") });
      expect(panel.berth(["machine", act, "--yes", "--wait"])).toMatchObject({ code: 0 });
    }
    expect(panel.berth(["completion"]).out).toMatch(/'machine network'\) words='[^']*confirm/);
  });

  it("says what is wrong by its exit code and its words", () => {
    const bad = panel.berth(["server", "create", "bad\nname", "--image", "tiny", "--plan", "tiny"]);
    expect([bad.code, bad.err]).toEqual([1, expect.stringContaining("/name: must not contain control characters")]);
    expect(panel.berth(["server", "show", "nobody"]).code).toBe(4);
    expect(panel.berth(["server", "dance"]).code).toBe(2);
    const nobody = spawnSync(`${bin}/berth`, ["--socket", "/nonexistent", "host"], { encoding: "utf8" });
    expect([nobody.status, nobody.stderr]).toEqual([3, expect.stringContaining("/nonexistent")]);
  });

  it("gives a user a new password and ends his sessions", async () => {
    const before = panel.visitor();
    await before.sign_in("maria", password);
    const reset = panel.berth(["admin", "reset-password", "maria", "-o", "json"]);
    const { password: fresh } = JSON.parse(reset.out) as { password: string };
    expect((await before.get("/me")).status).toBe(401);
    const after = panel.visitor("127.0.9.1");
    expect((await after.sign_in("maria", password)).status).toBe(401);
    expect((await after.sign_in("maria", fresh)).status).toBe(201);
    expect(panel.log.join("\n")).not.toContain(fresh);
  });

  it("is nobody for another user of this machine", () => {
    spawnSync("chmod", ["755", panel.folder]);
    spawnSync("chmod", ["666", panel.socket]);
    const run = spawnSync(`${bin}/berth`, ["--socket", panel.socket, "server", "list"], { encoding: "utf8", uid: 65534, gid: 65534, cwd: "/" });
    expect([run.status, run.stderr]).toEqual([1, expect.stringContaining("not signed in")]);
  });

  it("types into a console through a terminal, and Ctrl-] leaves", async () => {
    expect(panel.berth(["server", "create", "vm-1", "--image", "tiny-vm", "--plan", "tiny", "--wait"]).code).toBe(0);
    // script(1) gives it a terminal of its own.
    const terminal = spawn("script", ["-qec", `${bin}/berth --socket ${panel.socket} server console vm-1`, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
    let seen = "";
    terminal.stdout!.on("data", (bytes: Buffer) => (seen += bytes.toString()));
    await until("the prompt", () => seen.includes("login:"));
    terminal.stdin!.write("root\r");
    await until("a shell", () => seen.includes("$ "));
    terminal.stdin!.write("echo two words\r");
    await until("the answer", () => /\ntwo words\r?\n/.test(seen));
    const ended = new Promise<number | null>((done) => terminal.once("exit", (code) => done(code)));
    terminal.stdin!.write("\x1d");
    expect(await ended).toBe(0);
  });

  it("completes its own words", () => {
    const script = panel.berth(["completion"]).out;
    const words = (line: string[]) =>
      spawnSync("bash", ["-c", `${script}\nCOMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _berth; printf '%s\\n' "\${COMPREPLY[@]}"`, "bash", ...line],
        { encoding: "utf8", env: { ...process.env, PATH: `${bin}:${process.env.PATH}`, BERTH_SOCKET: panel.socket } }).stdout.trim().split("\n");
    expect(words(["berth", "se"])).toEqual(["server"]);
    expect(words(["berth", "server", "cre"])).toEqual(["create"]);
    expect(words(["berth", "server", "create", "--im"])).toEqual(["--image"]);
    expect(words(["berth", "server", "start", "vm"])).toEqual(["vm-1"]);
  });
});
