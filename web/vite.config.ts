import { defineConfig, type Plugin } from "vite";

// xterm's renderer writes true colours and selections as style attributes, which the panel's policy (style-src 'self') forbids;
// the same rules through the CSSOM are allowed. One call in one pinned version: a version that looks different stops the build.
function xterm_without_style_attributes(): Plugin {
  const attribute = /(\w+)\.setAttribute\("style",`\$\{\1\.getAttribute\("style"\)\|\|""\}\$\{(\w+)\};`\)/g;
  return {
    name: "xterm-without-style-attributes",
    transform(code, id) {
      if (!/@xterm\/xterm\/lib\/xterm\.mjs$/.test(id)) return undefined;
      const found = code.match(attribute)?.length ?? 0;
      if (found !== 1 || code.split('setAttribute("style"').length !== 2) this.error(`xterm sets style attributes in another way than this build knows (${found} found)`);
      return { code: code.replace(attribute, '($1.style.cssText+=$2+";")'), map: null };
    },
  };
}

// Everything the panel serves is made here and embedded in berthd: hashed names, no inline script or style, no data: URLs.
export default defineConfig({
  base: "/",
  publicDir: false,
  plugins: [xterm_without_style_attributes()],
  optimizeDeps: { exclude: ["@xterm/xterm"] },
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
