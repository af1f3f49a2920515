import "uplot/dist/uPlot.min.css";
import "../charts/charts.css";
import { memo, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { XKind } from "../charts/axes";
import { type ChartLine, type Hover, LineChart } from "../charts/LineChart";
import type { Leftovers } from "../charts/missing";
import type { Range } from "../charts/scale";
import { onSharedHover, shareHover } from "../state/hover";
import type { DrawnRun } from "../state/runSet";
import { useInk } from "../state/theme";
import { formatValue } from "../ui/format";
import { xText } from "./axisText";
import styles from "./LineCanvas.module.css";

interface LineCanvasProps {
  lines: readonly ChartLine[];
  label: string;
  names: readonly DrawnRun[];
  xKey: string;
  xKind: XKind;
  xRange: Range | null;
  yRange: Range | null;
  logY: boolean;
  smoothing: number;
  width: number;
  height: number;
  onHover: (hover: Hover | null) => void;
  onZoom: (x: Range, y: Range | null) => void;
  onZoomOut: () => void;
  onLeftovers: (leftovers: Leftovers) => void;
}

const SPOKEN = 5;

/** Puts a LineChart on the page; loaded when the first chart comes on screen. */
const LineCanvas = memo(function LineCanvas(props: LineCanvasProps) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<LineChart | null>(null);
  const latest = useRef(props);
  const ink = useInk();
  const at = useRef<number | null>(null);
  const [spoken, setSpoken] = useState("");
  const { lines, width, height, xKind, xRange, yRange, logY, smoothing, xKey } = props;

  useLayoutEffect(() => {
    latest.current = props;
  });

  useLayoutEffect(() => {
    if (!host.current) return;
    const self = {};
    const made = new LineChart(host.current, {
      onHover: (hover) => {
        made.setCrosshair(hover?.x ?? null);
        latest.current.onHover(hover);
        shareHover(hover && { xKey: latest.current.xKey, x: hover.x, source: self });
      },
      onZoom: (x, y) => latest.current.onZoom(x, y),
      onZoomOut: () => latest.current.onZoomOut(),
    });
    chart.current = made;
    const stop = onSharedHover((hover) => {
      if (hover?.source === self) return;
      made.setCrosshair(hover?.xKey === latest.current.xKey ? hover.x : null);
    });
    return () => {
      stop();
      made.destroy();
      chart.current = null;
    };
  }, []);

  useLayoutEffect(() => {
    const made = chart.current;
    if (!made) return;
    made.resize(width, height);
    made.update(lines, { xKind, logY, smoothing, xRange, yRange, ink });
    latest.current.onLeftovers(made.leftovers);
  }, [lines, width, height, xKind, xRange, yRange, logY, smoothing, ink]);

  useEffect(() => () => latest.current.onHover(null), []);

  const step = (direction: 1 | -1): void => {
    const made = chart.current;
    if (!made) return;
    at.current = made.stepFrom(at.current, direction);
    made.setCrosshair(at.current);
    if (at.current === null) return;
    const points = made.pointsAt(at.current).sort((a, b) => b.y - a.y);
    const names = new Map(props.names.map((run) => [run.id, run.name]));
    const said = points
      .slice(0, SPOKEN)
      .map((point) => `${names.get(point.id) ?? point.id} ${formatValue(point.y)}`);
    setSpoken(`${xText(xKey, at.current)}: ${said.join(", ")}`);
  };

  return (
    <>
      <div
        ref={host}
        className={styles["host"]}
        role="img"
        aria-label={props.label}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys move its crosshair
        tabIndex={0}
        onKeyDown={(event) => {
          if (event.key !== "ArrowLeft" && event.key !== "ArrowRight") return;
          event.preventDefault();
          event.stopPropagation();
          step(event.key === "ArrowRight" ? 1 : -1);
        }}
        onBlur={() => {
          at.current = null;
          chart.current?.setCrosshair(null);
          setSpoken("");
        }}
      />
      {spoken !== "" && (
        <p className={styles["spoken"]} role="status">
          {spoken}
        </p>
      )}
    </>
  );
});

export default LineCanvas;
