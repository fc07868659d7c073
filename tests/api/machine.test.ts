// The machine itself, through the API: what it says, what an administrator wants of it, and who is no administrator.
import { spawnSync } from "node:child_process";
import { createServer, request, type Server as HttpsServer } from "node:https";
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { connect } from "node:tls";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { components } from "../../web/api/openapi";
import { type Accepted, finished, type Job } from "../support/nouns";
import { Panel, password } from "../support/panel";
import { until } from "../support/stack";
import type { Answer, Problem, Visitor } from "../support/visitor";

type Machine = components["schemas"]["Machine"];
type NetworkSettings = components["schemas"]["NetworkSettings"];

let panel: Panel;
let admin: Visitor;
let member: Visitor; // of a tenant: no administrator
const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIBTCPxJSfXrZEGcsBVM2oBfWeHTyZb8UPBJ3WWZE0n0O admin@desk";
const bundle = (version: string, bytes = 0) => Buffer.concat([Buffer.from(`berth-bundle ${version}\n`), Buffer.alloc(bytes)]);

beforeAll(async () => {
  ({ panel, admin } = await Panel.ready());
  const { cookie, csrf } = admin;
  await panel.add_stranger("otto");
  admin = panel.visitor();
  Object.assign(admin, { cookie, csrf });
  member = panel.visitor("127.0.7.1");
  expect((await member.sign_in("otto", password)).status).toBe(201);
  await until("the machine's first look", async () => (await admin.get("/machine")).status === 200);
});
afterAll(() => panel.stop());

const machine = async () => (await admin.get<Machine>("/machine")).body;
async function ended(answer: Answer<Accepted>): Promise<Job> {
  expect(answer.status, answer.text).toBe(202);
  expect(answer.headers.location).toBe(`/api/v1/jobs/${answer.body.job.id}`);
  return finished(admin, answer.body.job.id);
}
async function well(answer: Answer<Accepted>): Promise<Job> {
  const job = await ended(answer);
  expect(job.state, JSON.stringify(job.error)).toBe("succeeded");
  return job;
}
function refused(answer: Answer<unknown>, fields: [string, string][]): void {
  expect(answer.status, answer.text).toBe(422);
  expect((answer.body as Problem).errors?.map(({ pointer, code }) => [pointer, code])).toEqual(fields);
}
const files = () => readdirSync(`${panel.folder}/state/machine`).filter((name) => name.startsWith("update-"));
const send = (who: Visitor, body: Buffer, headers: Record<string, string> = {}) =>
  who.send<Accepted>("/machine/updates", body, headers);

describe("the machine", () => {
  it("is shown as it last described itself", async () => {
    const now = await machine();
    expect(now).toMatchObject({ appliance: true, hostname: "berth", board: "pc-x86_64", version: "1.0.0", next_slot: "a", restart_needed: false, jobs: [] });
    expect(now.time).toMatchObject({ time_zone: "Etc/UTC", ntp: true });
    expect(now.network.kept.links.map((link) => link.name)).toEqual(["uplink"]);
    expect(now.network.tried).toBeUndefined();
    expect(now.slots.map((slot) => [slot.name, slot.booted])).toEqual([["a", true], ["b", false]]);
    expect(now.found_updates.map((one) => one.compatible)).toEqual([true, false]);
    expect(now.update_policy).toMatchObject({ channel_url: "", automatic: false });
    expect(now.certificate?.names).toContain("127.0.0.1");
    expect(now.last_check).toBeUndefined();
    expect(Math.abs(now.time.unix_seconds - Date.now() / 1000)).toBeLessThan(120);
  });

  it("gets a name, and tells browsers", async () => {
    const stream = await admin.events();
    await well(await admin.put("/machine/hostname", { hostname: "harbour" }));
    expect((await machine()).hostname).toBe("harbour");
    await until("the change", () => stream.seen.some((event) => event.type === "machine.changed"));
    expect(stream.seen.find((event) => event.type === "machine.wished")?.data.text).toContain("harbour");
    stream.close();
    refused(await admin.put("/machine/hostname", { hostname: "Has Blanks" }), [["/hostname", "not_hostname"]]);
  });

  it("gets a time zone and time servers", async () => {
    await well(await admin.put("/machine/time", { time_zone: "Europe/Warsaw", ntp: true, ntp_servers: ["ntp.example.org", "192.0.2.1"] }));
    expect((await machine()).time).toMatchObject({ time_zone: "Europe/Warsaw", ntp_servers: ["ntp.example.org", "192.0.2.1"] });
    refused(await admin.put("/machine/time", { time_zone: "Mars/Olympus", ntp: true, ntp_servers: [] }), [["/time_zone", "not_time_zone"]]);
    refused(await admin.put("/machine/time", { time_zone: "../etc/passwd", ntp: true, ntp_servers: ["a b"], unix_seconds: 1 }),
      [["/time_zone", "not_time_zone"], ["/ntp_servers/0", "not_server_name"], ["/unix_seconds", "only_without_ntp"]]);
  });

  it("opens SSH to keys alone", async () => {
    await well(await admin.put("/machine/ssh", { enabled: true, keys: [key] }));
    expect((await machine()).ssh).toEqual({ enabled: true, keys: [key] });
    refused(await admin.put("/machine/ssh", { enabled: true, keys: [] }), [["/keys", "no_ssh_key"]]);
    refused(await admin.put("/machine/ssh", { enabled: true, keys: ['command="sh" ' + key] }), [["/keys/0", "not_ssh_key"]]);
  });
});

