// Whom a server may reach: seen on its page, changed in a dialog by keyboard alone, chosen for a new server; and plans that do not fit.
import { expect, test } from "vitest";
import { fill } from "./support/samples";
import { scene } from "./support/scene";
import { server_named } from "./support/screens";

const at = scene();
const gib = 1024 ** 3;

test("a server joins a group and leaves it, by keyboard", async () => {
  const { page, panel } = at;
  fill(panel.world);
  const build = server_named(panel.world, "build");
  await page.goto(`${panel.url}/servers/${build.id}`);
  const network = page.locator("section").filter({ has: page.getByRole("heading", { name: "Network" }) });
  await network.getByText("No other server").waitFor();
  await page.getByRole("button", { name: "Change", exact: true }).focus();
  await page.keyboard.press("Enter");
  const dialog = page.getByRole("dialog", { name: "Whom it may reach" });
  await dialog.getByText("It will reach no other server.").waitFor();
  expect(await dialog.locator("datalist option").evaluateAll((all) => all.map((one) => (one as HTMLOptionElement).value))).toEqual(["shop floor"]);
  await page.keyboard.type("shop floor");
  await dialog.getByText("It will reach: shop, mail gateway").waitFor();
  await page.keyboard.press("Enter");
  await expect.poll(() => dialog.count()).toBe(0);
  const peers = network.getByRole("list", { name: "Servers it may reach" });
  await peers.getByRole("link", { name: "mail gateway" }).waitFor();
  expect(panel.world.servers.get(build.id)?.peer_group).toBe("shop floor");
  await expect.poll(() => page.getByRole("button", { name: "Change", exact: true }).evaluate((one) => one === document.activeElement)).toBe(true);

  // Somebody else leaves: it is seen without a reload.
  panel.world.change(server_named(panel.world, "shop").id, { peer_group: undefined });
  await expect.poll(() => peers.getByRole("link").count()).toBe(1);

  await page.keyboard.press("Enter");
  await dialog.getByRole("combobox").fill("");
  await page.keyboard.press("Enter");
  await network.getByText("No other server").waitFor();
  expect(panel.world.servers.get(build.id)?.peer_group).toBeUndefined();
});

test("a new server may begin in a group, and plans beyond the memory to sell say why", async () => {
  const { page, panel } = at;
  fill(panel.world);
  panel.world.host = { ...panel.world.host, memory_to_sell_bytes: 2 * gib };
  await page.goto(`${panel.url}/servers/new`);
  await page.getByRole("radio", { name: /Debian 13/ }).check();
  const medium = page.getByRole("radio", { name: /Medium/ });
  await expect.poll(() => medium.isDisabled()).toBe(true);
  await page.getByText("Memory of the machine is promised to other servers (2 GiB left to sell)").first().waitFor();
  await page.getByRole("radio", { name: /Small/ }).check();
  await page.getByLabel("Name", { exact: true }).fill("till");
  await page.getByLabel(/^Peer group/).fill("shop floor");
  await page.getByRole("button", { name: "Create server" }).click();
  await page.getByRole("list", { name: "Servers it may reach" }).getByText("shop").first().waitFor();
  expect(server_named(panel.world, "till").peer_group).toBe("shop floor");
});

test("a storage that is nearly full blocks every plan", async () => {
  const { page, panel } = at;
  panel.world.host = { ...panel.world.host, storage_full: true };
  await page.goto(`${panel.url}/servers/new`);
  await page.getByText(/storage is nearly full/).first().waitFor();
  await expect.poll(() => page.getByRole("radio", { name: /Nano/ }).isDisabled()).toBe(true);
});
