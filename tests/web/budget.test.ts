// First load: at most 80 kB of JavaScript and 20 kB of CSS, gzipped; nothing from elsewhere, nothing inline.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { project } from "./support/source";

const built = join(project, "build/web");
const page = readFileSync(join(built, "index.html"), "utf8");
const linked = (shape: RegExp): string[] => [...page.matchAll(shape)].map((found) => found[1]!);
const scripts = linked(/(?:<script[^>]+src|rel="modulepreload"[^>]+href)="([^"]+)"/g);
const styles = linked(/rel="stylesheet"[^>]+href="([^"]+)"/g);
const size = (path: string): number => gzipSync(readFileSync(join(built, path)), { level: 9 }).length;
const total = (paths: readonly string[]): number => paths.reduce((sum, path) => sum + size(path), 0);

// What a first page loads besides the linked files: the words of the user's language.
const words = readdirSync(join(built, "assets")).filter((name) => /^[a-z]{2}-[\w-]{8}\.js$/.test(name)).map((name) => `assets/${name}`);

test("80 kB of JavaScript, with any language", () => {
  expect(scripts.length).toBeGreaterThan(0);
  const bytes = total(scripts) + Math.max(0, ...words.map(size));
  console.log(`first load: ${(bytes / 1000).toFixed(1)} kB of JavaScript, ${(total(styles) / 1000).toFixed(1)} kB of CSS, gzipped`);
  expect(bytes).toBeLessThanOrEqual(80_000);
});

test("20 kB of CSS", () => {
  expect(styles.length).toBeGreaterThan(0);
  expect(total(styles)).toBeLessThanOrEqual(20_000);
});

test("consoles are not part of the first load", () => {
  const first = scripts.map((path) => readFileSync(join(built, path), "utf8")).join();
  expect(first).not.toContain("xterm-helper-textarea");
  expect(first).not.toContain("RFB 003");
});

test("everything is ours, hashed, and in files of its own", () => {
  for (const path of [...scripts, ...styles]) expect(path).toMatch(/^\/assets\/[\w-]+-[\w-]{8}\.(js|css)$/);
  expect(page).not.toMatch(/https?:|<style|style=|\son\w+=|<script(?![^>]+src)/);
  for (const name of readdirSync(join(built, "assets"))) if (name.endsWith(".css")) expect(readFileSync(join(built, "assets", name), "utf8")).not.toMatch(/url\((?!["']?\/assets)/);
});
