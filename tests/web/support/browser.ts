// Debian's Chromium under the tests' hand. Every page counts what must never happen: a policy violation, an uncaught error.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrowserContext, chromium, type Page } from "playwright-core";

const args = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb"];

export interface Look {
  readonly width?: number;
  readonly height?: number;
  readonly theme?: "light" | "dark";
  readonly language?: string;
  readonly ignore_certificate?: boolean; // a panel with its first, self-signed certificate
}

export class Browser {
  readonly complaints: string[] = [];

  private constructor(
    private readonly folder: string,
    readonly context: BrowserContext,
  ) {}

  static async open(look: Look = {}): Promise<Browser> {
    const folder = await mkdtemp(join(tmpdir(), "berth-browser-"));
    const context = await chromium.launchPersistentContext(folder, {
      executablePath: "/usr/bin/chromium",
      args,
      headless: true,
      viewport: { width: look.width ?? 1280, height: look.height ?? 800 },
      colorScheme: look.theme ?? "light",
      locale: look.language ?? "en-GB",
      timezoneId: "UTC",
      reducedMotion: "reduce",
      ignoreHTTPSErrors: look.ignore_certificate ?? false,
      permissions: ["clipboard-read", "clipboard-write"],
    });
    const browser = new Browser(folder, context);
    context.setDefaultTimeout(15_000);
    await context.addInitScript(() => {
      addEventListener("securitypolicyviolation", (event) => console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));
    });
    return browser;
  }

  // `expected`: console errors that belong to the test, such as the browser's own line about a 401.
  async page(expected: RegExp = /Failed to load resource/): Promise<Page> {
    const page = await this.context.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" && !expected.test(message.text())) this.complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.complaints.push(String(error)));
    return page;
  }

  async close(): Promise<void> {
    await this.context.close();
    await rm(this.folder, { recursive: true, force: true });
  }
}
