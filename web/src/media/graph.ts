/** Graphs of models as clients write them: layers, and which feeds which. */

import { isRecord } from "../wire/check";

export interface GraphNode {
  id: string;
  name: string;
  kind: string;
  /** The shape of what it gives, such as `8 × 16`. */
  shape: string;
  /** How many numbers it learns; null where that is not told. */
  parameters: number | null;
  /** The names of those that it feeds. */
  feeds: readonly string[];
}

const MOST_NODES = 20_000;

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

function shapeOf(value: unknown): string {
  if (!Array.isArray(value)) return textOf(value);
  // Several outputs have a shape each.
  if (value.some(Array.isArray)) return value.map(shapeOf).join(", ");
  return value.map((part) => (part === null ? "?" : textOf(part))).join(" × ");
}

function parametersOf(fields: Record<string, unknown>): number | null {
  const told = fields["num_parameters"];
  if (typeof told === "number") return told;
  if (!Array.isArray(fields["parameters"])) return null;
  const sizes = fields["parameters"].map((one) => (Array.isArray(one) ? one[1] : null));
  const products = sizes.map((size) =>
    Array.isArray(size) ? size.reduce((all: number, part) => all * Number(part), 1) : Number.NaN,
  );
  const sum = products.reduce((all, one) => all + one, 0);
  return Number.isFinite(sum) ? sum : null;
}

/** Reads a file of a graph; null for what is none. */
export function graphOf(text: string): GraphNode[] | null {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isRecord(content) || !Array.isArray(content["nodes"])) return null;
  const nodes = content["nodes"].filter(isRecord).slice(0, MOST_NODES);
  const names = new Map(
    nodes.map((node) => [textOf(node["id"]), textOf(node["name"]) || textOf(node["id"])]),
  );
  const feeds = new Map<string, string[]>();
  for (const edge of Array.isArray(content["edges"]) ? content["edges"] : []) {
    if (!Array.isArray(edge)) continue;
    const [from, to] = edge.map(textOf);
    if (from === undefined || to === undefined || !names.has(to)) continue;
    feeds.set(from, [...(feeds.get(from) ?? []), names.get(to) ?? to]);
  }
  return nodes.map((node) => {
    const id = textOf(node["id"]);
    return {
      id,
      name: names.get(id) ?? id,
      kind: textOf(node["class_name"]),
      shape: shapeOf(node["output_shape"] ?? node["size"]),
      parameters: parametersOf(node),
      feeds: feeds.get(id) ?? [],
    };
  });
}
