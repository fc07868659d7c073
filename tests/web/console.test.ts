// Consoles under the panel's real policy: xterm and noVNC bring no inline style, and everything a person does in them arrives.
import { beforeEach, describe, expect, test } from "vitest";
import type { Server } from "./support/mock-state";
import { fill } from "./support/samples";
import { scene } from "./support/scene";
import { server_named } from "./support/screens";

const at = scene();
let server: Server;

beforeEach(() => {
  fill(at.panel.world);
  server = server_named(at.panel.world, "shop");
});

const rows = () => at.page.locator(".xterm-rows");

async function open_terminal(): Promise<void> {
  await at.page.goto(`${at.panel.url}/servers/${server.id}/console`);
  await rows().getByText("root@shop").waitFor();
}

async function open_screen(): Promise<void> {
  await open_terminal();
  await at.page.getByRole("button", { name: "Screen", exact: true }).click();
  await at.page.locator("canvas[role=application]").waitFor();
}

describe("terminal", () => {
  test("is styled though inline style is forbidden", async () => {
    await open_terminal();
    const look = await at.page.evaluate(() => {
      const prompt = [...document.querySelectorAll(".xterm-rows span")].find((one) => one.textContent?.includes("root@"));
      return {
        prompt: prompt && getComputedStyle(prompt).color,
        row_height: document.querySelector(".xterm-rows > div")?.getBoundingClientRect().height ?? 0,
        styles: document.querySelectorAll("style").length,
      };
    });
    expect(look.prompt).toBe("rgb(95, 207, 141)");
    expect(look.row_height).toBeGreaterThan(8);
    expect(look.styles).toBe(0);
  });

  test("shows every colour, true colours and selections too", async () => {
    await open_terminal();
    await at.page.keyboard.type("colours\r");
    const colour = (text: string, what: "color" | "backgroundColor") => rows().getByText(text, { exact: true }).evaluate((cell, name) => getComputedStyle(cell)[name], what);
    await expect.poll(() => colour("true", "color")).toBe("rgb(255, 120, 0)");
    expect(await colour("ground", "backgroundColor")).toBe("rgb(0, 40, 90)");
    expect(await colour("indexed", "color")).toBe("rgb(255, 135, 0)");
    await rows().getByText("ground", { exact: true }).dblclick({ force: true });
    await expect.poll(() => at.page.locator(".xterm-selection div").count()).toBeGreaterThan(0);
  });

  test("is no part of the page until it is opened", async () => {
    const { page, panel } = at;
    const loaded: string[] = [];
    page.on("request", (request) => loaded.push(new URL(request.url()).pathname));
    await page.goto(`${panel.url}/servers/${server.id}`);
    await page.getByRole("heading", { name: "Usage" }).waitFor();
    expect(loaded.filter((path) => /serial-view|screen-view/.test(path))).toEqual([]);
    await page.getByRole("link", { name: "Console" }).click();
    await rows().getByText("root@shop").waitFor();
    expect(loaded.some((path) => /serial-view/.test(path))).toBe(true);
    expect(loaded.filter((path) => /screen-view/.test(path))).toEqual([]);
  });

  test("tells the guest its size, and again when it changes", async () => {
    await open_terminal();
    await expect.poll(() => at.panel.consoles.resizes.length).toBeGreaterThan(0);
    const before = at.panel.consoles.resizes.at(-1)!;
    expect(before.columns).toBeGreaterThan(60);
    await at.page.setViewportSize({ width: 700, height: 600 });
    await expect.poll(() => at.panel.consoles.resizes.at(-1)!.columns).toBeLessThan(before.columns);
    await at.page.getByRole("button", { name: "Larger text" }).click();
    const narrow = at.panel.consoles.resizes.at(-1)!.columns;
    await at.page.getByRole("button", { name: "Larger text" }).click();
    await expect.poll(() => at.panel.consoles.resizes.at(-1)!.columns).toBeLessThanOrEqual(narrow);
    await at.page.setViewportSize({ width: 1280, height: 800 });
  });

  test("pastes and copies", async () => {
    const { page, panel } = at;
    await open_terminal();
    await page.evaluate(() => navigator.clipboard.writeText("echo pasted"));
    await page.getByRole("button", { name: "Paste" }).click();
    await expect.poll(() => panel.consoles.serial.join("")).toContain("echo pasted");
    await page.keyboard.press("Enter");
    await rows().getByText(/^pasted/).waitFor();
    expect(panel.consoles.serial.join("")).toContain("echo pasted\r");
    await page.getByRole("button", { name: "Copy", exact: true }).click();
    await page.getByText("Nothing is selected.").waitFor();
    await rows().getByText(/^pasted/).dblclick({ force: true });
    await page.keyboard.press("Control+Shift+C");
    await page.getByText("Copied", { exact: true }).waitFor();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("pasted");
  });

  test("a cut line is mended by itself, with the history once", async () => {
    await open_terminal();
    at.panel.close_consoles(1011);
    await expect.poll(() => at.panel.requests.filter((one) => one.endsWith("/console-tickets")).length).toBe(2);
    await at.page.getByText("Connected", { exact: true }).waitFor();
    await expect.poll(async () => (await rows().innerText()).match(/ttyS0/g)?.length).toBe(1);
  });

  test.each([
    [4000, "The server stopped."],
    [4001, "You no longer have the right to use this console."],
    [1013, /Too many consoles are open/],
  ])("close code %i says why, and can be reconnected", async (code, why) => {
    await open_terminal();
    at.panel.close_consoles(code);
    await at.page.getByText(why).waitFor();
    await at.page.getByRole("button", { name: "Reconnect" }).click();
    await at.page.getByText("Connected", { exact: true }).waitFor();
  });

  test("comes back with the guest", async () => {
    await open_terminal();
    at.panel.world.change(server.id, { state: "stopped" });
    at.panel.close_consoles(4000);
    await at.page.getByText("The server stopped.").waitFor();
    at.panel.world.change(server.id, { state: "running" });
    await at.page.getByText("Connected", { exact: true }).waitFor();
  });

  test("leaving the page closes the line", async () => {
    await open_terminal();
    await at.page.getByRole("link", { name: "Overview" }).click();
    await expect.poll(() => at.panel.open_consoles).toBe(0);
    expect(await at.page.evaluate(() => document.adoptedStyleSheets.length)).toBe(0);
  });
});

