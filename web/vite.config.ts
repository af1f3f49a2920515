import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

// Where `npm run dev` finds a running server.
const server = process.env["FERRULE_SERVER"] ?? "http://127.0.0.1:8137";

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
  },
  server: {
    proxy: Object.fromEntries(
      ["/api", "/graphql", "/files", "/storage", "/healthz"].map((path) => [path, server]),
    ),
  },
  test: { include: ["src/**/*.test.ts"], environment: "node" },
});
