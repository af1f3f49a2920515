import { useRef } from "react";
import { useView } from "../state/useView";
import type { XChoice, Zoom } from "../state/view";
import { Button, Icon, IconButton, SearchBox } from "../ui";
import { formatDate, formatDuration, formatValue, isDate } from "../ui/format";
import styles from "./Toolbar.module.css";

interface ToolbarProps {
  count: number;
  onOpenRuns: (() => void) | null;
}

const X_WORDS: readonly (readonly [XChoice, string])[] = [
  ["auto", "As logged"],
  ["step", "Step"],
  ["relative", "Relative time"],
  ["wall", "Wall time"],
];

function zoomText({ x, min, max }: Zoom): string {
  if (x === "_timestamp" && isDate(min * 1000) && isDate(max * 1000)) {
    return `${formatDate(min * 1000)} – ${formatDate(max * 1000)}`;
  }
  const write = x === "_runtime" ? formatDuration : formatValue;
  const name = x === "_runtime" ? "" : `${x === "_step" ? "step" : x} `;
  return `${name}${write(min)} – ${write(max)}`;
}

export function Toolbar({ count, onOpenRuns }: ToolbarProps) {
  const [view, change] = useView();
  const lastUrl = useRef(0);
  return (
    <div className={styles["bar"]}>
      {onOpenRuns && <IconButton icon="panel" label="Show the runs" onClick={onOpenRuns} />}
      <div className={styles["search"]}>
        <SearchBox
          label="Search charts"
          value={view.panelSearch}
          onChange={(panelSearch) => change({ panelSearch })}
        />
      </div>
      <span className={styles["count"]} aria-live="polite">
        {count} {count === 1 ? "chart" : "charts"}
      </span>
      <span className={styles["gap"]} />
      {view.zoom && (
        <Button
          className={styles["zoom"]}
          title="Zoom out"
          onClick={() => change({ zoom: null, yZoom: new Map() }, { push: true })}
        >
          <Icon name="zoomOut" size={14} />
          {zoomText(view.zoom)}
          <Icon name="close" size={12} />
        </Button>
      )}
      <label className={`${styles["field"]} ${styles["axis"]}`}>
        <span>X axis</span>
        <select
          value={view.x}
          onChange={(event) => {
            const chosen = X_WORDS.find(([choice]) => choice === event.target.value);
            change({ x: chosen?.[0] ?? "auto", zoom: null, yZoom: new Map() });
          }}
        >
          {X_WORDS.map(([choice, word]) => (
            <option key={choice} value={choice}>
              {word}
            </option>
          ))}
        </select>
      </label>
      <label className={`${styles["field"]} ${styles["smooth"]}`}>
        <span>Smoothing</span>
        <input
          type="range"
          min={0}
          max={0.99}
          step={0.01}
          value={view.smoothing}
          onChange={(event) => {
            const smoothing = Number(event.target.value);
            // Browsers limit how often the address may change; the last value always arrives.
            cancelAnimationFrame(lastUrl.current);
            lastUrl.current = requestAnimationFrame(() => change({ smoothing }));
          }}
        />
        <output className={styles["value"]}>{view.smoothing.toFixed(2)}</output>
      </label>
    </div>
  );
}
