// Every screen in every state worth looking at: for axe, for widths, for pictures.
import type { Page } from "playwright-core";
import type { MockPanel } from "./mock-panel";
import { forget_jobs, installing, machine_facts, on_trial, with_rollback } from "./mock-machine";
import { setup_code, type Server, type World } from "./mock-state";

export interface Visit {
  readonly page: Page;
  readonly panel: MockPanel;
}
type Show = (visit: Visit) => Promise<unknown>;

export function server_named(world: World, name: string): Server {
  const found = [...world.servers.values()].find((one) => one.name === name);
  if (!found) throw new Error(`no server ${name}`);
  return found;
}

const button = (page: Page, name: string | RegExp) => page.getByRole("button", { name, exact: typeof name === "string" });

export const before_sign_in: Readonly<Record<string, Show>> = {
  setup: async ({ page, panel }) => {
    panel.world.setup_needed = true;
    await page.goto(`${panel.url}/#code=${setup_code}`);
    await page.getByLabel(/^Password/).fill("harbour");
  },
  "setup-errors": async ({ page }) => {
    await button(page, "Create account and continue").click();
    await page.getByText("This is needed.").first().waitFor();
  },
  "sign-in": async ({ page, panel }) => {
    panel.world.setup_needed = false;
    await page.goto(panel.url);
    await button(page, "Sign in").waitFor();
  },
  "sign-in-refused": async ({ page }) => {
    await page.getByLabel("Name", { exact: true }).fill("ada");
    await page.getByLabel("Password", { exact: true }).fill("wrong");
    await button(page, "Sign in").click();
    await page.getByRole("alert").waitFor();
  },
};

async function open_user_menu(page: Page): Promise<void> {
  const menu = page.getByRole("button", { name: /Account menu/ });
  if (!(await menu.isVisible())) await button(page, "Open menu").click();
  await menu.click();
}

function running_job(world: World): Server {
  const server = server_named(world, "wiki");
  const job = world.enqueue("server.create", "Create wiki", server.id, () => undefined);
  for (let i = 0; i < 3; ++i) world.advance(job.id);
  world.change(server.id, { state: "creating", state_reason: undefined });
  return world.servers.get(server.id)!;
}

function failed_job(world: World): Server {
  const server = server_named(world, "build");
  const job = world.enqueue("server.start", "Start build", server.id, () => undefined);
  world.advance(job.id);
  world.fail(job.id, "not enough memory is free");
  return world.servers.get(server.id)!;
}

const list_screens: Readonly<Record<string, Show>> = {
  servers: async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers`);
    await page.getByRole("link", { name: "shop" }).waitFor();
  },
  "servers-none-match": async ({ page }) => {
    await page.getByRole("searchbox").fill("nothing of that name");
    await page.getByText("No server matches.").waitFor();
    await page.getByRole("searchbox").fill("");
  },
  "servers-menu": async ({ page }) => {
    await button(page, "More actions for shop").click();
    await page.getByRole("menu").waitFor();
  },
  "power-off": async ({ page }) => {
    await page.getByRole("menuitem", { name: "Power off" }).click();
    await page.getByRole("dialog").waitFor();
  },
  "new-server": async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/new`);
    await page.getByRole("radio", { name: /Debian 13/ }).check();
    await page.getByLabel("Name", { exact: true }).fill("Web shop");
  },
  "new-server-errors": async ({ page }) => {
    await page.getByLabel(/SSH keys/).fill("nonsense");
    await button(page, "Create server").click();
    await page.getByText("Choose a plan.").waitFor();
  },
};