describe("a network on trial", () => {
  const fixed = (address: string): NetworkSettings => ({
    links: [{
      name: "uplink", kind: "ethernet", cards: [], members: [], bond_mode: "active_backup",
      ipv4: { method: "fixed", address, gateway: "192.0.2.1" }, ipv6: { method: "off", address: "", gateway: "" },
    }],
    dns: ["192.0.2.53"], search: [],
  });
  const trial = (settings: NetworkSettings, confirm_within_s = 120) => admin.post<Accepted>("/machine/network/trial", { settings, confirm_within_s });

  it("is in force, counts down, and is kept when confirmed", async () => {
    await well(await trial(fixed("192.0.2.10/24")));
    const tried = (await machine()).network;
    expect(tried.tried?.links[0]?.ipv4.address).toBe("192.0.2.10/24");
    expect(tried.seconds_left).toBeGreaterThan(60);
    expect(tried.kept.links[0]?.ipv4.method).toBe("automatic");
    await until("the countdown", async () => (await machine()).network.seconds_left < tried.seconds_left);
    await well(await admin.post("/machine/network/confirmation"));
    const kept = (await machine()).network;
    expect([kept.tried, kept.kept.links[0]?.ipv4.address]).toEqual([undefined, "192.0.2.10/24"]);
  });

  it("is taken back when asked, and once more changes nothing", async () => {
    await well(await trial(fixed("192.0.2.11/24")));
    const job = await ended(await trial(fixed("192.0.2.12/24")));
    expect([job.state, job.error?.slug]).toEqual(["failed", "network-on-trial"]);
    await well(await admin.remove("/machine/network/trial"));
    await well(await admin.remove("/machine/network/trial"));
    const now = (await machine()).network;
    expect([now.tried, now.kept.links[0]?.ipv4.address]).toEqual([undefined, "192.0.2.10/24"]);
    expect((await ended(await admin.post("/machine/network/confirmation"))).error?.slug).toBe("network-not-on-trial");
  });

  it("says of each field what is wrong", async () => {
    const bad = fixed("192.0.2.10");
    bad.links.push({ ...bad.links[0]!, name: "lo", kind: "vlan", cards: [] });
    refused(await trial(bad), [
      ["/settings/links/0/ipv4/address", "not_ipv4_prefix"], ["/settings/links/1/name", "link_name_reserved"],
      ["/settings/links/1/parent", "required"], ["/settings/links/1/vlan_id", "required"], ["/settings/links/1/ipv4/address", "not_ipv4_prefix"],
    ]);
    refused(await trial(fixed("192.0.2.10/24"), 5), [["/confirm_within_s", "out_of_range"]]);
  });
});

