// Weighs the built page: what must load before the first paint, and what a workspace needs in all.

import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";

const built = join(dirname(fileURLToPath(import.meta.url)), "../../python/ferrule/static");
const KIB = 1024;
const BUDGETS = [
  ["before first paint", 150, ["index.html"]],
  ["whole workspace", 220, ["index.html", "src/panels/LineCanvas.tsx"]],
];

let manifest;
try {
  manifest = JSON.parse(readFileSync(join(built, ".vite/manifest.json"), "utf8"));
} catch {
  console.error("budget: the page is not built: npm run build");
  process.exit(1);
}

/** A chunk's script with all scripts that it imports at once. */
function scriptsOf(name, seen = new Set()) {
  const chunk = manifest[name];
  if (!chunk) throw new Error(`budget: ${name} is not in the manifest`);
  if (seen.has(chunk.file)) return seen;
  seen.add(chunk.file);
  for (const imported of chunk.imports ?? []) scriptsOf(imported, seen);
  return seen;
}

let over = false;
for (const [what, limitKib, entries] of BUDGETS) {
  const files = new Set(entries.flatMap((entry) => [...scriptsOf(entry)]));
  const bytes = [...files].reduce(
    (sum, file) => sum + gzipSync(readFileSync(join(built, file)), { level: 9 }).length,
    0,
  );
  const kib = bytes / KIB;
  over ||= kib > limitKib;
  console.log(`${what}: ${kib.toFixed(1)} KiB of ${limitKib} KiB, gzip`);
}
process.exit(over ? 1 : 0);
