import { useLayoutEffect, useRef } from "react";
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
}

const MOST_ROWS = 14;
const GAP = 14;
const EDGE = 8;

/** Highest first; what is no number comes last. */
export function byValue(a: HoverPoint, b: HoverPoint): number {
  const rank = (point: HoverPoint): number =>
    Number.isNaN(point.y) ? Number.NEGATIVE_INFINITY : point.y;
  return rank(b) - rank(a);
}

interface Point {
  x: number;
  y: number;
}

interface Extent {
  width: number;
  height: number;
}

/** Below and right of the pointer, on its other side where there is no room; always in the window. */
export function placeBeside(pointer: Point, size: Extent, window: Extent): Point {
  const beside = (at: number, length: number, room: number): number => {
    const after = at + GAP;
    const place = after + length + EDGE <= room ? after : at - GAP - length;
    return Math.max(EDGE, Math.min(place, room - length - EDGE));
  };
  return {
    x: beside(pointer.x, size.width, window.width),
    y: beside(pointer.y, size.height, window.height),
  };
}

/** Values at the crosshair. */
export function ChartTooltip({ hover, drawn, xKey, smoothed }: ChartTooltipProps) {
  const runs = new Map(drawn.map((run) => [run.id, run]));
  const sorted = [...hover.points].sort(byValue);
  const rows = sorted.slice(0, MOST_ROWS);
  const near = sorted.find((point) => point.id === hover.nearestId);
  // The line under the pointer is shown even if it is far down the list.
  if (near && !rows.includes(near)) rows[rows.length - 1] = near;
  const box = useRef<HTMLDivElement>(null);
  const { left, top } = hover;
  useLayoutEffect(() => {
    const tooltip = box.current;
    const frame = tooltip?.parentElement?.getBoundingClientRect();
    if (!tooltip || !frame) return;
    const size = { width: tooltip.offsetWidth, height: tooltip.offsetHeight };
    const place = placeBeside({ x: frame.left + left, y: frame.top + top }, size, {
      width: window.innerWidth,
      height: window.innerHeight,
    });
    tooltip.style.left = `${place.x}px`;
    tooltip.style.top = `${place.y}px`;
  });
  return (
    <div className={styles["tooltip"]} ref={box}>
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
