// Loading, empty, broken, lost and found again: what each screen does when the panel's server does not do as hoped.
import { describe, expect, test } from "vitest";
import { problem } from "./support/mock-routes";
import { password, sample_server } from "./support/mock-state";
import { fill } from "./support/samples";
import { scene } from "./support/scene";
import { server_named } from "./support/screens";

const at = scene();
const unavailable = () => problem(503, "engine-down", "The engine is not there");

describe("lists", () => {
  test.each([
    ["/servers", "GET /servers", /No servers yet/],
    ["/activity", "GET /jobs", /Nothing has happened yet/],
  ])("%s: loading, then a problem that can be tried again, then empty", async (path, route, empty) => {
    const { page, panel } = at;
    let open = () => {};
    panel.gate = new Promise((resolve) => (open = resolve));
    panel.lasting_trouble.set(route, unavailable());
    await page.goto(panel.url + path);
    await expect.poll(() => page.getByText("Loading").count()).toBeGreaterThan(0);
    open();
    await page.getByRole("alert").getByText(/does not answer right now/).waitFor();
    panel.lasting_trouble.clear();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText(empty).waitFor();
  });

  test("a list of more than one page is read to its end", async () => {
    const { page, panel } = at;
    for (let i = 0; i < 230; ++i) panel.world.add(sample_server(`server ${i}`, { created_at: new Date(i * 1000).toISOString() }));
    await page.goto(`${panel.url}/servers`);
    await page.getByText("230 servers").waitFor();
    await page.getByRole("searchbox").fill("server 229");
    await page.getByText("1 of 230").waitFor();
  });
});

describe("live", () => {
  test("what changes on the server changes on screen, without a reload", async () => {
    const { page, panel } = at;
    fill(panel.world);
    await page.reload();
    const row = page.getByRole("row").filter({ hasText: "game night" });
    await row.getByText("Stopped").waitFor();
    panel.world.change(server_named(panel.world, "game night").id, { state: "running" });
    await row.getByText("Running").waitFor();
    panel.world.remove(server_named(panel.world, "game night").id);
    await expect.poll(() => row.count()).toBe(0);
  });

  test("a lost stream is told, and what was missed is caught up", async () => {
    const { page, panel } = at;
    fill(panel.world);
    await page.reload();
    const row = page.getByRole("row").filter({ hasText: "game night" });
    await row.getByText("Stopped").waitFor();
    panel.streams_refused = true;
    panel.close_streams();
    await page.getByText(/Live updates are interrupted/).waitFor();
    panel.world.change(server_named(panel.world, "game night").id, { state: "running" });
    panel.streams_refused = false;
    await row.getByText("Running").waitFor();
    await expect.poll(() => page.getByText(/Live updates are interrupted/).count()).toBe(0);
  });

  test("a job that fails is told wherever the user is", async () => {
    const { page, panel } = at;
    fill(panel.world);
    await page.goto(`${panel.url}/account`);
    await page.getByText("quay-7").waitFor();
    const job = panel.world.enqueue("server.start", "Start shop", server_named(panel.world, "shop").id, () => undefined);
    panel.world.advance(job.id);
    panel.world.fail(job.id, "no memory is free");
    await page.getByText("Start: shop failed: no memory is free").waitFor();
  });
});

