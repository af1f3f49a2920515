import type { Leftovers, Missing } from "../charts/missing";
import { formatCount, plural } from "../ui/format";
import type { SeriesBlock } from "../wire/series";
import { xName } from "./axisText";
import styles from "./PlotCaption.module.css";

interface PlotCaptionProps {
  xKey: string;
  blocks: readonly SeriesBlock[];
  width: number;
  smoothed: boolean;
  leftovers: Leftovers;
  /** The last refresh failed and what is drawn is older: asks again. Null while all is well. */
  onRetry: (() => void) | null;
}

/** Each with its mark in the chart, and why it is marked. */
const MISSING: readonly (readonly [Missing, (count: string) => string, string])[] = [
  ["nan", (count) => `▽ ${count} NaN`, "can’t be drawn: not a finite number"],
  ["over", (count) => `▲ ${count} ∞`, "can’t be drawn: infinite"],
  ["under", (count) => `▼ ${count} −∞`, "can’t be drawn: infinite"],
  ["nonPositive", (count) => `${count} ≤ 0`, "can’t be drawn on a logarithmic axis"],
];

/** Points behind each pixel of the densest line, or null when all are drawn. */
export function pointsPerPixel(blocks: readonly SeriesBlock[], width: number): number | null {
  const densest = Math.max(0, ...blocks.filter((block) => block.min).map((block) => block.points));
  return densest > 0 && width > 0 ? Math.max(1, Math.round(densest / width)) : null;
}

/** Under a chart: what its x axis is, and what can't be seen in it. */
export function PlotCaption(props: PlotCaptionProps) {
  const { xKey, blocks, width, smoothed, leftovers, onRetry } = props;
  const density = pointsPerPixel(blocks, width);
  return (
    <div className={styles["caption"]}>
      <span className={styles["marks"]}>
        {onRetry && (
          <span className={styles["stale"]} role="status">
            not up to date{" "}
            <button type="button" className={styles["retry"]} onClick={onRetry}>
              Try again
            </button>
          </span>
        )}
        {density !== null && (
          <span title="The line goes through the last value of each pixel; the shade spans all of them.">
            ≈ {formatCount(density)} {density === 1 ? "point" : "points"} per pixel
          </span>
        )}
        {density !== null && smoothed && (
          <span title="Smoothing runs over one value a pixel here, not over every logged point.">
            smoothed preview
          </span>
        )}
        {MISSING.map(
          ([missing, sign, why]) =>
            leftovers[missing] > 0 && (
              <span key={missing} title={`${plural(leftovers[missing], "value")} ${why}`}>
                {sign(formatCount(leftovers[missing]))}
              </span>
            ),
        )}
      </span>
      <span className={styles["axis"]}>{xName(xKey)}</span>
    </div>
  );
}
