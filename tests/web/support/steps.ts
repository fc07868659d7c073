// What tests do over and over.
import type { Page } from "playwright-core";
import { password as known_password } from "./mock-state";

export async function sign_in(page: Page, url: string, password = known_password): Promise<void> {
  await page.goto(`${url}/sign-in`);
  await page.getByLabel("Name", { exact: true }).fill("ada");
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL(`${url}/servers`);
}
