// One panel and one signed-in page for a test file; every test ends with no complaint of the browser.
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { Browser, type Look } from "./browser";
import { MockPanel } from "./mock-panel";
import { sign_in } from "./steps";

export interface Scene {
  readonly panel: MockPanel;
  readonly page: Page;
  readonly browser: Browser;
}

export function scene(options: { look?: Look; signed_in?: boolean; expected?: RegExp } = {}): Scene {
  let browser: Browser | undefined;
  const now: { panel?: MockPanel; page?: Page } = {};
  beforeAll(async () => {
    browser = await Browser.open(options.look);
  });
  beforeEach(async () => {
    now.panel = await new MockPanel().start();
    now.page = await browser!.page(options.expected);
    if (options.signed_in ?? true) await sign_in(now.page, now.panel.url);
  });
  afterEach(async () => {
    await now.page!.close();
    await browser!.context.clearCookies();
    await now.panel!.stop();
    expect(browser!.complaints.splice(0)).toEqual([]);
  });
  afterAll(() => browser?.close());
  return {
    get panel() {
      return now.panel!;
    },
    get page() {
      return now.page!;
    },
    get browser() {
      return browser!;
    },
  };
}
