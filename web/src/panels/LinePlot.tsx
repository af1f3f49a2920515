import { lazy, Suspense, useCallback, useMemo, useRef, useState } from "react";
import { xKindOf } from "../charts/axes";
import type { ChartLine, Hover } from "../charts/LineChart";
import { noLeftovers } from "../charts/missing";
import type { Range } from "../charts/scale";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { useView } from "../state/useView";
import { ErrorNote } from "../ui";
import { useDelayed } from "../ui/time";
import { useSize } from "../ui/useSize";
import type { ProjectPath, StreamName } from "../wire/api";
import { ChartTooltip } from "./ChartTooltip";
import styles from "./LinePlot.module.css";
import { PlotCaption } from "./PlotCaption";
import { usePlotLines } from "./usePlotLines";

const LineCanvas = lazy(() => import("./LineCanvas"));

interface LinePlotProps {
  panel: Panel;
  path: ProjectPath;
  drawn: DrawnRun[];
  stream: StreamName;
}

export function LinePlot({ panel, path, drawn, stream }: LinePlotProps) {
  const frame = useRef<HTMLDivElement>(null);
  const size = useSize(frame);
  const [view, change] = useView();
  const [hover, setHover] = useState<Hover | null>(null);
  const [leftovers, setLeftovers] = useState(noLeftovers);
  const plot = usePlotLines({ panel, path, drawn, stream, view, width: size.width });
  const waiting = useDelayed(plot.loading && plot.lines.length === 0);
  const lines = useMemo(() => chartLines(plot.lines, drawn), [plot.lines, drawn]);
  const yRange = view.yZoom.get(panel.key) ?? null;
  const logY = view.logY.has(panel.key);
  const { xKey, xRange } = plot;
  const zoomIn = useCallback(
    (x: Range, y: Range | null) => {
      const yZoom = new Map(view.yZoom);
      if (y) yZoom.set(panel.key, y);
      change({ zoom: { x: xKey, ...x }, yZoom }, { push: true });
    },
    [change, panel.key, view.yZoom, xKey],
  );
  const zoomOut = useCallback(
    () => change({ zoom: null, yZoom: new Map() }, { push: true }),
    [change],
  );
  const empty = !plot.loading && !plot.error && lines.every((line) => line.x.length === 0);
  return (
    <div className={styles["plot"]}>
      <div className={styles["frame"]} ref={frame}>
        {size.width > 0 && lines.length > 0 && !empty && (
          <Suspense fallback={null}>
            <LineCanvas
              lines={lines}
              label={`${panel.title}, ${drawn.length} runs`}
              names={drawn}
              xKey={xKey}
              xKind={xKindOf(xKey)}
              xRange={xRange}
              yRange={yRange}
              logY={logY}
              smoothing={view.smoothing}
              width={size.width}
              height={size.height}
              onHover={setHover}
              onZoom={zoomIn}
              onZoomOut={zoomOut}
              onLeftovers={setLeftovers}
            />
          </Suspense>
        )}
        {waiting && <div className={styles["waiting"]} role="status" aria-label="Loading" />}
        {plot.error && lines.length === 0 && (
          <ErrorNote small error={plot.error} what="This chart" onRetry={plot.retry} />
        )}
        {empty && <p className={styles["empty"]}>{whyEmpty(xKey, xRange !== null)}</p>}
        {hover && (
          <ChartTooltip hover={hover} drawn={drawn} xKey={xKey} smoothed={view.smoothing > 0} />
        )}
      </div>
      <PlotCaption
        xKey={xKey}
        blocks={plot.lines}
        width={size.width}
        smoothed={view.smoothing > 0}
        leftovers={leftovers}
        onRetry={plot.error !== null && lines.length > 0 ? plot.retry : null}
      />
    </div>
  );
}

function chartLines(blocks: readonly PlotBlock[], drawn: readonly DrawnRun[]): ChartLine[] {
  const inks = new Map(drawn.map((run) => [run.id, run.ink]));
  return blocks.map(({ run, ...columns }) => {
    const ink = inks.get(run);
    return { id: run, color: ink?.color ?? "#888888", dash: ink?.dash ?? [], ...columns };
  });
}

type PlotBlock = ReturnType<typeof usePlotLines>["lines"][number];

function whyEmpty(xKey: string, zoomed: boolean): string {
  if (zoomed) return "No points in this range. Double-click or use the button above to zoom out.";
  if (xKey === "_step") return "The runs shown have not logged this metric.";
  return `The runs shown have no points over ${xKey}. Try another x axis.`;
}
