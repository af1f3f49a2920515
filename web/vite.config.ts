import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a running server.
const server = process.env["FERRULE_SERVER"] ?? "http://127.0.0.1:8137";

// What every page needs stays in one file: split by who shares it, it would weigh more.
const ALWAYS =
  /node_modules\/(react|react-dom|scheduler|wouter|@tanstack)\/|src\/(ui|wire|state)\//;
const LATER = /src\/(wire|state)\/media\.ts|[qQ]ueries(Observer)?\.js/;

export default defineConfig({
  plugins: [react()],
  build: {
    outDir: "../python/ferrule/static",
    emptyOutDir: true,
    target: "es2022",
    // Inlined assets would need `data:` in the content security policy.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: true,
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [{ name: "base", test: (id) => ALWAYS.test(id) && !LATER.test(id) }],
        },
      },
    },
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/graphql", "/files", "/storage", "/healthz"].map((path) => [path, server]),
    ),
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
