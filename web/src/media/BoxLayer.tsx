import { useQuery } from "@tanstack/react-query";
import { useEffect, useMemo } from "react";
import type { Hit, HitTests } from "./hits";
import styles from "./ImageView.module.css";
import {
  ALL_LAYERS,
  type Box,
  boxAt,
  boxOf,
  classWord,
  inkOf,
  isBoxShown,
  type Labels,
  type Layer,
  type LayerChoice,
  MOST_BOXES,
} from "./layers";
import type { ItemViewProps } from "./registry";
import { boxFileQuery, useClassFile } from "./useLabels";
import type { Size } from "./zoom";

export interface LayerProps {
  layer: Layer;
  /** Null where the layer needs no file. */
  url: string | null;
  size: Size;
  /** How many of the page's pixels one of the image's takes. */
  scale: number;
  choice: LayerChoice;
  item: ItemViewProps;
  hits: HitTests;
  /** Tells what somebody chose by keyboard. */
  onHit: (hits: readonly Hit[]) => void;
}

const wordOf = (box: Box, labels: Labels): string => {
  if (box.caption !== null) return box.caption;
  const name = box.classId === null ? "" : classWord(labels, box.classId);
  return box.score === null ? name : `${name} ${box.score.toFixed(2)}`;
};

function hitOf(box: Box, labels: Labels, layer: Layer, choice: LayerChoice): Hit {
  const name = classWord(labels, box.classId);
  return {
    word: box.caption ?? name,
    ink: inkOf(choice, box.classId),
    more: [
      ...(box.caption !== null && box.caption !== name ? [name] : []),
      ...box.scores.map(([score, value]) => `${score} ${value.toPrecision(3)}`),
      `boxes of ${layer.name}`,
    ],
  };
}

/** Boxes over an image, each in its class's colour and with its name. */
export function BoxLayer({ layer, url, size, scale, choice, item, hits, onHit }: LayerProps) {
  const file = useQuery(boxFileQuery(layer.path, layer.inline ? null : url)).data;
  const own = useClassFile(item);
  const labels = file?.labels ?? own;
  const shown = useMemo(
    () =>
      (layer.inline ?? file?.raw ?? [])
        .slice(0, MOST_BOXES)
        .flatMap((raw) => boxOf(raw, size.width, size.height) ?? [])
        .filter((box) => isBoxShown(choice, layer.id, box)),
    [layer, file, size, choice],
  );
  useEffect(() => {
    hits.set(layer.id, (x, y) => {
      const box = boxAt(shown, x, y);
      return box && hitOf(box, labels, layer, choice);
    });
    return () => void hits.delete(layer.id);
  }, [hits, layer, shown, labels, choice]);
  // All is told in the image's pixels; letters are as large as elsewhere on the page.
  const letter = LETTER / scale;
  return (
    <svg
      className={styles["layer"]}
      viewBox={`0 0 ${size.width} ${size.height}`}
      preserveAspectRatio="none"
      // A tile is told by its caption; a thousand boxes in it would be in everybody's way.
      {...(item.large
        ? { role: "group", "aria-label": `Boxes of ${layer.name}` }
        : { "aria-hidden": true })}
    >
      {shown.map((box, at) => {
        const word = wordOf(box, labels);
        const choose = () => onHit([hitOf(box, labels, layer, choice)]);
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: boxes have no name, and never move
          <g key={at} {...(item.large ? buttonOf(word, choose) : {})}>
            <rect
              x={box.x * size.width}
              y={box.y * size.height}
              width={box.width * size.width}
              height={box.height * size.height}
              fill="none"
              stroke={inkOf(choice, box.classId)}
              strokeOpacity={Math.min(choice.opacity / ALL_LAYERS.opacity, 1)}
              strokeWidth={2}
              vectorEffect="non-scaling-stroke"
            />
            <text
              x={box.x * size.width + letter / 4}
              y={Math.max(box.y * size.height - letter / 3, letter)}
              fontSize={letter}
              fontWeight={600}
              fill="#ffffff"
              stroke="#000000"
              strokeOpacity={0.7}
              strokeWidth={letter / 5}
              paintOrder="stroke"
            >
              {word}
            </text>
          </g>
        );
      })}
    </svg>
  );
}

const LETTER = 11;

/** A box that the keyboard reaches; by hand it is clicked like any place of the image. */
const buttonOf = (word: string, choose: () => void) => ({
  role: "button",
  tabIndex: 0,
  "aria-label": word,
  onKeyDown: (event: React.KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  },
});
