// The machine's own pages against the real panel and an engine in memory: what an administrator does to the machine, and who is none.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Locator, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Panel, password } from "../support/panel";
import { until } from "../support/stack";
import type { Visitor } from "../support/visitor";
import { findings } from "./support/axe";
import { Browser } from "./support/browser";
import { sample_key, type Machine } from "./support/mock-machine";

let panel: Panel;
let admin: Visitor;
let browser: Browser;
let page: Page;
const folder = mkdtempSync(join(tmpdir(), "berth-bundle-"));

beforeAll(async () => {
  ({ panel, admin } = await Panel.ready());
  await until("the machine's first look", async () => (await admin.get("/machine")).status === 200);
  browser = await Browser.open({ ignore_certificate: true });
  page = await browser.page();
  page.setDefaultTimeout(45_000); // every act here is a job, with its syncs to disk
  await sign_in("maria");
});
afterAll(async () => {
  await browser?.close();
  await panel?.stop();
  rmSync(folder, { recursive: true, force: true });
});

async function sign_in(name: string): Promise<void> {
  await page.goto(`${panel.url}/sign-in`);
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${panel.url}/servers`);
}

const machine = async () => (await admin.get<Machine>("/machine")).body;
const button = (name: string) => page.getByRole("button", { name, exact: true });
const dialog = () => page.getByRole("dialog");
const job = (title: string) => page.getByRole("region", { name: title, exact: true });
const done = (title: string) => job(title).getByText("Done", { exact: true }).waitFor();
const trial = () => page.getByRole("region", { name: "Network settings on trial" });
const refused = (field: Locator) => expect.poll(() => field.getAttribute("aria-invalid"), { timeout: 15_000 }).toBe("true");
const open = async (section: string) => {
  await page.goto(`${panel.url}/system${section}`);
  await page.getByRole("navigation", { name: "Parts of this machine" }).waitFor();
};

test("an administrator finds the page, and renames the machine; a bad name is refused at its field", async () => {
  await page.getByRole("link", { name: "System", exact: true }).click();
  await button("Rename").click();
  await dialog().getByLabel("Name").fill("Has Blanks");
  await button("Save").click();
  await refused(dialog().getByLabel("Name"));
  await dialog().getByLabel("Name").fill("harbour");
  await button("Save").click();
  await done("Rename the machine");
  await page.getByText("harbour", { exact: true }).first().waitFor();
  expect((await machine()).hostname).toBe("harbour");
});

describe("network settings on trial", () => {
  const try_address = async (address: string) => {
    await page.getByLabel("IPv4", { exact: true }).selectOption("fixed");
    await page.getByLabel("IPv4 address").fill(address);
    await button("Try these settings").click();
  };

  test("a wrong address is refused at its field, and nothing that was typed is lost", async () => {
    await open("/network");
    await page.getByText("enp1s0", { exact: true }).first().waitFor();
    await page.getByLabel("DNS servers").fill("192.0.2.53");
    await try_address("192.0.2.10");
    await refused(page.getByLabel("IPv4 address"));
    expect(await page.getByLabel("IPv4 address").evaluate((one) => one === document.activeElement)).toBe(true);
    await page.getByRole("link", { name: "SSH", exact: true }).click();
    await page.getByRole("heading", { name: "SSH access" }).waitFor();
    await page.getByRole("link", { name: "Network", exact: true }).click();
    expect(await page.getByLabel("DNS servers").inputValue()).toBe("192.0.2.53");
    expect(await page.getByLabel("IPv4 address").inputValue()).toBe("192.0.2.10");
  });

  test("count down, also after a reload, name the new address, and are kept", async () => {
    await try_address("192.0.2.10/24");
    await page.getByText(/Taken back in/).waitFor();
    await page.reload();
    const notice = trial();
    await notice.getByText(/Taken back in \d+ s/).waitFor();
    await notice.getByRole("link", { name: /^https:\/\/192\.0\.2\.10:\d+\/system\/network$/ }).waitFor();
    await button("Keep them").click();
    await notice.waitFor({ state: "detached" });
    const { network } = await machine();
    expect([network.tried, network.kept.links[0]?.ipv4.address, network.kept.dns]).toEqual([undefined, "192.0.2.10/24", ["192.0.2.53"]]);
  });

  test("are taken back at the press of a button", async () => {
    await try_address("192.0.2.11/24");
    await button("Take them back").click();
    await trial().waitFor({ state: "detached" });
    expect((await machine()).network.kept.links[0]?.ipv4.address).toBe("192.0.2.10/24");
    await button("Discard changes").click();
    expect(await page.getByLabel("IPv4 address").inputValue()).toBe("192.0.2.10/24");
  });

  test("a bond of two cards says at each field what is missing", async () => {
    await button("Ethernet").click();
    await button("Bond").click();
    await page.getByRole("group", { name: /^lan0/ }).getByLabel(/enp2s0/).check();
    await button("Try these settings").click();
    const bond = page.getByRole("group", { name: /^bond0/ });
    await bond.getByText("At least one card is needed.").waitFor();
    await bond.getByLabel("lan0").check();
    await page.getByText("Part of bond0: the addresses belong there.").waitFor();
    await button("Try these settings").click();
    await button("Take them back").click();
    await trial().waitFor({ state: "detached" });
    await button("Discard changes").click();
    expect(await page.getByRole("group", { name: /^bond0/ }).count()).toBe(0);
  });
});

test("the clock gets a zone; a strange one is refused at its field", async () => {
  await open("/time");
  await page.getByLabel("Time zone").fill("Mars/Olympus");
  await button("Save").click();
  await refused(page.getByLabel("Time zone"));
  await page.getByLabel("Time zone").fill("Europe/Warsaw");
  await page.getByLabel("Set the clock by NTP").uncheck();
  await button("Save").click();
  await done("Set the clock");
  expect((await machine()).time).toMatchObject({ time_zone: "Europe/Warsaw", ntp: false });
});

test("SSH is opened to a key, which is shown with its fingerprint", async () => {
  await open("/ssh");
  await page.getByLabel("Allow SSH").check();
  await button("Save").click();
  await page.getByText("A key is needed: SSH takes no passwords here.").waitFor();
  await page.getByLabel("New key").fill(sample_key);
  await button("Add to the list").click();
  await page.getByText("admin@desk", { exact: true }).waitFor();
  await page.getByText(/SHA256:[\w+/]{43}/).waitFor();
  await button("Save").click();
  await done("Set SSH access");
  expect((await machine()).ssh).toEqual({ enabled: true, keys: [sample_key] });
  // What was typed and not put on the list is meant as well.
  const other = `${sample_key.split(" ").slice(0, 2).join(" ").replace(/.$/, "P")} second@desk`;
  await page.getByLabel("New key").fill("nonsense");
  await button("Save").click();
  await refused(page.getByLabel("New key"));
  await page.getByLabel("New key").fill(other);
  await button("Save").click();
  await page.getByText("second@desk", { exact: true }).waitFor();
  await until("both keys", async () => (await machine()).ssh.keys.length === 2);
  await page.getByRole("button", { name: /^Remove ?: second@desk$/ }).click();
  await button("Save").click();
  await until("one key", async () => (await machine()).ssh.keys.join() === sample_key);
});

describe("updates", () => {
  const bundle = (text: string, bytes = 0) => {
    const path = join(folder, "update.raucb");
    writeFileSync(path, Buffer.concat([Buffer.from(`${text}\n`), Buffer.alloc(bytes)]));
    return path;
  };

  test("a bundle is sent and installed into the other slot, and a restart is offered", async () => {
    await open("/updates");
    await page.getByLabel("Bundle file").setInputFiles(bundle("berth-bundle 2.0.0", 3 << 20));
    const line = await page.context().newCDPSession(page);
    const speed = (uploadThroughput: number) => line.send("Network.emulateNetworkConditions", { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput });
    await speed(300 << 10);
    await button("Send and install").click();
    const sent = page.getByRole("progressbar", { name: "Upload of update.raucb" });
    await expect.poll(async () => Number(await sent.getAttribute("aria-valuenow")), { timeout: 15_000 }).toBeGreaterThan(0);
    await speed(-1);
    await done("Install an update");
    await page.getByText("The next start takes another release (2.0.0). Restart the machine to use it.").waitFor();
    expect((await machine()).next_slot).toBe("b");
    await button("Restart").click();
    expect(await dialog().getByRole("button", { name: "Restart the machine" }).isDisabled()).toBe(true);
    await page.keyboard.press("Escape");
  });

  test("a broken one says why it failed", async () => {
    await page.getByLabel("Bundle file").setInputFiles(bundle("berth-bundle 3.0.0 broken"));
    await button("Send and install").click();
    await page.getByText("The update ends in the middle.").first().waitFor();
  });

  test("the slot that runs is chosen again, and what does not fit cannot be installed", async () => {
    await page.getByRole("button", { name: /^Start this next ?: A$/ }).click();
    await dialog().getByRole("button", { name: "Start this next" }).click();
    await done("Choose the next release");
    expect((await machine()).next_slot).toBe("a");
    const problem = (await machine()).found_updates.find((one) => !one.compatible)!.problem;
    await page.getByText(problem).waitFor();
    expect(await page.getByRole("button", { name: /^Install ?:/ }).count()).toBe(1);
  });

  test("the rules are saved; a channel that is no address is refused at its field", async () => {
    await page.getByLabel("Channel").fill("http://updates.example.org");
    await button("Save").click();
    await refused(page.getByLabel("Channel"));
    await page.getByLabel("Channel").fill("https://updates.example.org/stable");
    await page.getByLabel("Install updates by themselves").check();
    await page.getByRole("checkbox", { name: "Wed" }).check();
    await button("Save").click();
    await page.getByText("The update rules are saved.").waitFor();
    expect((await machine()).update_policy).toMatchObject({ channel_url: "https://updates.example.org/stable", automatic: true, window: { weekdays: ["wednesday", "sunday"] } });
  });
});

test("a support bundle is made and downloaded", async () => {
  await open("/support");
  await button("Make a bundle").click();
  await done("Make a support bundle");
  const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download" }).click()]);
  expect(download.suggestedFilename()).toBe("berth-support.tar.gz");
});

test("a factory reset wants the machine's name", async () => {
  await open("/support");
  await button("Reset settings").click();
  await dialog().getByText("What is lost").waitFor();
  const confirm = dialog().getByRole("button", { name: "Reset settings" });
  await dialog().getByRole("textbox").fill("another");
  expect(await confirm.isDisabled()).toBe(true);
  await dialog().getByRole("textbox").fill((await machine()).hostname);
  expect(await confirm.isEnabled()).toBe(true);
  await page.keyboard.press("Escape");
});

test("axe finds nothing on the real pages", async () => {
  for (const section of ["", "/updates", "/network", "/time", "/ssh", "/support"]) {
    await open(section);
    await expect.poll(() => page.locator(".skeleton").count(), { timeout: 15_000 }).toBe(0);
    expect(await findings(page)).toEqual([]);
  }
});

test("who is no administrator has no entry, and is told whose page this is", async () => {
  await panel.add_stranger("otto");
  await page.context().clearCookies();
  await sign_in("otto");
  expect(await page.getByRole("link", { name: "System", exact: true }).count()).toBe(0);
  await page.goto(`${panel.url}/system/updates`);
  await page.getByText("For administrators only").waitFor();
  expect(await page.getByRole("navigation", { name: "Parts of this machine" }).count()).toBe(0);
  expect(browser.complaints).toEqual([]);
});
