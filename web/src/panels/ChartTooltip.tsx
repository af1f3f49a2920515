import type { Hover, HoverPoint } from "../charts/LineChart";
import type { DrawnRun } from "../state/runSet";
import { formatValue } from "../ui/format";
import { Swatch } from "../ui/Swatch";
import { xText } from "./axisText";
import styles from "./ChartTooltip.module.css";

interface ChartTooltipProps {
  hover: Hover;
  drawn: readonly DrawnRun[];
  xKey: string;
  smoothed: boolean;
  frameWidth: number;
}

const MOST_ROWS = 14;
const WIDTH = 260;
const GAP = 14;

/** Highest first; what is no number comes last. */
export function byValue(a: HoverPoint, b: HoverPoint): number {
  const rank = (point: HoverPoint): number =>
    Number.isNaN(point.y) ? Number.NEGATIVE_INFINITY : point.y;
  return rank(b) - rank(a);
}

/** Values at the crosshair. */
export function ChartTooltip({ hover, drawn, xKey, smoothed, frameWidth }: ChartTooltipProps) {
  const runs = new Map(drawn.map((run) => [run.id, run]));
  const sorted = [...hover.points].sort(byValue);
  const rows = sorted.slice(0, MOST_ROWS);
  const near = sorted.find((point) => point.id === hover.nearestId);
  // The line under the pointer is shown even if it is far down the list.
  if (near && !rows.includes(near)) rows[rows.length - 1] = near;
  const right = hover.left + GAP + WIDTH > frameWidth && hover.left > frameWidth / 2;
  return (
    <div
      className={styles["tooltip"]}
      style={
        right
          ? { right: frameWidth - hover.left + GAP, top: hover.top + GAP }
          : { left: hover.left + GAP, top: hover.top + GAP }
      }
    >
      <p className={styles["x"]}>{xText(xKey, near?.x ?? hover.x)}</p>
      <table>
        <tbody>
          {rows.map((point) => {
            const run = runs.get(point.id);
            return (
              <tr key={point.id} data-near={point.id === hover.nearestId}>
                <td>{run && <Swatch ink={run.ink} />}</td>
                <td className={styles["name"]}>{run?.name ?? point.id}</td>
                <td className={styles["value"]}>{formatValue(point.y)}</td>
                {smoothed && <td className={styles["raw"]}>{formatValue(point.raw)}</td>}
              </tr>
            );
          })}
        </tbody>
      </table>
      {sorted.length > rows.length && (
        <p className={styles["more"]}>and {sorted.length - rows.length} more</p>
      )}
      {near?.min != null && near.max != null && (
        <p className={styles["more"]}>
          range here {formatValue(near.min)} … {formatValue(near.max)}
        </p>
      )}
    </div>
  );
}