describe("session", () => {
  test("ends in the middle of a form: sign in over it, and the wish is sent", async () => {
    const { page, panel } = at;
    await page.goto(`${panel.url}/servers/new`);
    await page.getByRole("radio", { name: /Debian 13/ }).check();
    await page.getByRole("radio", { name: /Small/ }).check();
    await page.getByLabel("Name", { exact: true }).fill("kept");
    panel.world.sessions.clear();
    await page.getByRole("button", { name: "Create server" }).click();
    const dialog = page.getByRole("dialog", { name: "Sign in again" });
    await dialog.getByLabel("Password", { exact: true }).fill("wrong");
    await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
    await dialog.getByText("Name or password is wrong.").waitFor();
    await dialog.getByLabel("Password", { exact: true }).fill(password);
    await dialog.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByRole("heading", { name: "kept" }).waitFor();
    expect(panel.world.servers.size).toBe(1);
  });

  test("a stale CSRF token is renewed by itself", async () => {
    const { page, panel } = at;
    fill(panel.world);
    await page.reload();
    await page.getByRole("link", { name: "game night" }).waitFor();
    for (const one of panel.world.sessions.values()) one.csrf = "another";
    await page.getByRole("button", { name: "Start: game night" }).click();
    await expect.poll(() => [...panel.world.jobs.values()].map((job) => job.type)).toEqual(["server.start"]);
  });

  test("a stranger is led to sign in and then to where he wanted; never elsewhere", async () => {
    const { page, panel } = at;
    panel.world.sessions.clear();
    await page.goto(`${panel.url}/account`);
    await page.waitForURL(/\/sign-in\?next=/);
    const enter = async () => {
      await page.getByLabel("Name", { exact: true }).fill("ada");
      await page.getByLabel("Password", { exact: true }).fill(password);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
    };
    await enter();
    await page.waitForURL(`${panel.url}/account`);
    for (const evil of ["//evil.test/", "/\\evil.test", "https://evil.test/", "javascript:alert(1)"]) {
      panel.world.sessions.clear();
      await page.goto(`${panel.url}/sign-in?next=${encodeURIComponent(evil)}`);
      await enter();
      await page.waitForURL(`${panel.url}/servers`);
    }
  });

  test("too many attempts: says when to come back", async () => {
    const { page, panel } = at;
    panel.world.sessions.clear();
    panel.trouble.set("POST /sessions", problem(429, "too-many-attempts", "Too many attempts.", [], { "Retry-After": "720" }));
    await page.goto(`${panel.url}/sign-in`);
    await page.getByLabel("Name", { exact: true }).fill("ada");
    await page.getByLabel("Password", { exact: true }).fill("x");
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.getByText(/Try again in 12m/).waitFor();
  });

  test("signing out leaves nothing behind", async () => {
    const { page, panel } = at;
    await page.getByRole("button", { name: /Account menu/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.waitForURL(/\/sign-in/);
    expect(panel.world.sessions.size).toBe(0);
    await page.goBack();
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
  });
});

describe("new server", () => {
  async function fill_in(name: string): Promise<void> {
    const { page, panel } = at;
    await page.goto(`${panel.url}/servers/new`);
    await page.getByRole("radio", { name: /Debian 13/ }).check();
    await page.getByRole("radio", { name: /Small/ }).check();
    await page.getByLabel("Name", { exact: true }).fill(name);
  }

  test("the server's complaint stands at its field, before anything is sent for real", async () => {
    const { page, panel } = at;
    await fill_in("taken");
    await page.getByText("This is taken already.").waitFor();
    expect(panel.world.servers.size).toBe(0);
    expect(await page.getByLabel("Hostname").getAttribute("aria-invalid")).toBe("true");
    await page.getByLabel("Hostname").fill("free");
    await expect.poll(() => page.getByText("This is taken already.").count()).toBe(0);
  });

  test("bad input loses nothing, and leads to the first bad field", async () => {
    const { page, panel } = at;
    await fill_in("");
    await page.getByLabel(/SSH keys/).fill("nonsense");
    await page.getByLabel("Password", { exact: false }).first().fill("long enough");
    await page.getByRole("button", { name: "Create server" }).click();
    await page.getByText("This is needed.").waitFor();
    await page.getByText("Line 1 is not an OpenSSH public key.").waitFor();
    await expect.poll(() => page.getByLabel("Name", { exact: true }).evaluate((field) => field === document.activeElement)).toBe(true);
    expect(await page.getByRole("radio", { name: /Debian 13/ }).isChecked()).toBe(true);
    expect(await page.getByLabel(/SSH keys/).inputValue()).toBe("nonsense");
    expect(panel.world.servers.size).toBe(0);
  });

  test("a reload keeps the draft, but no password", async () => {
    const { page } = at;
    await fill_in("drafted");
    await page.getByLabel("Password", { exact: false }).first().fill("secret enough");
    await page.reload();
    await expect.poll(() => page.getByLabel("Name", { exact: true }).inputValue()).toBe("drafted");
    expect(await page.getByRole("radio", { name: /Debian 13/ }).isChecked()).toBe(true);
    expect(await page.getByLabel("Password", { exact: false }).first().inputValue()).toBe("");
    expect(await page.evaluate(() => JSON.stringify({ ...sessionStorage, ...localStorage }))).not.toContain("secret enough");
  });

  test("an answer that was lost never makes two servers", async () => {
    const { page, panel } = at;
    await fill_in("once");
    const keys: string[] = [];
    let lose = true;
    await page.route("**/api/v1/servers", async (route) => {
      if (route.request().method() !== "POST") return route.continue();
      keys.push((await route.request().headerValue("idempotency-key")) ?? "");
      if (!lose) return route.continue();
      lose = false;
      return route.abort();
    });
    await page.getByRole("button", { name: "Create server" }).click();
    await page.getByText(/The panel does not answer/).waitFor();
    await page.getByRole("button", { name: "Create server" }).click();
    await page.getByRole("heading", { name: "once" }).waitFor();
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
    expect(keys[1]).toBe(keys[0]);
    expect(panel.world.servers.size).toBe(1);
  });

  test("says why nothing can be created", async () => {
    const { page, panel } = at;
    panel.world.host = { ...panel.world.host, pool: { addresses_total: 10, addresses_free: 0 } };
    await page.goto(`${panel.url}/servers/new`);
    await page.getByText(/No address is free/).waitFor();
    expect(await page.getByRole("button", { name: "Create server" }).isDisabled()).toBe(true);
  });
});

describe("server", () => {
  test("a rename that meets another's change does not overwrite it", async () => {
    const { page, panel } = at;
    fill(panel.world);
    const server = server_named(panel.world, "shop");
    await page.goto(`${panel.url}/servers/${server.id}`);
    await page.getByRole("button", { name: "Rename" }).click();
    const dialog = page.getByRole("dialog");
    await expect.poll(() => panel.requests.filter((one) => one === `GET /servers/${server.id}`).length).toBeGreaterThan(1);
    await dialog.getByLabel("Name").fill("mine");
    panel.world.change(server.id, { name: "theirs" });
    await dialog.getByRole("button", { name: "Save" }).click();
    await dialog.getByText(/Somebody changed this server/).waitFor();
    expect(panel.world.servers.get(server.id)?.name).toBe("theirs");
    await dialog.getByRole("button", { name: "Save" }).click();
    await page.getByRole("heading", { name: "mine" }).waitFor();
  });

  test("a job can be cancelled and tried again", async () => {
    const { page, panel } = at;
    fill(panel.world);
    const server = server_named(panel.world, "wiki");
    const job = panel.world.enqueue("server.create", "Create wiki", server.id, () => undefined);
    panel.world.advance(job.id);
    await page.goto(`${panel.url}/servers/${server.id}`);
    await page.getByRole("button", { name: "Cancel" }).click();
    await page.getByText("What it has done so far is undone, step by step.").waitFor();
    await page.getByRole("button", { name: "Cancel the job" }).click();
    await page.getByText("Cancelled", { exact: true }).waitFor();
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByText("Under way", { exact: true }).waitFor();
    expect(panel.world.jobs.size).toBe(2);
  });

  test("what costs something is asked first, what costs nothing is not", async () => {
    const { page, panel } = at;
    fill(panel.world);
    await page.goto(`${panel.url}/servers/${server_named(panel.world, "shop").id}`);
    await page.getByRole("button", { name: "Shut down" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Cancel" }).click();
    expect(panel.world.jobs.size).toBe(0);
    await page.getByRole("button", { name: "Pause" }).click();
    await expect.poll(() => panel.world.jobs.size).toBe(1);
  });

  test("a name full of markup is a name", async () => {
    const { page, panel } = at;
    const name = `<img src=x onerror=alert(1)> & "quotes" \u202e`;
    panel.world.add(sample_server(name, { hostname: "h", state_reason: "<script>alert(2)</script>", state: "crashed" }));
    await page.goto(`${panel.url}/servers`);
    await page.getByText("<img src=x").waitFor();
    await page.getByText("<script>alert(2)</script>").waitFor();
    expect(await page.locator("img").count()).toBe(0);
  });
});

describe("account", () => {
  test("another session is listed and can be ended; a new password ends the rest", async () => {
    const { page, panel } = at;
    const other = { id: "ses_other", created_at: new Date().toISOString(), last_seen_at: new Date().toISOString(), address: "192.0.2.77", user_agent: "curl/8.1", current: false, csrf: "x" };
    panel.world.sessions.set("other", other);
    await page.goto(`${panel.url}/account`);
    await page.getByRole("button", { name: /Sign out.*192\.0\.2\.77/ }).click();
    await expect.poll(() => panel.world.sessions.has("other")).toBe(false);
    panel.world.sessions.set("other", other);
    await page.getByLabel("Present password").fill("not this");
    await page.getByLabel("New password").fill("another long secret");
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText("This is not the present password.").waitFor();
    await page.getByLabel("Present password").fill(password);
    await page.getByRole("button", { name: "Change password" }).click();
    await page.getByText(/All other sessions are signed out/).waitFor();
    expect([...panel.world.sessions.keys()]).not.toContain("other");
    expect(await page.getByLabel("New password").inputValue()).toBe("");
  });

  test("theme and language are chosen at once and remembered", async () => {
    const { page } = at;
    await page.getByRole("button", { name: /Account menu/ }).click();
    const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
    const light = await ground();
    await page.getByRole("menuitemradio", { name: "Dark" }).click();
    expect(await ground()).not.toBe(light);
    await page.getByRole("menuitemradio", { name: "Deutsch" }).click();
    await page.getByRole("link", { name: "Vorgänge" }).waitFor();
    await page.reload();
    await page.getByRole("link", { name: "Vorgänge" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("de");
    expect(await ground()).not.toBe(light);
    await page.evaluate(() => localStorage.clear());
  });

  test("the installation's language is for whoever has chosen none", async () => {
    const { page, panel } = at;
    panel.world.language = "pl";
    await page.reload();
    await expect.poll(() => page.evaluate(() => document.documentElement.lang)).toBe("pl");
    await page.evaluate(() => localStorage.setItem("berth.language", "en"));
    await page.reload();
    await page.getByRole("link", { name: "Activity" }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe("en");
    await page.evaluate(() => localStorage.clear());
    panel.world.language = undefined;
  });
});
