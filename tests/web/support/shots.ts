// Pictures of every screen, for people to look at: `npm run --prefix tests shots [folder]`.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Browser } from "./browser";
import { MockPanel } from "./mock-panel";
import { fill } from "./samples";
import { after_sign_in, before_sign_in } from "./screens";
import { sign_in } from "./steps";

const folder = process.argv[2] ?? "/tmp/shots";
const only = process.argv[3];

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
  for (const screens of [before_sign_in, after_sign_in]) {
    if (screens === after_sign_in) await sign_in(page, panel.url);
    for (const [name, show] of Object.entries(screens)) {
      await show({ page, panel });
      await page.screenshot({ path: join(target, `${name}.png`) });
    }
  }
  if (browser.complaints.length > 0) console.log(look.name, browser.complaints);
  await browser.close();
  await panel.stop();
}
