import { useId, useMemo } from "react";
import { useRun } from "../state/queries";
import { toggled } from "../state/view";
import { plural } from "../ui/format";
import { isRecord } from "../wire/check";
import { useBoxFile } from "./BoxLayer";
import styles from "./ImageControls.module.css";
import {
  allNamed,
  boxOf,
  classColor,
  type Labels,
  type Layer,
  labelsOf,
  layersOf,
  MOST_BOXES,
} from "./layers";
import { useMaskClasses } from "./MaskLayer";
import type { ControlsProps, ItemViewProps } from "./registry";

/** Switches for the layers over a panel's images, and for their classes. */
export default function ImageControls({ items, choice, onChoose }: ControlsProps) {
  const layers = useMemo(() => {
    const found = new Map<string, { layer: Layer; item: ItemViewProps }>();
    for (const item of items) {
      for (const layer of layersOf(item.item.fields)) {
        if (!found.has(layer.id)) found.set(layer.id, { layer, item });
      }
    }
    return [...found.values()];
  }, [items]);
  const slider = useId();
  if (layers.length === 0) return null;
  const masked = layers.some(({ layer }) => layer.kind === "masks");
  return (
    <div className={styles["controls"]}>
      {layers.map(({ layer, item }) => (
        <div key={layer.id} className={styles["layer"]}>
          <button
            type="button"
            aria-pressed={!choice.hidden.has(layer.id)}
            onClick={() => onChoose({ ...choice, hidden: toggled(choice.hidden, layer.id) })}
          >
            <span>
              {layer.kind === "boxes" ? "Boxes" : "Mask"}: {layer.name}
            </span>
          </button>
          {!choice.hidden.has(layer.id) && (
            <Classes layer={layer} item={item} choice={choice} onChoose={onChoose} />
          )}
        </div>
      ))}
      {masked && (
        <label className={styles["opacity"]} htmlFor={slider}>
          Opacity
          <input
            id={slider}
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

type ClassesProps = Omit<ControlsProps, "items"> & { layer: Layer; item: ItemViewProps };

/** The most that fit; the others are told by their number. */
const MOST_CLASSES = 40;

function Classes({ layer, item, choice, onChoose }: ClassesProps) {
  const { labels, boxes } = useLabels(layer, item);
  const shown = [...labels].slice(0, MOST_CLASSES);
  return (
    <span className={styles["classes"]}>
      {shown.map(([id, label]) => {
        const name = `${layer.id}/${id}`;
        return (
          <button
            key={id}
            type="button"
            className={styles["class"]}
            aria-pressed={!choice.hiddenClasses.has(name)}
            onClick={() =>
              onChoose({ ...choice, hiddenClasses: toggled(choice.hiddenClasses, name) })
            }
          >
            <svg width="10" height="10" aria-hidden="true">
              <rect width="10" height="10" rx="2" fill={classColor(id)} />
            </svg>
            <span>{label}</span>
          </button>
        );
      })}
      {labels.size > MOST_CLASSES && (
        <span className={styles["more"]}>and {labels.size - MOST_CLASSES} classes more</span>
      )}
      {boxes > MOST_BOXES && (
        <span className={styles["more"]}>
          the first {MOST_BOXES.toLocaleString("en-US")} of {plural(boxes, "box", "boxes")} are
          drawn
        </span>
      )}
    </span>
  );
}

/** Boxes bring their classes' names in their file; those of masks are in the run's config. */
function useLabels(layer: Layer, item: ItemViewProps): { labels: Labels; boxes: number } {
  const url = item.urlOf(layer.path);
  const boxes = useBoxFile(layer.path, layer.kind === "boxes" ? url : null).data;
  const classes = useMaskClasses(layer.path, layer.kind === "masks" ? url : null).data;
  const run = useRun({ ...item.path, run: item.run }).data;
  return useMemo(() => {
    if (layer.kind === "masks") {
      const named = maskLabels(run?.config_internal, item.keyName, layer.name);
      return { labels: allNamed(named, classes ?? []), boxes: 0 };
    }
    const raw = layer.inline ?? boxes?.raw ?? [];
    const ids = raw.slice(0, MOST_BOXES).map((one) => boxOf(one, 1, 1)?.classId ?? null);
    return { labels: allNamed(boxes?.labels ?? new Map(), ids), boxes: raw.length };
  }, [run, boxes, classes, layer, item.keyName]);
}

/** How clients join the key and the mask's name, in their own spelling. */
const JOINT = "_wandb_delimeter_";

function maskLabels(internal: unknown, key: string, mask: string): Labels {
  const all = isRecord(internal) ? internal["mask/class_labels"] : null;
  const entry = isRecord(all) ? all[`${key}${JOINT}${mask}`] : null;
  return isRecord(entry) ? labelsOf(entry["value"] ?? entry) : new Map();
}