describe("an update that is sent", () => {
  it("is streamed, installed into the other slot, and gone from the panel", async () => {
    const answer = await send(admin, bundle("2.0.0", 5 << 20));
    const job = await well(answer);
    expect(job.type).toBe("machine.install-update");
    const now = await machine();
    expect(now.slots.find((slot) => slot.name === "b")?.version).toBe("2.0.0");
    expect([now.next_slot, now.restart_needed, now.update.version]).toEqual(["b", true, "2.0.0"]);
    expect(files()).toEqual([]);
    const log = await admin.get<{ lines: { text: string }[] }>(`/jobs/${job.id}/log`);
    expect(log.body.lines.map((line) => line.text).join("\n")).toContain("2.0.0 is installed");
  });

  it("tells how far it has come, and goes on when the panel was killed", async () => {
    const answer = await send(admin, bundle("2.1.0"));
    expect(answer.status, answer.text).toBe(202);
    const id = answer.body.job.id;
    const seen = await until("progress", async () => {
      const job = (await admin.get<Job>(`/jobs/${id}`)).body;
      return job.activity === "Writing the slot" && job;
    });
    expect(seen.state).toBe("running");
    expect(await send(admin, bundle("2.2.0"))).toMatchObject({ status: 409, body: { type: "/problems/job-under-way" } });
    await panel.stop_panel("SIGKILL");
    await panel.start_panel();
    const { cookie, csrf } = admin;
    admin = panel.visitor();
    Object.assign(admin, { cookie, csrf });
    member = Object.assign(panel.visitor("127.0.7.1"), { cookie: member.cookie, csrf: member.csrf });
    expect(await finished(admin, id)).toMatchObject({ state: "succeeded", progress: 100 });
    expect((await machine()).slots.find((slot) => slot.name === "b")?.version).toBe("2.1.0");
    expect(files()).toEqual([]);
  });

  it("fails with the machine's reason, and leaves no file", async () => {
    const broken = await ended(await send(admin, bundle("3.0.0 broken")));
    expect([broken.state, broken.error?.message]).toEqual(["failed", "The update ends in the middle."]);
    expect(broken.can_retry && (await admin.post(`/jobs/${broken.id}/retry`)).status).toBe(409);
    const older = await ended(await send(admin, bundle("0.1.0")));
    expect([older.state, older.error?.slug]).toEqual(["failed", "update-older"]);
    const foreign = await ended(await send(admin, Buffer.from("MZ this is no bundle\n")));
    expect([foreign.state, foreign.error?.slug]).toEqual(["failed", "bundle-invalid"]);
    await until("the files to go", () => files().length === 0, 100);
  }, 120_000);

  it("is refused before its body is read, whoever sends it", async () => {
    const whole = String(600 << 20);
    // Only the head is sent: an answer proves that nobody waits for the rest.
    const head = (who: Visitor, headers: Record<string, string>) => new Promise<number>((done, failed) => {
      const asked = request({ host: "127.0.0.1", port: panel.port, ca: panel.certificate, localAddress: who.place.address, method: "POST", path: "/api/v1/machine/updates",
        headers: { cookie: who.cookie, "x-berth-csrf": who.csrf, "content-type": "application/octet-stream", "content-length": whole, ...headers } },
      (answer) => { done(answer.statusCode ?? 0); asked.destroy(); });
      asked.on("error", failed);
      asked.flushHeaders();
    });
    expect(await head(panel.visitor("127.0.7.2"), {})).toBe(401);
    expect(await head(member, {})).toBe(403);
    expect(await head(admin, { "x-berth-csrf": "forged" })).toBe(403);
    expect(await head(admin, { "content-type": "application/json" })).toBe(415);
    expect(await head(admin, { "content-length": String((1 << 30) + 1) })).toBe(413);
    expect(files()).toEqual([]);
  });

  it("comes one at a time, and a sender who leaves leaves nothing", async () => {
    const half = request({ host: "127.0.0.1", port: panel.port, ca: panel.certificate, method: "POST", path: "/api/v1/machine/updates",
      headers: { cookie: admin.cookie, "x-berth-csrf": admin.csrf, "content-type": "application/octet-stream", "content-length": String(8 << 20) } });
    half.on("error", () => undefined);
    half.write(Buffer.alloc(1 << 20));
    await until("half a file", () => files().length === 1);
    expect(await send(admin, bundle("2.3.0"))).toMatchObject({ status: 409, body: { type: "/problems/upload-under-way" } });
    half.destroy();
    await until("the half file to go", () => files().length === 0);
    expect((await send(admin, Buffer.alloc(0))).status).toBe(400);
  });
});

