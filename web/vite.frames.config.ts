import { defineConfig } from "vite";

// What is drawn in frames of its own, without an origin: one classic script each, for a module
// could not be loaded there.
const name = process.env["FRAME"] ?? "vega";

export default defineConfig({
  build: {
    outDir: "../python/ferrule/static/frames",
    emptyOutDir: false,
    copyPublicDir: false,
    target: "es2022",
    chunkSizeWarningLimit: 6000,
    // The licences of what is packed in here want their notices kept.
    rolldownOptions: { output: { comments: { legal: true } } },
    lib: {
      entry: `frames/${name}.ts`,
      name: "frame",
      formats: ["iife"],
      fileName: () => `${name}.js`,
    },
  },
  define: { "process.env.NODE_ENV": '"production"', global: "globalThis" },
});
