// What a newcomer does, with nothing but a keyboard: set up, create a server, watch it, type into its console, delete it.
import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { setup_code } from "./support/mock-state";
import { scene } from "./support/scene";

const at = scene({ signed_in: false });

// Tab until the wish is fulfilled, as a person without a mouse would.
async function tab_to(page: Page, what: string | RegExp, key = "Tab"): Promise<void> {
  for (let i = 0; i < 60; ++i) {
    const name = await page.evaluate(() => {
      const element = document.activeElement;
      if (!(element instanceof HTMLElement)) return "";
      const label = element.getAttribute("aria-label") ?? (element instanceof HTMLInputElement || element instanceof HTMLTextAreaElement ? (element.labels?.[0]?.innerText ?? "") : element.innerText);
      return label.trim();
    });
    if (typeof what === "string" ? name === what : what.test(name)) return;
    await page.keyboard.press(key);
  }
  throw new Error(`the keyboard never reached ${String(what)}`);
}

async function type_into(page: Page, field: string | RegExp, text: string): Promise<void> {
  await tab_to(page, field);
  await page.keyboard.type(text);
}

test("from the set-up code to a server and back, by keyboard", async () => {
  const { page, panel } = at;
  const { world } = panel;
  world.setup_needed = true;
  await page.goto(`${panel.url}/#code=${setup_code}`);
  await page.getByRole("heading", { name: "Set up this machine" }).waitFor();
  expect(await page.getByLabel("Set-up code").inputValue()).toBe(setup_code);
  expect(page.url()).not.toContain(setup_code);
  await page.getByRole("button", { name: "English" }).press("Enter");
  await type_into(page, "Your name", "grace");
  await type_into(page, /^Password/, "a long enough secret");
  await page.keyboard.press("Enter");

  await page.getByText("No servers yet").waitFor();
  expect(world.language, "what was chosen is the installation's").toBe("en");
  await tab_to(page, "New server");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "New server", level: 1 }).waitFor();
  await tab_to(page, /^Virtual machine/);
  await page.keyboard.press("ArrowRight");
  await expect.poll(() => page.getByRole("radio", { name: /^Container/ }).isChecked()).toBe(true);
  await tab_to(page, /^Debian 13/);
  await page.keyboard.press("Space");
  await tab_to(page, /^Nano/);
  await page.keyboard.press("Space");
  await type_into(page, "Name", "First light");
  expect(await page.getByLabel("Hostname").inputValue()).toBe("first-light");
  await tab_to(page, "Create server");
  await page.keyboard.press("Enter");

  await page.getByRole("heading", { name: "First light" }).waitFor();
  const job = [...world.jobs.values()][0]!;
  world.advance(job.id);
  await page.getByRole("listitem").filter({ hasText: "Make the network ready" }).getByText("under way").waitFor();
  while (world.advance(job.id));
  await page.getByText("Running", { exact: true }).waitFor();
  await expect.poll(() => page.getByRole("progressbar").getAttribute("aria-valuenow")).toBe("100");

  await page.keyboard.press("Home");
  await tab_to(page, "Console");
  await page.keyboard.press("Enter");
  await page.locator(".xterm-rows").getByText("root@first-light").waitFor();
  await page.keyboard.type("echo typed by hand\r");
  await page.locator(".xterm-rows").getByText(/^typed by hand/).waitFor();
  // Tab belongs to the guest there; Ctrl+Shift+F6 leads out.
  await page.keyboard.press("Tab");
  await expect.poll(() => panel.consoles.serial.join("")).toContain("\t");
  await page.keyboard.press("Control+Shift+F6");
  await tab_to(page, "Overview", "Shift+Tab");
  await page.keyboard.press("Enter");

  await tab_to(page, "Delete server");
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Delete First light?" });
  await dialog.waitFor();
  expect(await dialog.getByRole("button", { name: "Delete server" }).isDisabled()).toBe(true);
  await page.keyboard.type("First light");
  await page.keyboard.press("Enter");
  await expect.poll(() => [...world.jobs.values()].map((one) => one.type)).toContain("server.delete");
  const deletion = [...world.jobs.values()].find((one) => one.type === "server.delete")!;
  while (world.advance(deletion.id));
  await page.getByRole("heading", { name: "This server is gone" }).waitFor();
  await page.getByText("First light is deleted.").waitFor();
});

test("a menu works as menus do, and the focus comes back", async () => {
  const { page, panel } = at;
  const { fill } = await import("./support/samples");
  const { sign_in } = await import("./support/steps");
  fill(panel.world);
  await sign_in(page, panel.url);
  const button = page.getByRole("button", { name: "More actions for shop" });
  await button.focus();
  await page.keyboard.press("ArrowDown");
  await expect.poll(() => page.getByRole("menuitem", { name: "Console" }).evaluate((item) => item === document.activeElement)).toBe(true);
  await page.keyboard.press("ArrowUp");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Delete server");
  await page.keyboard.press("p");
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Pause");
  await page.keyboard.press("Escape");
  expect(await button.evaluate((item) => item === document.activeElement)).toBe(true);
  await page.keyboard.press("Enter");
  await page.getByRole("menu").waitFor();
  await page.keyboard.press("End");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  expect(await button.evaluate((item) => item === document.activeElement)).toBe(true);
});
