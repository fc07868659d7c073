// The web client's rules that need no browser.
import { describe, expect, test } from "vitest";
import { EventParser } from "../../web/api/event-stream";
import { Problem, problem_of } from "../../web/api/problem";
import { browser_of } from "../../web/pages/account/user-agent";
import { check_wish, hostname_from, key_lines, make_password, no_wish, plan_fit, request_of } from "../../web/pages/new-server/wish";
import { field_text } from "../../web/i18n/problem-text";
import { matches } from "../../web/pages/servers/filter";
import { type_text } from "../../web/pages/server/keysyms";
import { password_level } from "../../web/parts/password-level";
import { Refresher } from "../../web/shell/refresher";
import { match } from "../../web/shell/match";
import { host_facts, images, plans, sample_server } from "./support/mock-state";

describe("event stream", () => {
  const read = (...chunks: string[]) => {
    const events: [string, string][] = [];
    const parser = new EventParser((id, data) => events.push([id, data]));
    for (const chunk of chunks) parser.push(chunk);
    return events;
  };
  test("reads events whatever the pieces they come in", () => {
    const text = 'id: 7\nevent: server.changed\ndata: {"a":1}\n\n: heartbeat\n\nid: 8\r\ndata: one\r\ndata:two\r\n\r\n';
    const whole = [["7", '{"a":1}'], ["8", "one\ntwo"]];
    expect(read(text)).toEqual(whole);
    expect(read(...text)).toEqual(whole);
  });
  test("gives nothing for half an event", () => expect(read("id: 1\ndata: x\n")).toEqual([]));
});

describe("problems", () => {
  const answer = (body: string, headers: Record<string, string> = {}) => problem_of(new Response(body, { status: 422, headers }));
  test("fields and slug", async () => {
    const problem = await answer('{"type":"/problems/invalid-field","title":"t","detail":"d","errors":[{"pointer":"/name","code":"out_of_range","params":{"min":1,"max":9,"other":{}},"message":"m"}]}', { "Retry-After": "12" });
    expect(problem).toMatchObject({ slug: "invalid-field", status: 422, detail: "d", retry_after_s: 12, fields: [{ pointer: "/name", code: "out_of_range", params: { min: 1, max: 9 }, message: "m" }] });
  });
  test("a field's words come from its rule; a rule that is not known, or lacks its numbers, falls back to the server's", () => {
    const field = { pointer: "/plan", code: "plan_disk_too_small", params: { min_bytes: 3 * 1024 ** 3 }, message: "has too small a disk" };
    expect(field_text(field)).toBe("The disk is too small: the image needs 3 GiB.");
    expect(field_text({ ...field, params: {} })).toBe("Has too small a disk.");
    expect(field_text({ ...field, code: "from_the_future" })).toBe("Has too small a disk.");
    expect(field_text({ ...field, code: "plan_of_other_kind", params: { allowed: ["vm"] } })).toContain("Virtual machine");
  });
  test.each(["<html>", "", "[1]", "null", '{"errors":"x","type":5}'])("whatever comes is a problem: %s", async (body) => {
    expect(await answer(body)).toBeInstanceOf(Problem);
  });
});

