// The web client's own source, for the tests that read it.
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

export const project = join(import.meta.dirname, "../../..");
export const web = join(project, "web");

export interface Source {
  readonly name: string; // below web/
  readonly text: string;
}

export function sources(...endings: string[]): Source[] {
  return readdirSync(web, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && endings.some((ending) => entry.name.endsWith(ending)))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !path.includes("node_modules"))
    .map((path) => ({ name: relative(web, path), text: readFileSync(path, "utf8") }));
}

export function parse(source: Source): ts.SourceFile {
  return ts.createSourceFile(source.name, source.text, ts.ScriptTarget.ES2022, true, source.name.endsWith("x") ? ts.ScriptKind.TSX : ts.ScriptKind.TS);
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  ts.forEachChild(node, (child) => walk(child, visit));
}

export function line_of(file: ts.SourceFile, position: number): number {
  return file.getLineAndCharacterOfPosition(position).line + 1;
}
