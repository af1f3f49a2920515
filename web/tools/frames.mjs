// Builds each frame's script, after the page: its folder was emptied for that.

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "vite";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
process.chdir(root);

for (const name of ["vega", "plotly", "molecule", "bokeh"]) {
  process.env["FRAME"] = name;
  // A query, so that the file is read anew for each.
  await build({ configFile: join(root, "vite.frames.config.ts"), logLevel: "warn" });
}
