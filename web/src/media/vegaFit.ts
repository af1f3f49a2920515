/** How large a chart by Vega-Lite is drawn in its frame. */

import { isRecord } from "../wire/check";
import type { DataRow } from "./vegaSpec";

const COMPOSED = ["facet", "hconcat", "vconcat", "concat", "repeat"] as const;
/** What titles and axes take beside charts in a row, in pixels, and the least that a chart has. */
const AROUND = { width: 90, height: 105, between: 20 };
const LEAST = 100;

/** Follows the frame: a chart without a size of its own fills it. */
export function fitted(spec: DataRow, width: number, height: number): DataRow {
  const row = rowOf(spec);
  if (row) return row.count === 1 ? alone(spec, row.chart) : inRow(spec, row, width, height);
  if (COMPOSED.some((name) => name in spec)) return spec;
  const autosize = { type: "fit", contains: "padding" };
  return { ...spec, width: "container", height: "container", autosize };
}

interface Row {
  chart: DataRow;
  count: number;
}

/** Of charts beside each other by a column's values: the chart, and how many there are. */
function rowOf(spec: DataRow): Row | null {
  const [facet, chart] = [spec["facet"], spec["spec"]];
  const column = isRecord(facet) ? facet["column"] : null;
  const field = isRecord(column) ? column["field"] : null;
  if (typeof field !== "string" || !isRecord(chart)) return null;
  const rows = Object.values(isRecord(spec["datasets"]) ? spec["datasets"] : {}).flat();
  const values = new Set(rows.map((row) => (isRecord(row) ? row[field] : undefined)));
  return { chart, count: values.size };
}

/** One needs no head that tells it from others. */
function alone({ facet: _facet, spec: _spec, ...rest }: DataRow, chart: DataRow): DataRow {
  return fitted({ ...rest, ...chart }, 0, 0);
}

function inRow(spec: DataRow, { chart, count }: Row, width: number, height: number): DataRow {
  const { width: _width, height: _height, autosize: _autosize, ...rest } = spec;
  const each = (width - AROUND.width) / Math.max(count, 1) - AROUND.between;
  const size = {
    width: Math.max(LEAST, Math.floor(each)),
    height: Math.max(LEAST, Math.floor(height - AROUND.height)),
  };
  return { ...rest, spec: { ...size, ...chart } };
}