describe("a wish for a server", () => {
  const wish = { ...no_wish, name: "Web shop", hostname: "web-shop", image: "img_1", plan: "plan_1" };
  test.each([
    ["Web shop", "web-shop"],
    ["  --Ärger & Söhne!  ", "arger-sohne"],
    ["日本", ""],
    ["x".repeat(80), "x".repeat(63)],
    ["a".repeat(62) + "-b", "a".repeat(62)],
  ])("hostname of %j", (name, hostname) => expect(hostname_from(name)).toBe(hostname));
  test("a good one has no complaint", () => expect(check_wish(wish, "vm")).toEqual({}));
  test.each(["-a", "a-", "A", "a.b", "a_b", "a".repeat(64)])("hostname %j is refused", (hostname) => expect(check_wish({ ...wish, hostname }, "vm")).toHaveProperty("hostname"));
  test("keys", () => {
    const key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGfR ada@laptop";
    expect(check_wish({ ...wish, ssh_keys: `${key}\n\n${key}\n` }, "vm")).toEqual({});
    expect(check_wish({ ...wish, ssh_keys: `${key}\nnonsense` }, "vm").ssh_keys).toContain("2");
    expect(check_wish({ ...wish, ssh_keys: "-----BEGIN OPENSSH PRIVATE KEY-----" }, "vm").ssh_keys).toMatch(/private/);
    expect(key_lines(` ${key} \n\n`)).toEqual([key]);
  });
  test("nothing empty is sent", () => {
    expect(request_of({ ...wish, hostname: "" }, "vm", true)).toEqual({ name: "Web shop", image: "img_1", plan: "plan_1", start: true });
  });
  test("keys and password are for virtual machines", () => {
    const entered = { ...wish, ssh_keys: "nonsense", password: "short" };
    expect(check_wish(entered, "container")).toEqual({});
    expect(request_of(entered, "container", true)).toEqual({ name: "Web shop", hostname: "web-shop", image: "img_1", plan: "plan_1", start: true });
  });
  test("plans that cannot carry the image say why", () => {
    const [nano, small, , large] = plans;
    const debian = images[0];
    expect(plan_fit(nano!, debian, host_facts())).toHaveProperty("blocked");
    expect(plan_fit(small!, debian, host_facts())).toEqual({});
    expect(plan_fit(large!, debian, host_facts())).toHaveProperty("blocked");
    expect(plan_fit(small!, debian, { ...host_facts(), memory_free_bytes: 1 })).toHaveProperty("warning");
  });
  test("passwords", () => {
    const made = Array.from({ length: 50 }, make_password);
    expect(new Set(made).size).toBe(50);
    for (const one of made) expect(one).toMatch(/^[a-zA-Z2-9]{20}$/);
  });
});

test("search: every word somewhere", () => {
  const server = sample_server("Mail gateway", { address: "10.77.0.12" });
  expect(matches(server, "gate 0.12")).toBe(true);
  expect(matches(server, "")).toBe(true);
  expect(matches(server, "mail nothing")).toBe(false);
});

test("addresses", () => {
  expect(match("/servers/:server", "/servers/srv_1")).toEqual({ server: "srv_1" });
  expect(match("/servers/:server", "/servers/srv_1/")).toEqual({ server: "srv_1" });
  expect(match("/servers/:server", "/servers/")).toBeUndefined();
  expect(match("/servers/:server", "/servers/a/b")).toBeUndefined();
});

test("typing holds Shift where a keyboard would", () => {
  const keys: string[] = [];
  type_text("aB\n\u20ac", (keysym, down) => keys.push(`${down ? "+" : "-"}${keysym.toString(16)}`));
  expect(keys).toEqual(["+61", "-61", "+ffe1", "+42", "-42", "-ffe1", "+ff0d", "-ff0d", "+10020ac", "-10020ac"]);
});

test("password meter", () => {
  expect(password_level("aaaaaaaaaaaa")).toBe(0);
  expect(password_level("correct horse battery staple")).toBe(3);
});

test("programs in words", () => {
  expect(browser_of("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")).toEqual({ browser: "Firefox", system: "Linux" });
  expect(browser_of("something/1")).toBeUndefined();
});

test("a burst of wishes is one read, and one more when it came during the read", async () => {
  let reads = 0;
  let release = () => {};
  const refresher = new Refresher(async () => {
    ++reads;
    await new Promise<void>((resolve) => (release = resolve));
  }, 1);
  refresher.want("a");
  refresher.want("a");
  await expect.poll(() => reads).toBe(1);
  refresher.want("a");
  refresher.want("a");
  release();
  await expect.poll(() => reads).toBe(2);
  release();
});
