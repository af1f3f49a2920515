import { useMemo } from "react";
import { toggled } from "../state/view";
import { IconButton } from "../ui";
import { plural } from "../ui/format";
import styles from "./ImageControls.module.css";
import {
  allNamed,
  inkOf,
  type Labels,
  type Layer,
  type LayerChoice,
  layersOf,
  MOST_BOXES,
} from "./layers";
import { useMaskClasses } from "./MaskLayer";
import type { ControlsProps } from "./registry";
import { type SharedLayer, useBoxFacts, useMaskLabels } from "./useLabels";
import { FITTED, nextScale, scaleOfFit } from "./zoom";

/** What all of a panel's images are looked at by: zoom, layers, classes. */
export default function ImageControls({ items, choice, onChoose }: ControlsProps) {
  const layers = useMemo(() => sharedLayers(items), [items]);
  return (
    <div className={styles["controls"]}>
      <ZoomTools items={items} choice={choice} onChoose={onChoose} />
      {layers.map((shared) => {
        const Switches = shared.layer.kind === "boxes" ? Boxes : Mask;
        return (
          <div key={shared.layer.id} className={styles["layer"]}>
            <button
              type="button"
              aria-pressed={!choice.hidden.has(shared.layer.id)}
              onClick={() =>
                onChoose({ ...choice, hidden: toggled(choice.hidden, shared.layer.id) })
              }
            >
              <span>
                {shared.layer.kind === "boxes" ? "Boxes" : "Mask"}: {shared.layer.name}
              </span>
            </button>
            {!choice.hidden.has(shared.layer.id) && (
              <Switches shared={shared} choice={choice} onChoose={onChoose} />
            )}
          </div>
        );
      })}
      {layers.length > 0 && (
        <label className={styles["range"]}>
          Opacity
          <input
            type="range"
            min={0.1}
            max={1}
            step={0.05}
            value={choice.opacity}
            onChange={({ target }) => onChoose({ ...choice, opacity: Number(target.value) })}
          />
        </label>
      )}
    </div>
  );
}

/** The layers of all images, each once. */
function sharedLayers(items: ControlsProps["items"]): SharedLayer[] {
  const found = new Map<string, SharedLayer>();
  for (const item of items) {
    for (const layer of layersOf(item.item.fields)) {
      const before = found.get(layer.id) ?? { layer, layers: [], items: [] };
      found.set(layer.id, {
        layer: before.layer,
        layers: [...before.layers, layer],
        items: [...before.items, item],
      });
    }
  }
  return [...found.values()];
}

function ZoomTools({ items, choice, onChoose }: ControlsProps) {
  const { zoom, smooth } = choice;
  const [first] = items;
  const scaled = (by: 1 | -1) => () => {
    const scale = nextScale(zoom.scale ?? scaleOfFit(first?.keyName ?? ""), by);
    onChoose({ ...choice, zoom: { ...zoom, scale } });
  };
  const percent = zoom.scale === null ? "" : `${Number((zoom.scale * 100).toPrecision(3))} %`;
  return (
    <div className={styles["layer"]}>
      <IconButton icon="zoomOut" size={14} label="Zoom out" onClick={scaled(-1)} />
      <IconButton icon="zoomIn" size={14} label="Zoom in" onClick={scaled(1)} />
      <button
        type="button"
        aria-pressed={zoom.scale === null}
        onClick={() => onChoose({ ...choice, zoom: FITTED })}
      >
        Fit
      </button>
      <button
        type="button"
        aria-pressed={zoom.scale === 1}
        title="One pixel of the screen for each of the image"
        onClick={() => onChoose({ ...choice, zoom: { ...zoom, scale: 1 } })}
      >
        1 : 1
      </button>
      <button
        type="button"
        aria-pressed={smooth === true}
        title="Draw pixels into each other, or sharply"
        onClick={() => onChoose({ ...choice, smooth: smooth !== true })}
      >
        Smooth
      </button>
      <output>
        {items.length === 1 && first ? sizeWords(first.item.fields, percent) : percent}
      </output>
    </div>
  );
}