const server_screens: Readonly<Record<string, Show>> = {
  server: async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "shop").id}`);
    await page.getByRole("heading", { name: "Usage" }).waitFor();
  },
  "server-drift": async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "db replica").id}`);
    await page.getByText(/Changed outside the panel/).waitFor();
  },
  "server-job": async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${running_job(panel.world).id}`);
    await button(page, "Show log").click();
    await page.getByRole("log").getByText("connect").first().waitFor();
  },
  "server-job-failed": async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${failed_job(panel.world).id}`);
    await button(page, "Try again").waitFor();
  },
  delete: async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "shop").id}`);
    await button(page, "Delete server").click();
    await page.getByRole("dialog").waitFor();
  },
  "peer-group": async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "shop").id}`);
    await page.getByRole("list", { name: "Servers it may reach" }).getByText("mail gateway").waitFor();
    await button(page, "Change").click();
    await page.getByRole("dialog").getByText("It will reach: mail gateway").waitFor();
  },
  rename: async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "shop").id}`);
    await button(page, "Rename").click();
    await page.getByRole("dialog").waitFor();
  },
  console: async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "shop").id}/console`);
    await page.locator(".xterm-rows").getByText("root@shop").waitFor();
    await page.keyboard.type("echo hello from the quay\r");
    await page.locator(".xterm-rows").getByText(/^hello from the quay/).waitFor();
  },
  screen: async ({ page }) => {
    await button(page, "Screen").click();
    await page.locator("canvas[role=application]").waitFor();
  },
  "console-stopped": async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "game night").id}/console`);
    await page.getByText("The server is not running.").waitFor();
  },
  gone: async ({ page, panel }) => {
    await page.goto(`${panel.url}/servers/srv_none`);
    await page.getByRole("heading", { name: "This server is gone" }).waitFor();
  },
};

async function system(page: Page, panel: MockPanel, path: string, text: string | RegExp): Promise<void> {
  await page.goto(`${panel.url}/system${path}`);
  await page.getByText(text).first().waitFor();
}

const system_screens: Readonly<Record<string, Show>> = {
  system: ({ page, panel }) => system(page, panel, "", "The update 1.5.0 is ready to be installed."),
  "system-rename": async ({ page }) => {
    await button(page, "Rename").click();
    await page.getByRole("dialog").waitFor();
  },
  "system-rollback": ({ page, panel }) => {
    panel.world.machine = with_rollback(machine_facts());
    return system(page, panel, "", "The last update was taken back:");
  },
  "system-updates": ({ page, panel }) => {
    panel.world.machine = machine_facts();
    return system(page, panel, "/updates", "Releases on this machine");
  },
  "system-installing": ({ page, panel }) => {
    installing(panel.world);
    return system(page, panel, "/updates", "Write it to the other slot");
  },
  "system-network": async ({ page, panel }) => {
    panel.world.machine = machine_facts();
    forget_jobs(panel.world);
    await system(page, panel, "/network", "Network cards and links");
    await button(page, "VLAN").click();
    await page.getByLabel("IPv4", { exact: true }).first().selectOption("fixed");
    await page.getByLabel("IPv4 address").fill("192.0.2.77/24");
    await page.getByRole("link", { name: /192\.0\.2\.77/ }).waitFor();
  },
  "system-trial": ({ page, panel }) => {
    panel.world.machine = on_trial(machine_facts(), 95);
    return system(page, panel, "/network", /Taken back in/);
  },
  "system-time": async ({ page, panel }) => {
    panel.world.machine = machine_facts();
    await system(page, panel, "/time", "Now on this machine");
  },
  "system-time-by-hand": async ({ page }) => {
    await page.getByLabel("Set the clock by NTP").uncheck();
    await button(page, "Take this browser\u2019s time").click();
  },
  "system-ssh": ({ page, panel }) => system(page, panel, "/ssh", /SHA256:/),
  "system-support": ({ page, panel }) => system(page, panel, "/support", "Support bundle"),
  "system-reset": async ({ page }) => {
    await button(page, "Destroy everything").click();
    await page.getByRole("dialog").getByText("What is lost").waitFor();
  },
  "system-locked": ({ page, panel }) => {
    panel.world.machine = { ...machine_facts(), appliance: false, board: "development", slots: [], found_updates: [] };
    return system(page, panel, "/support", /was not set up by Berth/);
  },
  "system-locked-updates": ({ page, panel }) => system(page, panel, "/updates", /was not set up by Berth/),
};

const other_screens: Readonly<Record<string, Show>> = {
  activity: async ({ page, panel }) => {
    await page.goto(`${panel.url}/activity`);
    await page.getByRole("button", { name: /Start/ }).first().click();
    await page.getByRole("list", { name: "Steps" }).waitFor();
  },
  account: async ({ page, panel }) => {
    await page.goto(`${panel.url}/account`);
    await page.getByText("this one").waitFor();
  },
  "user-menu": async ({ page }) => {
    await open_user_menu(page);
    await page.getByRole("menu").waitFor();
  },
  nothing: async ({ page, panel }) => {
    await page.goto(`${panel.url}/nowhere`);
    await page.getByRole("heading", { name: "There is nothing here" }).waitFor();
  },
};

// In this order: some go on from where the one before them left the page.
export const after_sign_in: Readonly<Record<string, Show>> = { ...list_screens, ...server_screens, ...system_screens, ...other_screens };
