// README's promise, on real parts: enter the set-up code, make a VM and a container, watch the jobs, type into their consoles,
// stop everything, start it again, find the same servers, delete them and find nothing left.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Stack } from "../../support/stack";
import { Browser } from "../../web/support/browser";

const password = "a quiet harbour at night";
const vm_password = "tiny vm password";
let stack: Stack;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  stack = await Stack.start();
  browser = await Browser.open({ ignore_certificate: true });
  page = await browser.page();
}, 180_000);

afterAll(async () => {
  await browser?.close();
  await stack?.stop();
}, 120_000);

const terminal = () => page.locator(".xterm-rows");

async function create(kind: RegExp, image: RegExp, plan: RegExp, name: string, secret?: string): Promise<void> {
  const of = (group: string) => page.getByRole("group", { name: group });
  await page.goto(`${stack.url}/servers/new`);
  await page.getByRole("radio", { name: kind }).check();
  // Starter images are imported after the first start; one that is not ready yet cannot be chosen.
  await expect.poll(() => of("Image").getByRole("radio", { name: image }).first().isEnabled(), { timeout: 120_000 }).toBe(true);
  await of("Image").getByRole("radio", { name: image }).first().check();
  await of("Plan").getByRole("radio", { name: plan }).first().check();
  await page.getByLabel("Name", { exact: true }).fill(name);
  if (secret) await page.getByLabel(/^Password/).fill(secret);
  await page.getByRole("button", { name: "Create server" }).click();
  await page.getByRole("heading", { name }).waitFor();
  await page.getByText("Running", { exact: true }).first().waitFor({ timeout: 120_000 });
}

async function open_console(): Promise<void> {
  await page.getByRole("link", { name: "Console" }).click();
  await terminal().waitFor();
  await page.locator(".xterm-helper-textarea").focus();
}

async function say(line: string): Promise<void> {
  await page.keyboard.type(line);
  await page.keyboard.press("Enter");
}

async function remove(name: string): Promise<void> {
  await page.goto(`${stack.url}/servers`);
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { name }).waitFor();
  await page.getByRole("button", { name: "Delete server" }).first().click();
  const dialog = page.getByRole("dialog", { name: `Delete ${name}?` });
  await dialog.getByRole("textbox").fill(name);
  await dialog.getByRole("button", { name: "Delete server" }).click();
  await page.getByRole("heading", { name: "This server is gone" }).waitFor({ timeout: 120_000 });
}

let free_at_start = 0;

function free_addresses(): number {
  const host = stack.inside(`/src/build/${process.env.BERTH_PRESET ?? "dev"}/bin/berth`, "host", "--output", "json");
  return (JSON.parse(host) as { pool: { addresses_free: number } }).pool.addresses_free;
}

test("the set-up code makes the first administrator", async () => {
  await page.goto(`${stack.url}/#code=${stack.lines.get("setup-code")}`);
  await page.getByRole("heading", { name: "Set up this machine" }).waitFor();
  await page.getByLabel("Your name").fill("grace");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account and continue" }).click();
  await page.getByText("No servers yet").waitFor();
  free_at_start = free_addresses();
  expect(free_at_start).toBeGreaterThan(0);
});

test("a container runs and answers in its console", async () => {
  await create(/^Container/, /^Tiny|^tiny/i, /./, "first box");
  await open_console();
  await say("echo $((6*7)) from $(hostname)");
  await expect.poll(() => terminal().innerText(), { timeout: 20_000 }).toContain("42 from first-box");
}, 240_000);

test("a VM boots, takes its password and answers in its console", async () => {
  await create(/^Virtual machine/, /tiny/i, /./, "first vm", vm_password);
  await open_console();
  await expect.poll(() => terminal().innerText(), { timeout: 240_000 }).toMatch(/berth-tiny: up hostname=first-vm address=10\.77\.0\./);
  await page.keyboard.press("Enter");
  await expect.poll(() => terminal().innerText(), { timeout: 20_000 }).toContain("login:");
  await say("root");
  await expect.poll(() => terminal().innerText(), { timeout: 20_000 }).toContain("assword");
  await say(vm_password);
  await expect.poll(async () => {
    await say("echo $((6*7)) from $(hostname)");
    return terminal().innerText();
  }, { timeout: 30_000, interval: 2_000 }).toContain("42 from first-vm");
}, 420_000);

test("its screen opens too", async () => {
  await page.getByRole("link", { name: "Console" }).click();
  await page.getByRole("button", { name: "Screen", exact: true }).click();
  const screen = page.locator("canvas").first();
  await screen.waitFor();
  await expect.poll(async () => (await screen.boundingBox())?.width ?? 0).toBeGreaterThan(100);
});

test("after Ctrl-C nothing is left, and the next start finds the same servers", async () => {
  await stack.stop(true);
  expect(stack.process.exitCode).toBe(0);
  stack = await Stack.start({ state: stack.state });
  await page.goto(`${stack.url}/servers`);
  for (const name of ["first box", "first vm"]) {
    const row = page.getByRole("row").filter({ hasText: name });
    await row.getByText("Running", { exact: true }).waitFor({ timeout: 120_000 });
  }
}, 240_000);

test("deleting leaves no file, domain, cgroup, mount, rule or address", async () => {
  const guests = stack.inside("ls", "/state/engine/guests").trim().split("\n");
  expect(guests).toHaveLength(2);
  await remove("first box");
  await remove("first vm");
  expect(stack.inside("virsh", "list", "--all", "--name").trim()).toBe("");
  expect(stack.inside("find", "/state/engine/guests", "-mindepth", "1")).toBe("");
  expect(stack.inside("cat", "/proc/self/mountinfo")).not.toContain("/run/berth-engine/guests");
  const groups = stack.inside("find", "/sys/fs/cgroup", "-type", "d");
  for (const guest of guests) expect(groups).not.toContain(guest);
  expect(stack.inside("nft", "list", "ruleset")).not.toMatch(/from_bt/);
  expect(stack.inside("ip", "-o", "link")).not.toMatch(/bt[0-9a-f]{12}/);
  expect(free_addresses()).toBe(free_at_start);
}, 300_000);

test("the browser saw no policy violation and no error", () => {
  expect(browser.complaints).toEqual([]);
});
