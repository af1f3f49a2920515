/** A chart's points as a table for other programs. */

import type { SeriesBlock } from "../wire/series";

// A cell that begins like a formula is one to a spreadsheet, and names are anyone's text.
const FORMULA = /^[=+\-@\t\r]/;

function cell(text: string): string {
  const harmless = FORMULA.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

/** One row a point; the columns of buckets are empty for points as they were logged. */
export function csvOf(
  blocks: readonly SeriesBlock[],
  names: ReadonlyMap<string, string>,
  xKey: string,
): string {
  const rows = [["run", "name", xKey, "value", "min", "max"].map(cell).join(",")];
  for (const { run, x, y, min, max } of blocks) {
    const who = `${cell(run)},${cell(names.get(run) ?? run)}`;
    for (let at = 0; at < x.length; at += 1) {
      rows.push([who, x[at], y[at], min?.[at] ?? "", max?.[at] ?? ""].join(","));
    }
  }
  return `${rows.join("\n")}\n`;
}