function sizeWords(fields: Readonly<Record<string, unknown>>, percent: string): string {
  const { width, height } = fields;
  if (typeof width !== "number" || typeof height !== "number") return percent;
  return `${percent === "" ? "" : `${percent} of `}${width} × ${height}`;
}

interface SwitchesProps {
  shared: SharedLayer;
  choice: LayerChoice;
  onChoose: (choice: LayerChoice) => void;
}

function Boxes({ shared, choice, onChoose }: SwitchesProps) {
  const { labels, boxes, most: mostBoxes } = useBoxFacts(shared);
  const scores = boxes.flatMap((box) => box.score ?? []);
  const most = Math.max(1, ...scores);
  const { id, name } = shared.layer;
  const least = choice.minScores.get(id) ?? 0;
  const put = (score: number): void => {
    const minScores = new Map(choice.minScores);
    if (score > 0) minScores.set(id, score);
    else minScores.delete(id);
    onChoose({ ...choice, minScores });
  };
  return (
    <>
      <Classes labels={labels} layer={id} choice={choice} onChoose={onChoose} />
      {mostBoxes > MOST_BOXES && (
        <span className={styles["more"]}>
          the first {MOST_BOXES.toLocaleString("en-US")} of {plural(mostBoxes, "box", "boxes")} are
          drawn
        </span>
      )}
      {scores.length > 0 && (
        <label className={styles["range"]}>
          Score ≥ {least.toFixed(2)}
          <input
            type="range"
            aria-label={`Lowest score of ${name}`}
            min={0}
            max={most}
            step={most / 100}
            value={least}
            onChange={({ target }) => put(Number(target.value))}
          />
        </label>
      )}
    </>
  );
}

function Mask({ shared, choice, onChoose }: SwitchesProps) {
  const [item] = shared.items;
  if (!item) return null;
  return (
    <MaskClasses
      item={item}
      own={shared.layer}
      layer={shared.layer.id}
      choice={choice}
      onChoose={onChoose}
    />
  );
}

interface MaskClassesProps extends Omit<ClassesProps, "labels"> {
  item: ControlsProps["items"][number];
  own: Layer;
}

function MaskClasses({ item, own, ...rest }: MaskClassesProps) {
  const named = useMaskLabels(item, own.name);
  const found = useMaskClasses(own.path, item.urlOf(own.path)).data;
  return <Classes labels={allNamed(named, found ?? [])} {...rest} />;
}

interface ClassesProps {
  labels: Labels;
  layer: string;
  choice: LayerChoice;
  onChoose: (choice: LayerChoice) => void;
}

/** The most that fit; the others are told by their number. */
const MOST_CLASSES = 40;

function Classes({ labels, layer, choice, onChoose }: ClassesProps) {
  const shown = [...labels].slice(0, MOST_CLASSES);
  const paint = (id: number, ink: string): void =>
    onChoose({ ...choice, inks: new Map(choice.inks).set(id, ink) });
  return (
    <span className={styles["classes"]}>
      {shown.map(([id, label]) => {
        const name = `${layer}/${id}`;
        return (
          <span key={id} className={styles["class"]}>
            <input
              type="color"
              aria-label={`Colour of ${label}`}
              title={`Colour of ${label}`}
              value={inkOf(choice, id)}
              onChange={({ target }) => paint(id, target.value)}
            />
            <button
              type="button"
              aria-pressed={!choice.hiddenClasses.has(name)}
              onClick={() =>
                onChoose({ ...choice, hiddenClasses: toggled(choice.hiddenClasses, name) })
              }
            >
              <span>{label}</span>
            </button>
          </span>
        );
      })}
      {labels.size > MOST_CLASSES && (
        <span className={styles["more"]}>and {labels.size - MOST_CLASSES} classes more</span>
      )}
    </span>
  );
}