describe("updates within reach", () => {
  it("are installed by their id", async () => {
    expect((await admin.post<Problem>("/machine/updates/found/c0ffee02")).body.type).toBe("/problems/update-not-for-us");
    expect((await admin.post("/machine/updates/found/nothing")).status).toBe(404);
    expect((await admin.post("/machine/updates/found/NOT-AN-ID")).status).toBe(404);
    await well(await admin.post("/machine/updates/found/c0ffee01"));
    expect((await machine()).slots.find((slot) => slot.name === "b")?.version).toBe("2.0.0");
  });

  it("are left aside by choosing the slot that runs", async () => {
    await well(await admin.put("/machine/next-slot", { slot: "a" }));
    expect(await machine()).toMatchObject({ next_slot: "a", restart_needed: false });
    expect((await admin.put("/machine/next-slot", { slot: "c" })).status).toBe(422);
  });
});

describe("an update channel", () => {
  let channel: HttpsServer;
  let url = "";
  const asked: string[] = [];
  let offer: Record<string, unknown> = {};
  const content = bundle("4.0.0", 3 << 20);
  const policy = (more: object = {}) => ({ channel_url: url, automatic: false, window: { weekdays: ["sunday"], from: "03:00", minutes: 120 }, ...more });

  beforeAll(async () => {
    const tls = (name: string) => readFileSync(`${panel.folder}/state/tls/${name}`);
    channel = createServer({ cert: tls("panel.pem"), key: tls("panel.key") }, (question, answer) => {
      asked.push(question.url ?? "");
      if (question.url === "/berth/pc-x86_64.json") return void answer.end(JSON.stringify(offer));
      if (question.url === "/berth/berth-4.raucb") return void answer.end(content);
      if (question.url === "/away/pc-x86_64.json") return void answer.writeHead(302, { location: "/berth/pc-x86_64.json" }).end();
      answer.writeHead(404).end();
    });
    await new Promise<void>((done) => channel.listen(0, "127.0.0.1", done));
    url = `https://127.0.0.1:${(channel.address() as AddressInfo).port}/berth`;
    offer = { version: "4.0.0", file: "berth-4.raucb", sha256: createHash("sha256").update(content).digest("hex"), size_bytes: content.length, notes: "later releases may say more" };
  });
  afterAll(() => channel.close());

  it("is kept only when it is one", async () => {
    expect((await admin.post<Problem>("/machine/updates/check")).body.type).toBe("/problems/no-channel");
    for (const bad of ["http://updates.example.org/", "https://", "https://user@example.org/", "https://example.org/?a=b", "https://example.org/#a", "https://example.org/../x", "ftp://example.org", "https://exa mple.org"])
      refused(await admin.put("/machine/update-policy", policy({ channel_url: bad })), [["/channel_url", "not_https_folder"]]);
    refused(await admin.put("/machine/update-policy", policy({ channel_url: "", automatic: true, window: { weekdays: [], from: "25:00", minutes: 60 } })),
      [["/automatic", "no_channel"], ["/window/weekdays", "empty"], ["/window/from", "not_time_of_day"]]);
    expect((await machine()).update_policy.channel_url).toBe("");
  });

  it("is never on this machine itself", async () => {
    expect((await admin.put("/machine/update-policy", policy())).status).toBe(200);
    const job = await ended(await admin.post("/machine/updates/check"));
    expect([job.state, job.error?.slug, asked]).toEqual(["failed", "channel-refused", []]);
    expect((await machine()).last_check?.problem).toContain("address");
    await admin.put("/machine/update-policy", policy({ channel_url: "https://[::ffff:169.254.169.254]/berth" }));
    expect((await ended(await admin.post("/machine/updates/check"))).error?.slug).toBe("channel-refused");
  });

  it("gives what is newer, once, and never anything else", async () => {
    const { cookie, csrf } = admin;
    await panel.stop_panel();
    await panel.start_panel(["--test-channel-authority", `${panel.folder}/state/tls/panel.pem`]);
    admin = Object.assign(panel.visitor(), { cookie, csrf });
    member = Object.assign(panel.visitor("127.0.7.1"), { cookie: member.cookie, csrf: member.csrf });
    expect((await admin.put("/machine/update-policy", policy())).status).toBe(200);
    await well(await admin.post("/machine/updates/check"));
    expect(asked).toContain("/berth/berth-4.raucb");
    expect(await machine()).toMatchObject({ restart_needed: true, last_check: { version: "4.0.0" } });
    asked.length = 0;
    await well(await admin.post("/machine/updates/check"));
    expect(asked).toEqual(["/berth/pc-x86_64.json"]);
    offer = { ...offer, version: "5.0.0", sha256: "0".repeat(64) };
    expect((await ended(await admin.post("/machine/updates/check"))).error?.slug).toBe("update-damaged");
    offer = { ...offer, size_bytes: 1000 };
    expect((await ended(await admin.post("/machine/updates/check"))).error?.slug).toBe("channel-too-large");
    offer = { ...offer, file: "../../etc/passwd" };
    expect((await ended(await admin.post("/machine/updates/check"))).error?.slug).toBe("channel-malformed");
    await admin.put("/machine/update-policy", policy({ channel_url: url.replace("/berth", "/away") }));
    expect((await ended(await admin.post("/machine/updates/check"))).error?.slug).toBe("channel-malformed");
    expect((await machine()).slots.find((slot) => slot.name === "b")?.version).toBe("4.0.0");
    await until("the files to go", () => files().length === 0, 100);
  }, 120_000);
});

