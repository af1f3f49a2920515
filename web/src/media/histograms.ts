/** Logged histograms over steps, as rows of counts on one common axis. */

import { isRecord } from "../wire/check";

export interface LoggedHistogram {
  step: number;
  edges: number[];
  counts: number[];
}

function numbersOf(value: unknown): number[] | null {
  if (!Array.isArray(value)) return null;
  const numbers = value.filter((each): each is number => typeof each === "number");
  return numbers.length === value.length ? numbers : null;
}

/** Edges in full, or by their first, their distance and their count. */
function edgesOf(value: Record<string, unknown>): number[] | null {
  const edges = numbersOf(value["bins"]);
  if (edges) return edges;
  const packed = value["packedBins"];
  if (!isRecord(packed)) return null;
  const [min, size, count] = ["min", "size", "count"].map((name) => packed[name]);
  if (typeof min !== "number" || typeof size !== "number" || typeof count !== "number") return null;
  if (!(count >= 1 && count <= 100_000)) return null;
  return Array.from({ length: count + 1 }, (_, at) => min + at * size);
}

/** A histogram as it was logged; null for what is none, or holds what no axis has room for. */
export function histogramOf(step: number, value: unknown): LoggedHistogram | null {
  if (!isRecord(value)) return null;
  const edges = edgesOf(value);
  const counts = numbersOf(value["values"]);
  if (!edges || !counts || edges.length !== counts.length + 1) return null;
  if (!edges.every(Number.isFinite)) return null;
  return { step, edges, counts };
}

export interface HeatMap {
  low: number;
  high: number;
  rows: number;
  /** Column by column: the share of a step's values in each row of the axis, 0 to 1. */
  columns: Float32Array[];
  most: number;
}

/** Puts histograms of different edges on one axis. Each value is spread evenly over its bin. */
export function heatMapOf(histograms: readonly LoggedHistogram[], rows: number): HeatMap {
  const low = Math.min(...histograms.map((one) => one.edges[0] ?? 0));
  const high = Math.max(...histograms.map((one) => one.edges.at(-1) ?? 0));
  const span = high - low || 1;
  let most = 0;
  const columns = histograms.map(({ edges, counts }) => {
    const column = new Float32Array(rows);
    const total = counts.reduce((sum, count) => sum + Math.max(count, 0), 0) || 1;
    counts.forEach((count, at) => {
      const from = (((edges[at] ?? low) - low) / span) * rows;
      const to = (((edges[at + 1] ?? low) - low) / span) * rows;
      spread(column, from, Math.max(to, from), Math.max(count, 0) / total);
    });
    for (const share of column) most = Math.max(most, share);
    return column;
  });
  return { low, high: low + span, rows, columns, most };
}

function spread(column: Float32Array, from: number, to: number, share: number): void {
  const first = Math.min(Math.max(Math.floor(from), 0), column.length - 1);
  const last = Math.min(Math.max(Math.ceil(to) - 1, first), column.length - 1);
  const width = to - from;
  for (let row = first; row <= last; row += 1) {
    const part = width > 0 ? (Math.min(to, row + 1) - Math.max(from, row)) / width : 1;
    column[row] = (column[row] ?? 0) + share * Math.max(part, 0);
  }
}
