// Every word lives in i18n/, in every language, and every one of them is used.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { de } from "../../web/i18n/de";
import { en } from "../../web/i18n/en";
import { pl } from "../../web/i18n/pl";
import { line_of, parse, project, sources, walk } from "./support/source";

type Entry = string | Record<string, string>;
const languages: Record<string, Record<string, Entry>> = { de, en, pl };
const texts = (entry: Entry): string[] => (typeof entry === "string" ? [entry] : Object.values(entry));
const names = (text: string): string => [...text.matchAll(/\{(\w+)\}/g)].map((found) => found[1]).sort().join();

describe.each(Object.keys(languages))("language %s", (code) => {
  const words = languages[code]!;

  test("has every text of the English one and no other", () => {
    expect(Object.keys(words).sort()).toEqual(Object.keys(en).sort());
  });

  test("fills in the same names", () => {
    for (const [key, entry] of Object.entries(en)) {
      const wanted = names(texts(entry)[0]!);
      for (const text of texts(words[key]!)) expect({ key, names: names(text) }).toEqual({ key, names: wanted });
    }
  });

  test("has every plural form that its numbers need", () => {
    const categories = new Intl.PluralRules(code).resolvedOptions().pluralCategories;
    for (const [key, entry] of Object.entries(words))
      if (typeof entry !== "string") expect({ key, forms: Object.keys(entry).sort() }).toEqual({ key, forms: [...categories].sort() });
  });

  test("leaves nothing empty or untranslated by accident", () => {
    const same = Object.keys(words).filter((key) => code !== "en" && JSON.stringify(words[key]) === JSON.stringify(en[key as keyof typeof en]) && texts(words[key]!)[0]!.split(" ").length > 3);
    expect(same).toEqual([]);
    for (const [key, entry] of Object.entries(words)) for (const text of texts(entry)) expect({ key, text: text.trim() }).not.toEqual({ key, text: "" });
  });
});

test("no text outside i18n/", () => {
  const spoken = new Set(["aria-label", "title", "placeholder", "label", "alt", "text", "confirm", "hint"]);
  const found: string[] = [];
  for (const source of sources(".tsx")) {
    const file = parse(source);
    walk(file, (node) => {
      const literal = ts.isJsxText(node) ? node.text : ts.isJsxAttribute(node) && spoken.has(node.name.getText()) && node.initializer && ts.isStringLiteral(node.initializer) ? node.initializer.text : "";
      if (/\p{L}{2,}/u.test(literal)) found.push(`${source.name}:${line_of(file, node.getStart())}: ${literal.trim()}`);
    });
  }
  expect(found).toEqual([]);
});

test("every text is used", () => {
  const code = sources(".ts", ".tsx").filter(({ name }) => !/^i18n\/(system\/)?(en|de|pl)\.ts$/.test(name)).map(({ text }) => text).join("\n");
  const patterns = [...code.matchAll(/[`"]((?:[a-z_]+\.)+(?:\$\{[^}]+\}[a-z_.]*)?[a-z_.0-9]*)[`"]/g)].map((found) => new RegExp(`^${found[1]!.replace(/\$\{[^}]+\}/g, "\u0000").replace(/\./g, "\\.").replace(/\u0000/g, ".+")}$`));
  const unused = Object.keys(en).filter((key) => !code.includes(`"${key}"`) && !patterns.some((pattern) => pattern.test(key)));
  expect(unused).toEqual([]);
});

test("every rule that the server can name has words in every language, with its numbers", () => {
  const document = JSON.parse(readFileSync(join(project, "firmware/api/openapi.json"), "utf8")) as { components: { schemas: Record<string, { enum?: string[]; properties?: object }> } };
  const { FieldRule, FieldParams } = document.components.schemas;
  const numbers = [...Object.keys(FieldParams!.properties!), "reason"];
  expect(FieldRule!.enum!.length).toBeGreaterThan(30);
  for (const [code, words] of Object.entries(languages)) {
    expect({ code, wordless: FieldRule!.enum!.filter((rule) => !(`rule.${rule}` in words)) }).toEqual({ code, wordless: [] });
    const strange = Object.keys(words).filter((key) => key.startsWith("rule.") && !FieldRule!.enum!.includes(key.slice(5)));
    expect({ code, strange }).toEqual({ code, strange: [] });
    for (const rule of FieldRule!.enum!)
      for (const [, name] of texts(words[`rule.${rule}`]!)[0]!.matchAll(/\{(\w+)\}/g)) expect(numbers).toContain(name);
  }
});

test("every step of every job has words", () => {
  const folder = join(project, "firmware/jobs");
  const steps = readdirSync(folder)
    .filter((name) => name.endsWith("_job.cpp") || name.endsWith("_jobs.cpp"))
    .flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(/\{"([a-z][a-z ']+)", [a-z_]+/g)].map((found) => found[1]!));
  expect(steps.length).toBeGreaterThan(10);
  expect(steps.filter((step) => !(`step.${step}` in en))).toEqual([]);
});
