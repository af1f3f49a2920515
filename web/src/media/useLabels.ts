import { useQueries, useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { useRun } from "../state/queries";
import { readFileText } from "../wire/api";
import { isRecord } from "../wire/check";
import {
  allNamed,
  type Box,
  boxOf,
  classSetOf,
  type Labels,
  type Layer,
  labelsOf,
  MOST_BOXES,
} from "./layers";
import type { ItemViewProps } from "./registry";

export interface BoxFile {
  raw: readonly unknown[];
  labels: Labels;
}

function read(text: string): BoxFile {
  const content: unknown = JSON.parse(text);
  if (!isRecord(content) || !Array.isArray(content["box_data"]))
    return { raw: [], labels: new Map() };
  return { raw: content["box_data"], labels: labelsOf(content["class_labels"]) };
}

/** A file of boxes; what it holds never changes. */
export const boxFileQuery = (path: string, url: string | null) => ({
  queryKey: ["boxes", path],
  queryFn: async ({ signal }: { signal: AbortSignal }) =>
    read(await readFileText(url ?? "", signal)),
  enabled: url !== null,
  staleTime: Number.POSITIVE_INFINITY,
});

/** Several files are read for the classes in them, but not those of a thousand images. */
const MOST_FILES = 24;

/** A layer, with those images of a panel that have it. */
export interface SharedLayer {
  layer: Layer;
  /** As many as images; the layer itself is that of the first. */
  layers: readonly Layer[];
  items: readonly ItemViewProps[];
}

interface BoxFacts {
  labels: Labels;
  /** Those that are drawn. */
  boxes: Box[];
  /** How many the image has that has most. */
  most: number;
}

/** The boxes of a layer in all its images, and what their classes are called. */
export function useBoxFacts({ layers, items }: SharedLayer): BoxFacts {
  const asked = layers.slice(0, MOST_FILES);
  const files = useQueries({
    queries: asked.map((layer, at) =>
      boxFileQuery(layer.path, layer.path === "" ? null : (items[at]?.urlOf(layer.path) ?? null)),
    ),
  });
  const read = files.map((file) => file.data);
  const spelled = asked.map((layer, at) => `${layer.path}${read[at] !== undefined}`).join();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the string spells files out
  return useMemo(() => {
    const raw = asked.map((layer, at) => layer.inline ?? read[at]?.raw ?? []);
    const boxes = raw
      .flatMap((one) => one.slice(0, MOST_BOXES))
      .flatMap((one) => boxOf(one, 1, 1) ?? []);
    const named = new Map(read.flatMap((file) => [...(file?.labels ?? [])]));
    const ids = boxes.map((box) => box.classId);
    return {
      boxes,
      labels: allNamed(named, ids),
      most: Math.max(0, ...raw.map((one) => one.length)),
    };
  }, [spelled]);
}

const NONE: Labels = new Map();

/** What an image itself says that classes are called: those in tables do, by a file. */
export function useClassFile(item: ItemViewProps): Labels {
  const { classes } = item.item.fields;
  const path = isRecord(classes) && typeof classes["path"] === "string" ? classes["path"] : "";
  const url = item.urlOf(path);
  const file = useQuery({
    queryKey: ["classes", path],
    queryFn: async ({ signal }) => classSetOf(JSON.parse(await readFileText(url ?? "", signal))),
    enabled: url !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return file.data ?? NONE;
}

/** How clients join the key and the mask's name, in their own spelling. */
const JOINT = "_wandb_delimeter_";

/** What the classes of a mask are called: that is in the run's config. */
export function useMaskLabels(item: ItemViewProps, mask: string): Labels {
  const own = useClassFile(item);
  const internal = useRun({ ...item.path, run: item.run }).data?.config_internal;
  return useMemo(() => {
    const all = isRecord(internal) ? internal["mask/class_labels"] : null;
    const entry = isRecord(all) ? all[`${item.keyName}${JOINT}${mask}`] : null;
    return isRecord(entry) ? labelsOf(entry["value"] ?? entry) : own;
  }, [internal, item.keyName, mask, own]);
}
