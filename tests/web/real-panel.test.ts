// The web client against the real panel (and the engine in memory): its policy header, its cookies, its events, its consoles.
import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Panel, password } from "../support/panel";
import { findings } from "./support/axe";
import { Browser } from "./support/browser";

let panel: Panel;
let browser: Browser;
let page: Page;

beforeAll(async () => {
  panel = await Panel.start();
  browser = await Browser.open({ ignore_certificate: true });
  page = await browser.page();
});
afterAll(async () => {
  await browser?.close();
  await panel?.stop();
});

const rows = () => page.locator(".xterm-rows");
const group = (name: string) => page.getByRole("group", { name });

async function create(kind: "Virtual machine" | "Container", name: string): Promise<void> {
  await page.goto(`${panel.url}/servers/new`);
  await page.getByRole("radio", { name: new RegExp(`^${kind}`) }).check();
  await expect.poll(() => group("Image").getByRole("radio").first().isEnabled()).toBe(true);
  await group("Image").getByRole("radio").first().check();
  await group("Plan").getByRole("radio").first().check();
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByRole("button", { name: "Create server" }).click();
  await page.getByRole("heading", { name, level: 1 }).waitFor();
  await page.getByText("Running", { exact: true }).waitFor();
}

async function log_in_at_console(hostname: string): Promise<void> {
  await page.getByRole("link", { name: "Console" }).click();
  await rows().getByText("login:").waitFor();
  await page.keyboard.type("root\r");
  await rows().getByText(`${hostname}:~$`).first().waitFor();
  await page.keyboard.type("echo typed by hand\r");
  await rows().getByText(/^typed by hand/).waitFor();
}

test("a wrong set-up code is refused at its field; the right one opens the panel", async () => {
  await page.goto(panel.url);
  await page.getByLabel("Set-up code").fill("AAAA-BBBB-CCCC");
  await page.getByLabel("Your name").fill("maria");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account and continue" }).click();
  await expect.poll(() => page.getByLabel("Set-up code").getAttribute("aria-invalid")).toBe("true");
  await page.goto(`${panel.url}/#code=${panel.setup_code}`);
  await page.getByLabel("Your name").fill("maria");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Create account and continue" }).click();
  await page.getByText("No servers yet").waitFor();
});

describe.each([
  { kind: "Container", name: "first box", hostname: "first-box" },
  { kind: "Virtual machine", name: "first vm", hostname: "first-vm" },
] as const)("$kind", ({ kind, name, hostname }) => {
  test("is created, runs, and answers in its console", async () => {
    await create(kind, name);
    await page.getByRole("button", { name: "Show log" }).click();
    await expect.poll(() => page.getByRole("log").getByRole("paragraph").count()).toBeGreaterThan(0);
    await log_in_at_console(hostname);
  });
});

test("the VM has a screen", async () => {
  await page.getByRole("button", { name: "Screen", exact: true }).click();
  await page.locator("canvas[role=application]").waitFor();
  await page.getByText("Connected", { exact: true }).waitFor();
});

test("what the command line does is on screen at once", async () => {
  await page.goto(`${panel.url}/servers`);
  const row = page.getByRole("row").filter({ hasText: "first box" });
  await row.getByText("Running", { exact: true }).waitFor();
  expect(panel.berth(["server", "stop", "first box"]).code).toBe(0);
  await row.getByText("Stopped", { exact: true }).waitFor();
});

test("a guest that stops ends its console, and its start brings it back", async () => {
  const row = page.getByRole("row").filter({ hasText: "first box" });
  await row.getByRole("button", { name: "Start: first box" }).click();
  await row.getByText("Running", { exact: true }).waitFor();
  await page.getByRole("link", { name: "first box" }).click();
  await page.getByRole("link", { name: "Console" }).click();
  await page.getByText("Connected", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Shut down" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Shut down" }).click();
  await page.getByText("Not connected", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Start", exact: true }).click();
  await page.getByText("Connected", { exact: true }).waitFor();
});

test("a name that is taken, a rename, and a page reloaded at any address", async () => {
  await page.goto(`${panel.url}/servers/new`);
  await group("Image").getByRole("radio").first().check();
  await group("Plan").getByRole("radio").first().check();
  await page.getByLabel("Name", { exact: true }).fill("first box");
  await page.getByText("This is taken already.").waitFor();
  await page.goto(`${panel.url}/servers`);
  await page.getByRole("link", { name: "first box" }).click();
  await page.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("dialog").getByLabel("Name").fill("second box");
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { name: "second box" }).waitFor();
  for (const part of ["console", "activity", ""]) {
    await page.goto(`${new URL(page.url()).origin}${new URL(page.url()).pathname.replace(/\/(console|activity)$/, "")}/${part}`.replace(/\/$/, ""));
    await page.getByRole("heading", { name: "second box" }).waitFor();
  }
});

test("axe finds nothing on the real pages either", async () => {
  for (const path of ["/servers", "/servers/new", "/activity", "/account"]) {
    await page.goto(panel.url + path);
    await page.getByRole("heading", { level: 1 }).waitFor();
    await expect.poll(() => page.locator(".skeleton").count()).toBe(0);
    expect(await findings(page)).toEqual([]);
  }
});

test("sessions: this one is listed, a new password is taken, signing out ends it", async () => {
  await page.goto(`${panel.url}/account`);
  await page.getByText("this one").waitFor();
  await page.getByLabel("Present password").fill("not the one");
  await page.getByLabel("New password").fill("another quiet harbour");
  await page.getByRole("button", { name: "Change password" }).click();
  await expect.poll(() => page.getByLabel("Present password").getAttribute("aria-invalid")).toBe("true");
  await page.getByLabel("Present password").fill(password);
  await page.getByRole("button", { name: "Change password" }).click();
  await page.getByText(/All other sessions are signed out/).waitFor();
  await page.getByRole("button", { name: /Account menu/ }).click();
  await page.getByRole("menuitem", { name: "Sign out" }).click();
  await page.waitForURL(/\/sign-in/);
  await page.getByLabel("Name", { exact: true }).fill("maria");
  await page.getByLabel("Password", { exact: true }).fill("another quiet harbour");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: "Servers" }).waitFor();
});

test("a deleted server is gone", async () => {
  await page.getByRole("link", { name: "second box" }).click();
  await page.getByRole("button", { name: "Delete server" }).click();
  await page.getByRole("dialog").getByRole("textbox").fill("second box");
  await page.getByRole("dialog").getByRole("button", { name: "Delete server" }).click();
  await page.getByRole("heading", { name: "This server is gone" }).waitFor();
});

test("the browser saw no policy violation and no error", () => {
  expect(browser.complaints).toEqual([]);
});