describe("screen", () => {
  const keys = () => at.panel.consoles.keys;

  test("shows the guest's picture and takes keys", async () => {
    await open_screen();
    const shade = () =>
      at.page.locator("canvas[role=application]").evaluate((canvas: HTMLCanvasElement) => [...(canvas.getContext("2d")?.getImageData(320, 200, 1, 1).data ?? [])].slice(0, 3).join());
    await expect.poll(shade).not.toBe("0,0,0");
    await at.page.keyboard.press("x");
    await expect.poll(keys).toContain(0x78);
  });

  test("Ctrl+Alt+Del, typed text, clipboard, screenshot", async () => {
    const { page, panel } = at;
    await open_screen();
    await page.getByRole("button", { name: "Ctrl+Alt+Del" }).click();
    await expect.poll(keys).toEqual(expect.arrayContaining([0xffe3, 0xffe9, 0xffff]));
    await page.getByRole("button", { name: "Clipboard" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("Hi!");
    await page.getByRole("button", { name: "Type it" }).click();
    await expect.poll(keys).toEqual(expect.arrayContaining([0xffe1, 0x48, 0x69, 0x21]));
    await page.getByRole("button", { name: "Clipboard" }).click();
    await page.getByRole("dialog").getByRole("textbox").fill("for its clipboard");
    await page.getByRole("button", { name: "Put on its clipboard" }).click();
    await expect.poll(() => panel.consoles.clipboard).toBe("for its clipboard");
    const saved = page.waitForEvent("download");
    await page.getByRole("button", { name: "Save screenshot" }).click();
    expect((await saved).suggestedFilename()).toMatch(/^shop-.*\.png$/);
  });

  test("full screen and back; the keyboard finds the way out", async () => {
    const { page } = at;
    await open_screen();
    await page.getByRole("button", { name: "Full screen" }).click();
    await expect.poll(() => page.evaluate(() => document.fullscreenElement?.className)).toBe("console");
    await page.getByRole("button", { name: "Leave full screen" }).click();
    await expect.poll(() => page.evaluate(() => document.fullscreenElement)).toBe(null);
    await page.locator("canvas[role=application]").focus();
    await page.keyboard.press("Control+Shift+F6");
    await expect.poll(() => page.evaluate(() => document.activeElement?.closest(".console-bar") !== null)).toBe(true);
  });

  test("a container has none", async () => {
    const { page, panel } = at;
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "mail gateway").id}/console`);
    await page.getByText("Connected", { exact: true }).waitFor();
    expect(await page.getByRole("button", { name: "Screen", exact: true }).count()).toBe(0);
  });
});
