// Every screen, in both themes, on a desk and on a phone, left to right and right to left: axe finds nothing, nothing is wider than
// the window, and no policy is violated.
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Page } from "playwright-core";
import { findings, overflow } from "./support/axe";
import { Browser } from "./support/browser";
import { MockPanel } from "./support/mock-panel";
import { fill } from "./support/samples";
import { after_sign_in, before_sign_in } from "./support/screens";
import { sign_in } from "./support/steps";

const looks = [
  { name: "desk, light", theme: "light", width: 1280, height: 800, rtl: false },
  { name: "desk, dark", theme: "dark", width: 1280, height: 800, rtl: false },
  { name: "phone, light", theme: "light", width: 360, height: 740, rtl: false },
  { name: "phone, dark, right to left", theme: "dark", width: 360, height: 740, rtl: true },
] as const;

describe.each(looks)("$name", (look) => {
  let panel: MockPanel;
  let browser: Browser;
  let page: Page;

  beforeAll(async () => {
    panel = await new MockPanel().start();
    fill(panel.world);
    browser = await Browser.open(look);
    page = await browser.page();
  });
  afterEach(() => {
    expect(browser.complaints).toEqual([]);
  });
  afterAll(async () => {
    await browser.close();
    await panel.stop();
  });

  async function inspect(): Promise<void> {
    if (look.rtl) await page.evaluate(() => (document.documentElement.dir = "rtl"));
    expect(await overflow(page)).toEqual([]);
    expect(await findings(page)).toEqual([]);
  }

  test.each(Object.keys(before_sign_in))("%s", async (name) => {
    await before_sign_in[name]!({ page, panel });
    await inspect();
  });

  test("signs in", () => sign_in(page, panel.url));

  test.each(Object.keys(after_sign_in))("%s", async (name) => {
    await after_sign_in[name]!({ page, panel });
    await inspect();
  });
});
