/** Point clouds as clients write them: bare points, or a scene of points, boxes and vectors. */

import { isRecord } from "../wire/check";
import { classRgb } from "./layers";

export interface Cloud {
  /** Three numbers a point, and three from 0 to 1 for its colour. */
  positions: Float32Array;
  colors: Float32Array;
  /** Two points for each line, with a colour. */
  lines: { from: Triple; to: Triple; color: Triple }[];
  labels: string[];
}

export type Triple = [number, number, number];

export const MOST_POINTS = 2_000_000;
const MOST_BOXES = 5_000;
/** Corners of a box that share an edge: those whose numbers differ in one bit of three. */
const EDGES: readonly (readonly [number, number])[] = [
  [0, 1],
  [1, 3],
  [3, 2],
  [2, 0],
  [4, 5],
  [5, 7],
  [7, 6],
  [6, 4],
  [0, 4],
  [1, 5],
  [2, 6],
  [3, 7],
];

function tripleOf(value: unknown): Triple | null {
  if (!Array.isArray(value)) return null;
  const [x, y, z] = value.map(Number);
  return Number.isFinite(x) && Number.isFinite(y) && Number.isFinite(z)
    ? [x as number, y as number, z as number]
    : null;
}

function colorOf(point: readonly unknown[]): Triple {
  if (point.length >= 6) {
    return [3, 4, 5].map((at) => Math.min(Math.max(Number(point[at]) / 255, 0), 1)) as Triple;
  }
  // A category, or none.
  const [r, g, b] = classRgb(point.length >= 4 ? Number(point[3]) : 0);
  return [r / 255, g / 255, b / 255];
}

/** Reads a file of points; null for what is none. */
export function cloudOf(content: unknown): Cloud | null {
  const scene = isRecord(content) ? content : { points: content };
  const listed = scene["points"];
  const points = (Array.isArray(listed) ? listed : []).slice(0, MOST_POINTS);
  const good = points.filter((point): point is number[] => tripleOf(point) !== null);
  const lines = [...boxLines(scene["boxes"]), ...vectorLines(scene["vectors"])];
  if (good.length === 0 && lines.length === 0) return null;
  const positions = new Float32Array(good.length * 3);
  const colors = new Float32Array(good.length * 3);
  good.forEach((point, at) => {
    positions.set(point.slice(0, 3), at * 3);
    colors.set(colorOf(point), at * 3);
  });
  return { positions, colors, lines, labels: labelsOf(scene["boxes"]) };
}

/** Colours from blue over green to yellow by how high points lie: red, green and blue for each. */
export function heightColors(positions: ArrayLike<number>, axis: 1 | 2): Float32Array {
  const count = Math.floor(positions.length / 3);
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let at = axis; at < count * 3; at += 3) {
    const height = positions[at] ?? 0;
    low = Math.min(low, height);
    high = Math.max(high, height);
  }
  const colors = new Float32Array(count * 3);
  for (let at = 0; at < count * 3; at += 3) {
    const part = high > low ? ((positions[at + axis] ?? 0) - low) / (high - low) : 0.5;
    colors.set([part * part, 0.15 + 0.75 * part, 0.9 * (1 - part) + 0.1], at);
  }
  return colors;
}

const recordsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord).slice(0, MOST_BOXES) : [];

function labelsOf(boxes: unknown): string[] {
  const labels = recordsOf(boxes).map((box) => box["label"]);
  return [
    ...new Set(
      labels.filter((label): label is string => typeof label === "string" && label !== ""),
    ),
  ];
}

function boxLines(boxes: unknown): Cloud["lines"] {
  return recordsOf(boxes).flatMap((box) => {
    const listed = Array.isArray(box["corners"]) ? box["corners"] : [];
    const corners = ordered(listed.map(tripleOf));
    if (!corners) return [];
    const color = boxColorOf(box["color"]);
    return EDGES.flatMap(([a, b]) => {
      const [from, to] = [corners[a], corners[b]];
      return from && to ? [{ from, to, color }] : [];
    });
  });
}

/** The client's `box3d` has parts up to 1; boxes that people write themselves have bytes. */
function boxColorOf(value: unknown): Triple {
  const parts = tripleOf(value) ?? [80, 160, 255];
  const most = Math.max(...parts) <= 1 ? 1 : 255;
  return parts.map((part) => part / most) as Triple;
}

/** Corners come in no fixed order; they are sorted along x, then y, then z. */
function ordered(corners: readonly (Triple | null)[]): Triple[] | null {
  const known = corners.filter((corner) => corner !== null);
  if (known.length !== 8) return null;
  const middle = [0, 1, 2].map(
    (axis) => known.reduce((sum, corner) => sum + (corner[axis] ?? 0), 0) / 8,
  );
  const placed: Triple[] = [];
  for (const corner of known) {
    const bits = [0, 1, 2].reduce(
      (sum, axis) => sum * 2 + Number((corner[axis] ?? 0) > (middle[axis] ?? 0)),
      0,
    );
    placed[bits] = corner;
  }
  // A turned box has corners that share a side: its own order is as good as any.
  return placed.filter(Boolean).length === 8 ? placed : known;
}

function vectorLines(vectors: unknown): Cloud["lines"] {
  return recordsOf(vectors).flatMap((vector) => {
    const [from, to] = [tripleOf(vector["start"]), tripleOf(vector["end"])];
    return from && to ? [{ from, to, color: [1, 0.8, 0.2] as Triple }] : [];
  });
}
