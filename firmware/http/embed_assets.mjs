// Packs a directory of built web pages into assets.blob, assets.S (which holds it by .incbin) and assets.cpp (the table).
//
//   node embed_assets.mjs DIRECTORY OUTPUT
//
// Files are written only when they change, so that nothing is compiled again for nothing.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";

const [directory, output] = process.argv.slice(2);
if (!directory || !output) {
  console.error("usage: embed_assets.mjs DIRECTORY OUTPUT");
  process.exit(2);
}

const contentTypes = {
  ".css": "text/css; charset=utf-8",
  ".html": "text/html; charset=utf-8",
  ".ico": "image/x-icon",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".mjs": "text/javascript; charset=utf-8",
  ".png": "image/png",
  ".svg": "image/svg+xml",
  ".txt": "text/plain; charset=utf-8",
  ".wasm": "application/wasm",
  ".webmanifest": "application/manifest+json",
  ".webp": "image/webp",
  ".woff2": "font/woff2",
};
const alreadySmall = new Set([".png", ".webp", ".woff2"]);
const left = new Set([".map"]); // for developers, not for visitors

function filesOf(folder, prefix = "") {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${prefix}/${entry.name}`;
    if (entry.isDirectory()) return filesOf(join(folder, entry.name), path);
    return entry.isFile() && !left.has(extname(entry.name)) ? [path] : [];
  });
}

function writeIfChanged(path, content) {
  const bytes = Buffer.from(content);
  if (existsSync(path) && readFileSync(path).equals(bytes)) return;
  writeFileSync(path, bytes);
}

// The server finds a path by binary search over bytes: sort by bytes too, not by locale.
const paths = filesOf(directory).sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
const chunks = [];
let offset = 0;
function place(bytes) {
  const at = offset;
  chunks.push(bytes);
  offset += bytes.length;
  return `std::string_view(berth_assets_blob + ${at}, ${bytes.length})`;
}

const rows = paths.map((path) => {
  const type = contentTypes[extname(path)];
  if (!type) throw new Error(`${path}: no content type is known for '${extname(path)}'; add it to embed_assets.mjs`);
  if (!/^[A-Za-z0-9_./-]+$/.test(path)) throw new Error(`${path}: a name of letters, digits, '_', '-' and '.' is needed`);
  const identity = readFileSync(join(directory, path));
  const packed = alreadySmall.has(extname(path)) ? identity : gzipSync(identity, { level: 9 });
  const gzip = packed.length < identity.length * 0.9 ? place(packed) : "std::string_view()";
  const etag = createHash("sha256").update(identity).digest("hex").slice(0, 32);
  // Vite puts what it hashes under /assets/, as name-HASH.ext with eight characters.
  const immutable = /^\/assets\/.*-[A-Za-z0-9_-]{8}\.[a-z0-9]+$/.test(path);
  return `    {"${path}", "${type}", "W/\\"${etag}\\"", ${place(identity)}, ${gzip}, ${immutable}},`;
});

const blob = Buffer.concat(chunks);
const sum = createHash("sha256").update(blob).digest("hex");
mkdirSync(output, { recursive: true });
writeIfChanged(join(output, "assets.blob"), blob);
writeIfChanged(
  join(output, "assets.S"),
  `/* Made by embed_assets.mjs. The sum makes this file change when the blob does: ${sum} */
  .section .rodata
  .global berth_assets_blob
  .hidden berth_assets_blob
berth_assets_blob:
  .incbin "${join(output, "assets.blob")}"
  .byte 0
  .section .note.GNU-stack,"",@progbits
`,
);
writeIfChanged(
  join(output, "assets.cpp"),
  `// Made by embed_assets.mjs.
#include <array>

#include "firmware/http/static_assets.hpp"

extern "C" char const berth_assets_blob[];

namespace berth::http {
namespace {
const std::array<Asset, ${rows.length}> assets{{
${rows.join("\n")}
}};
}  // namespace

std::span<Asset const> embedded_assets() { return assets; }
}  // namespace berth::http
`,
);
