/** What lies over images: boxes and masks in layers, their classes, and what of it is shown. */

import { isRecord } from "../wire/check";

export interface LayerChoice {
  /** Layers that are switched off, as `boxes/name` and `masks/name`. */
  hidden: ReadonlySet<string>;
  /** Classes that are switched off, as `layer/class`. */
  hiddenClasses: ReadonlySet<string>;
  /** How much of the image a mask leaves, 0 to 1. */
  opacity: number;
  /** Boxes whose highest score is lower are left out; null for none. */
  minScore: number | null;
}

export const ALL_LAYERS: LayerChoice = {
  hidden: new Set(),
  hiddenClasses: new Set(),
  opacity: 0.6,
  minScore: null,
};

export interface Layer {
  id: string;
  kind: "boxes" | "masks";
  name: string;
  path: string;
  /** Boxes that stand in the value itself, as they do in tables; null where a file has them. */
  inline: readonly unknown[] | null;
}

/** The layers that an image says it has. */
export function layersOf(fields: Readonly<Record<string, unknown>>): Layer[] {
  return (["boxes", "masks"] as const).flatMap((kind) => {
    const named = fields[kind];
    if (!isRecord(named)) return [];
    return Object.entries(named).flatMap(([name, layer]): Layer[] => {
      const id = `${kind}/${name}`;
      if (kind === "boxes" && Array.isArray(layer)) {
        return [{ id, kind, name, path: "", inline: layer }];
      }
      const path = isRecord(layer) ? layer["path"] : null;
      return typeof path === "string" ? [{ id, kind, name, path, inline: null }] : [];
    });
  });
}

export type Labels = ReadonlyMap<number, string>;

export function labelsOf(value: unknown): Labels {
  if (!isRecord(value)) return new Map();
  return new Map(
    Object.entries(value).flatMap(([id, label]) =>
      typeof label === "string" && Number.isFinite(Number(id)) ? [[Number(id), label]] : [],
    ),
  );
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
  classId: number | null;
  caption: string | null;
  /** The highest of its scores. */
  score: number | null;
}

const numberOf = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;

/** A box in parts of the image, 0 to 1; null for what is none. */
export function boxOf(value: unknown, width: number, height: number): Box | null {
  if (!isRecord(value) || !isRecord(value["position"])) return null;
  const edges = edgesOf(value["position"]);
  if (!edges) return null;
  const inPixels = value["domain"] === "pixel";
  const [unitX, unitY] = inPixels ? [width || 1, height || 1] : [1, 1];
  const [x0, y0, x1, y1] = edges;
  const scores = isRecord(value["scores"]) ? Object.values(value["scores"]).map(numberOf) : [];
  const known = scores.filter((score) => score !== null);
  return {
    x: Math.min(x0, x1) / unitX,
    y: Math.min(y0, y1) / unitY,
    width: Math.abs(x1 - x0) / unitX,
    height: Math.abs(y1 - y0) / unitY,
    classId: numberOf(value["class_id"]),
    caption: typeof value["box_caption"] === "string" ? value["box_caption"] : null,
    score: known.length > 0 ? Math.max(...known) : null,
  };
}

function edgesOf(position: Record<string, unknown>): [number, number, number, number] | null {
  const [minX, minY, maxX, maxY] = ["minX", "minY", "maxX", "maxY"].map((n) =>
    numberOf(position[n]),
  );
  if (minX != null && minY != null && maxX != null && maxY != null) return [minX, minY, maxX, maxY];
  const middle = Array.isArray(position["middle"]) ? position["middle"].map(numberOf) : [];
  const [x, y] = middle;
  const width = numberOf(position["width"]);
  const height = numberOf(position["height"]);
  if (x == null || y == null || width === null || height === null) return null;
  return [x - width / 2, y - height / 2, x + width / 2, y + height / 2];
}

/** More boxes than these can't be told apart, and would make the page slow. */
export const MOST_BOXES = 1000;

/** A colour for a class: neighbouring numbers are far apart on the wheel. */
export function classHue(id: number): number {
  return Math.round((id * 137.508 + 205) % 360);
}

export function classColor(id: number | null): string {
  return id === null ? "hsl(210 8% 55%)" : `hsl(${classHue(id)} 78% 52%)`;
}

/** The classes in the pixels of a mask, ascending; 0 is what is in none. */
export function classesIn(pixels: ArrayLike<number>): number[] {
  const seen = new Uint8Array(256);
  for (let at = 0; at < pixels.length; at += 4) seen[pixels[at] ?? 0] = 1;
  return [...seen.keys()].filter((id) => id > 0 && seen[id] === 1);
}

/** The names of classes, and numbers for those that occur and have none. */
export function allNamed(labels: Labels, ids: Iterable<number | null>): Labels {
  const named = new Map(labels);
  for (const id of ids) {
    if (id !== null && !named.has(id)) named.set(id, `class ${id}`);
  }
  return named;
}

/** The same as red, green, blue, for masks. */
export function classRgb(id: number): [number, number, number] {
  const [h, s, l] = [classHue(id) / 30, 0.78, 0.52];
  const a = s * Math.min(l, 1 - l);
  const part = (n: number): number => {
    const k = (n + h) % 12;
    return Math.round(255 * (l - a * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
  };
  return [part(0), part(8), part(4)];
}

export const isShown = (choice: LayerChoice, layer: string, classId: number | null): boolean =>
  !choice.hidden.has(layer) && !choice.hiddenClasses.has(`${layer}/${classId ?? ""}`);