describe("what ends the machine's uptime", () => {
  it("wants to hear the machine's name", async () => {
    for (const [path, more] of [["/machine/restart", {}], ["/machine/power-off", {}], ["/machine/factory-reset", { scope: "everything" }]] as const) {
      refused(await admin.post(path, { confirm: "another", ...more }), [["/confirm", "wrong_machine_name"]]);
      expect((await admin.post(path, more)).status).toBe(422);
      expect((await member.post(path, { confirm: "harbour", ...more })).status).toBe(403);
    }
    await well(await admin.post("/machine/restart", { confirm: "harbour" }));
    await well(await admin.post("/machine/power-off", { confirm: "harbour" }));
    await well(await admin.post("/machine/factory-reset", { confirm: "harbour", scope: "settings" }));
  });
});

describe("what the panel makes for its operator", () => {
  it("is a support bundle", async () => {
    expect((await admin.get("/machine/support-bundle")).status).toBe(404);
    await well(await admin.post("/machine/support-bundle"));
    const now = await machine();
    expect(now.support_bundle?.size_bytes).toBeGreaterThan(20);
    const file = await admin.fetch("/machine/support-bundle");
    expect([file.headers["content-type"], file.bytes.length]).toEqual(["application/gzip", now.support_bundle?.size_bytes]);
    expect(spawnSync("tar", ["tzf", "-"], { input: file.bytes, encoding: "utf8" }).stdout).toContain("berth-support/");
    expect((await member.get("/machine/support-bundle")).status).toBe(403);
  });

  it("is a certificate, in use at once", async () => {
    const shown = () => new Promise<string>((done, failed) => {
      const socket = connect({ host: "127.0.0.1", port: panel.port, rejectUnauthorized: false }, () => {
        done(socket.getPeerCertificate().fingerprint256);
        socket.destroy();
      });
      socket.on("error", failed);
    });
    const before = (await machine()).certificate;
    expect(before?.fingerprint).toBe(await shown());
    await well(await admin.post("/machine/certificate"));
    const after = (await machine()).certificate;
    expect(after?.fingerprint).not.toBe(before?.fingerprint);
    expect(after?.fingerprint).toBe(await shown());
    expect(after?.names).toEqual(expect.arrayContaining(["harbour", "192.0.2.10", "127.0.0.1"]));
  });
});

it("is nobody's but the administrators'", async () => {
  const routes = JSON.parse(readFileSync(`${import.meta.dirname}/../../firmware/api/openapi.json`, "utf8")) as { paths: Record<string, Record<string, { "x-berth-permission"?: string }>> };
  const ours = Object.entries(routes.paths).filter(([path]) => path.startsWith("/api/v1/machine"));
  expect(ours.length).toBeGreaterThan(12);
  for (const [, methods] of ours) for (const operation of Object.values(methods)) expect(operation["x-berth-permission"]).toBe("system_manage");
  expect((await member.get("/machine")).status).toBe(403);
  for (const event of ["machine.changed", "machine.wished"]) expect(panel.log.join("\n")).not.toContain(event);
});
