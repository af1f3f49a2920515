import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { readFileText } from "../wire/api";
import { isRecord } from "../wire/check";
import styles from "./ImageView.module.css";
import {
  type Box,
  boxOf,
  classColor,
  isShown,
  type Labels,
  type Layer,
  type LayerChoice,
  labelsOf,
  MOST_BOXES,
} from "./layers";

export interface LayerProps {
  layer: Layer;
  /** Null where the layer needs no file. */
  url: string | null;
  size: { width: number; height: number };
  choice: LayerChoice;
}

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
export const useBoxFile = (path: string, url: string | null) =>
  useQuery({
    queryKey: ["boxes", path],
    queryFn: async ({ signal }) => read(await readFileText(url ?? "", signal)),
    enabled: url !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });

const wordOf = (box: Box, labels: Labels): string => {
  const name =
    box.caption ??
    (box.classId === null ? "" : (labels.get(box.classId) ?? `class ${box.classId}`));
  return box.caption === null && box.score !== null ? `${name} ${box.score.toFixed(2)}` : name;
};

/** Boxes over an image, each in its class's colour and with its name. */
export function BoxLayer({ layer, url, size, choice }: LayerProps) {
  const file = useBoxFile(layer.path, url).data;
  const boxes = useMemo(
    () =>
      (layer.inline ?? file?.raw ?? [])
        .slice(0, MOST_BOXES)
        .flatMap((raw) => boxOf(raw, size.width, size.height) ?? []),
    [layer.inline, file, size.width, size.height],
  );
  const shown = boxes.filter(
    (box) =>
      isShown(choice, layer.id, box.classId) &&
      (choice.minScore === null || box.score === null || box.score >= choice.minScore),
  );
  // In the image's own pixels; text is drawn as large as a hundredth of them would be.
  const letter = Math.max(size.width, size.height) / 26;
  return (
    <svg
      className={styles["layer"]}
      viewBox={`0 0 ${size.width} ${size.height}`}
      preserveAspectRatio="xMidYMid meet"
      aria-hidden="true"
    >
      {shown.map((box, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: boxes have no name, and never move
        <g key={at}>
          <rect
            x={box.x * size.width}
            y={box.y * size.height}
            width={box.width * size.width}
            height={box.height * size.height}
            fill="none"
            stroke={classColor(box.classId)}
            strokeWidth={2}
            vectorEffect="non-scaling-stroke"
          />
          <text
            x={box.x * size.width + letter / 4}
            y={Math.max(box.y * size.height - letter / 4, letter)}
            fontSize={letter}
            fontWeight={600}
            fill="#ffffff"
            stroke="#000000"
            strokeOpacity={0.7}
            strokeWidth={letter / 5}
            paintOrder="stroke"
          >
            {wordOf(box, file?.labels ?? new Map())}
          </text>
        </g>
      ))}
    </svg>
  );
}
