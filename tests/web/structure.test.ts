// House rules of the web client that a machine can check.
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { line_of, parse, project, sources, walk } from "./support/source";

test("the API's types are those of firmware/api/openapi.json", () => {
  const checked = spawnSync("npm", ["run", "--silent", "--prefix", "web", "types:check"], { cwd: project, encoding: "utf8" });
  expect(checked.stdout + checked.stderr).not.toMatch(/not match|differ/i);
  expect(checked.status, "run: npm run --prefix web types").toBe(0);
});

test("the server gives the page for just those addresses that the router knows", () => {
  const known = (text: string, part: RegExp) => [...(part.exec(text)?.[1] ?? "").matchAll(/"(\/[^"]*)"/g)].map((found) => found[1]!);
  const app = sources(".tsx").find(({ name }) => name === "shell/app.tsx")!.text;
  const mine = [...known(app, /const routes.* = \[\n([^]*?)\n\];/), ...known(app, /const doors.* = \[(.*)\];/)];
  const served = known(readFileSync(join(project, "firmware/app/pages.cpp"), "utf8"), /vector<std::string>\{([^]*?)\}/);
  expect(mine.length).toBeGreaterThan(8);
  expect(served.sort()).toEqual(mine.sort());
});

test("no function over 70 lines", () => {
  const long: string[] = [];
  for (const source of sources(".ts", ".tsx").filter(({ name }) => !name.startsWith("api/openapi"))) {
    const file = parse(source);
    walk(file, (node) => {
      if (!ts.isFunctionLike(node) || !("body" in node) || !node.body) return;
      const lines = line_of(file, node.end) - line_of(file, node.getStart()) + 1;
      if (lines > 70) long.push(`${source.name}:${line_of(file, node.getStart())}: ${lines} lines`);
    });
  }
  expect(long).toEqual([]);
});

test("arrows point one way: pages to parts and shell, those to api and i18n", () => {
  const forbidden: Record<string, RegExp> = {
    api: /\.\.\/(i18n|parts|shell|pages)\//,
    i18n: /\.\.\/(parts|shell|pages)\//,
    parts: /\.\.\/(shell|pages)\//,
  };
  const found = sources(".ts", ".tsx").flatMap(({ name, text }) =>
    [...text.matchAll(/from "([^"]+)"/g)].filter(([, path]) => forbidden[name.split("/")[0]!]?.test(path!)).map(([, path]) => `${name} -> ${path}`),
  );
  expect(found).toEqual([]);
});

test("style sheets say start and end, never left and right", () => {
  const sided = /(?<![\w-])((margin|padding|border)-(left|right|top|bottom)|left|right|text-align:\s*(left|right)|float)\s*[:;]/;
  const found = sources(".css").flatMap(({ name, text }) => text.split("\n").flatMap((line, i) => (sided.test(line) ? [`${name}:${i + 1}: ${line.trim()}`] : [])));
  expect(found).toEqual([]);
});

test("no style attribute, no raw markup", () => {
  const found: string[] = [];
  for (const source of sources(".tsx")) {
    const file = parse(source);
    walk(file, (node) => {
      if (ts.isJsxAttribute(node) && ["style", "dangerouslySetInnerHTML"].includes(node.name.getText())) found.push(`${source.name}:${line_of(file, node.getStart())}`);
    });
    if (/\.(innerHTML|outerHTML)\s*=|insertAdjacentHTML|\beval\(|new Function/.test(source.text)) found.push(source.name);
  }
  expect(found).toEqual([]);
});
