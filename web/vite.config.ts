import { defineConfig } from "vite";

// Everything the panel serves is made here and embedded in berthd: hashed names, no inline script or style, no data: URLs.
export default defineConfig({
  base: "/",
  publicDir: false,
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    outDir: "../build/web",
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0,
    target: "es2022",
    modulePreload: { polyfill: false },
    reportCompressedSize: true,
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: "127.0.0.1",
    port: 5173,
    // `npm run --prefix tests mock` answers there.
    proxy: { "/api": { target: "http://127.0.0.1:8087", ws: true } },
  },
});
