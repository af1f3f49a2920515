/** Which values are media, by the `_type` that clients give them, and what is in a value. */

import { isRecord } from "../wire/check";

export type MediaName =
  | "image"
  | "video"
  | "audio"
  | "html"
  | "object3d"
  | "molecule"
  | "plotly"
  | "bokeh"
  | "graph"
  | "table"
  | "histogram"
  | "vega"
  | "mixed"
  | "file";

const NAMES: Readonly<Record<string, MediaName>> = {
  "image-file": "image",
  "images/separated": "image",
  images: "image",
  "video-file": "video",
  videos: "video",
  "audio-file": "audio",
  audio: "audio",
  "html-file": "html",
  html: "html",
  "object3D-file": "object3d",
  object3D: "object3d",
  "molecule-file": "molecule",
  molecule: "molecule",
  "plotly-file": "plotly",
  "table-file": "table",
  histogram: "histogram",
  "joined-table": "table",
  "partitioned-table": "table",
  "bokeh-file": "bokeh",
  "graph-file": "graph",
};

/** How the server calls lists of such values, among what was logged under a key. */
const MIXED = "media-list";

/** Types are whatever somebody wrote, `constructor` too. */
const named = <T>(table: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(table, name) ? table[name] : undefined;

/** Of all that was logged under a key: what it is shown as, null for what is no media. */
export function mediaNameOf(kinds: readonly string[]): MediaName | null {
  if (kinds.includes(MIXED)) return "mixed";
  for (const kind of kinds) {
    const name = named(NAMES, kind);
    if (name) return name;
  }
  return null;
}

export interface MediaItem {
  /** The place among those logged together. */
  index: number;
  path: string | null;
  caption: string | null;
  /** The value itself, as it was logged. */
  fields: Readonly<Record<string, unknown>>;
}

const textOf = (value: unknown): string | null => (typeof value === "string" ? value : null);

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

function itemOf(fields: Record<string, unknown>, index: number, caption: unknown): MediaItem {
  return {
    index,
    path: textOf(fields["path"]),
    caption: textOf(caption) ?? textOf(fields["caption"]),
    fields,
  };
}

/** Lists of one type come as one value, with a list for each thing that is known of them. */
const LISTS: Readonly<Record<string, string>> = {
  audio: "audio",
  videos: "videos",
  html: "html",
  object3D: "objects",
};

function separated(value: Record<string, unknown>): MediaItem[] {
  const captions = listOf(value["captions"]);
  const boxes = listOf(value["all_boxes"]);
  const masks = listOf(value["all_masks"]);
  return listOf(value["filenames"]).map((path, index) =>
    itemOf(
      {
        path,
        width: value["width"],
        height: value["height"],
        boxes: boxes[index],
        masks: masks[index],
      },
      index,
      captions[index],
    ),
  );
}

/** The single items of what was logged under a key at one step. */
export function itemsOf(value: unknown): MediaItem[] {
  if (Array.isArray(value)) {
    return value.flatMap(itemsOf).map((item, index) => ({ ...item, index }));
  }
  if (!isRecord(value)) return [];
  const type = textOf(value["_type"]) ?? "";
  const inside = named(LISTS, type);
  if (inside !== undefined) {
    const captions = listOf(value["captions"]);
    return listOf(value[inside])
      .filter(isRecord)
      .map((fields, index) => itemOf(fields, index, captions[index]));
  }
  if ("filenames" in value) return separated(value);
  return Object.hasOwn(NAMES, type) ? [itemOf(value, 0, null)] : [];
}

/** The last of ascending steps that is not after the wanted one; null before the first. */
export function stepAt(steps: readonly number[], wanted: number): number | null {
  let low = 0;
  let high = steps.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((steps[middle] ?? 0) <= wanted) low = middle + 1;
    else high = middle;
  }
  return steps[low - 1] ?? null;
}

/** All steps of several runs, ascending, each once. */
export function mergedSteps(lists: readonly (readonly number[])[]): number[] {
  const [only] = lists;
  if (lists.length === 1 && only) return [...only];
  return [...new Set(lists.flat())].sort((a, b) => a - b);
}
