// Pictures of every screen, for people to look at: `npm run --prefix tests shots [folder]`.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { Browser } from "./browser";
import { MockPanel } from "./mock-panel";
import { password, setup_code, type World } from "./mock-state";
import { fill } from "./samples";
import { sign_in } from "./steps";

const folder = process.argv[2] ?? "/tmp/shots";
const only = process.argv[3];

type Shot = readonly [name: string, show: (page: Page, url: string, world: World) => Promise<unknown>];
const server_named = (world: World, name: string) => [...world.servers.values()].find((one) => one.name === name)!;

const shots: readonly Shot[] = [
  ["servers", (page, url) => page.goto(`${url}/servers`).then(() => page.getByRole("row").nth(2).waitFor())],
  ["servers-menu", (page) => page.getByRole("button", { name: "More actions for shop" }).click()],
  ["power-off", (page) => page.getByRole("menuitem", { name: "Power off" }).click()],
  ["new-server", async (page, url) => {
    await page.goto(`${url}/servers/new`);
    await page.getByRole("radio", { name: /Debian 13/ }).check();
    await page.getByLabel("Name", { exact: true }).fill("Web shop");
  }],
  ["new-server-errors", async (page) => {
    await page.getByLabel(/SSH keys/).fill("nonsense");
    await page.getByRole("button", { name: "Create server" }).click();
    await page.evaluate(() => scrollTo(0, 0));
  }],
  ["server", async (page, url, world) => {
    await page.goto(`${url}/servers/${server_named(world, "shop").id}`);
    await page.getByRole("heading", { name: "Usage" }).waitFor();
  }],
  ["server-job", async (page, url, world) => {
    const server = server_named(world, "wiki");
    const job = world.enqueue("server.create", "Create wiki", server.id, () => undefined);
    for (let i = 0; i < 3; ++i) world.advance(job.id);
    world.change(server.id, { state: "creating", state_reason: undefined });
    await page.goto(`${url}/servers/${server.id}`);
    await page.getByRole("button", { name: "Show log" }).click();
    await page.getByRole("log").getByText("define the guest").or(page.getByRole("log").getByText("connect")).first().waitFor();
  }],
  ["delete", async (page, url, world) => {
    await page.goto(`${url}/servers/${server_named(world, "shop").id}`);
    await page.getByRole("button", { name: "Delete server" }).click();
  }],
  ["console", async (page, url, world) => {
    await page.goto(`${url}/servers/${server_named(world, "shop").id}/console`);
    await page.getByText("Connected").waitFor();
    await page.locator(".xterm-rows").getByText("root@shop").waitFor();
    await page.keyboard.type("echo hello from the quay\r");
  }],
  ["screen", async (page) => {
    await page.getByRole("button", { name: "Screen", exact: true }).click();
    await page.getByText("Connected").waitFor();
    await page.locator("canvas[role=application]").waitFor();
    await page.waitForTimeout(500);
  }],
  ["activity", async (page, url) => {
    await page.goto(`${url}/activity`);
    await page.getByRole("listitem").first().waitFor();
  }],
  ["account", async (page, url) => {
    await page.goto(`${url}/account`);
    await page.getByRole("listitem").first().waitFor();
  }],
  ["user-menu", async (page) => {
    const menu = page.getByRole("button", { name: /Account menu/ });
    if (!(await menu.isVisible())) await page.getByRole("button", { name: "Open menu" }).click();
    await menu.click();
  }],
];

const looks = [
  { name: "light", theme: "light", width: 1280, height: 800 },
  { name: "dark", theme: "dark", width: 1280, height: 800 },
  { name: "phone", theme: "light", width: 360, height: 740 },
  { name: "phone-dark", theme: "dark", width: 360, height: 740 },
] as const;

for (const look of looks) {
  if (only && only !== look.name) continue;
  const target = join(folder, look.name);
  await mkdir(target, { recursive: true });
  const panel = await new MockPanel().start();
  fill(panel.world);
  const browser = await Browser.open(look);
  const page = await browser.page();
  const save = (name: string) => page.screenshot({ path: join(target, `${name}.png`), fullPage: false });
  panel.world.setup_needed = true;
  await page.goto(`${panel.url}/#code=${setup_code}`);
  await page.getByLabel(/^Password/).fill("harbour");
  await save("setup");
  panel.world.setup_needed = false;
  await page.goto(panel.url);
  await page.getByRole("button", { name: "Sign in" }).waitFor();
  await save("sign-in");
  await sign_in(page, panel.url, password);
  for (const [name, show] of shots) {
    await show(page, panel.url, panel.world);
    await page.waitForTimeout(150);
    await save(name);
  }
  if (browser.complaints.length > 0) console.log(look.name, browser.complaints);
  await browser.close();
  await panel.stop();
}
