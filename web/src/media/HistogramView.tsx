import { useEffect, useMemo, useRef, useState } from "react";
import { useMediaOverTime } from "../state/media";
import type { DrawnRun } from "../state/runSet";
import { useDark } from "../state/theme";
import { Button, ErrorNote } from "../ui";
import { formatValue, plural } from "../ui/format";
import { Swatch } from "../ui/Swatch";
import { useSize } from "../ui/useSize";
import type { MediaValue } from "../wire/media";
import { Broken } from "./Broken";
import styles from "./HistogramView.module.css";
import { type HeatMap, heatMapOf, histogramOf, type LoggedHistogram } from "./histograms";
import type { WholeViewProps } from "./registry";

/** Steps that are told apart in a picture of this width. */
const STEPS = 300;
const ROWS = 60;
const RUNS_AT_ONCE = 4;

/** Histograms over steps, a heat map for each run; pointing at one tells its step. */
export default function HistogramView({
  path,
  keyName,
  title,
  drawn,
  lastStep,
  large,
}: WholeViewProps) {
  const [most, setMost] = useState(RUNS_AT_ONCE);
  const shown = useMemo(() => drawn.slice(0, most), [drawn, most]);
  const ids = useMemo(() => shown.map((run) => run.id), [shown]);
  const query = useMediaOverTime(path, ids, keyName, lastStep, STEPS);
  if (query.error && !query.data) {
    return (
      <ErrorNote
        small
        error={query.error}
        what="The histograms"
        onRetry={() => void query.refetch()}
      />
    );
  }
  if (!query.data)
    return <div className={styles["wait"]} role="status" aria-label="Loading histograms" />;
  const byRun = new Map(query.data.map((one) => [one.run, one.values]));
  return (
    <div className={styles["runs"]} data-large={large}>
      {shown.map((run) => (
        <RunHistograms
          key={run.id}
          run={run}
          title={title}
          values={byRun.get(run.id) ?? []}
          named={drawn.length > 1}
        />
      ))}
      {drawn.length > most && (
        <Button onClick={() => setMost(most + RUNS_AT_ONCE)}>
          Show {plural(Math.min(drawn.length - most, RUNS_AT_ONCE), "more run")}
        </Button>
      )}
    </div>
  );
}

interface RunHistogramsProps {
  run: DrawnRun;
  title: string;
  values: readonly MediaValue[];
  named: boolean;
}

function RunHistograms({ run, title, values, named }: RunHistogramsProps) {
  const histograms = useMemo(
    () => values.flatMap(({ step, value }) => histogramOf(step, value) ?? []),
    [values],
  );
  const [at, setAt] = useState<number | null>(null);
  const map = useMemo(() => heatMapOf(histograms, ROWS), [histograms]);
  const told = histograms[at ?? histograms.length - 1];
  return (
    <section className={styles["run"]} aria-label={`${title} of ${run.name}`}>
      {named && (
        <h4>
          <Swatch ink={run.ink} /> <span title={run.name}>{run.name}</span>
        </h4>
      )}
      {!told && <Broken>These histograms have edges that no axis has room for.</Broken>}
      {told && (
        <>
          <Heat map={map} histograms={histograms} at={at} onPoint={setAt} title={title} />
          <Bars histogram={told} />
          <p className={styles["told"]}>
            Step {formatValue(told.step)} · {plural(Math.round(total(told)), "value")} from{" "}
            {formatValue(told.edges[0] ?? 0)} to {formatValue(told.edges.at(-1) ?? 0)}
          </p>
        </>
      )}
    </section>
  );
}

const total = ({ counts }: LoggedHistogram): number =>
  counts.reduce((sum, count) => sum + count, 0);

interface HeatProps {
  map: HeatMap;
  histograms: readonly LoggedHistogram[];
  at: number | null;
  onPoint: (at: number | null) => void;
  title: string;
}

function Heat({ map, histograms, at, onPoint, title }: HeatProps) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const size = useSize(frame);
  const dark = useDark();
  const columns = map.columns.length;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!canvas.current || !context || columns === 0) return;
    canvas.current.width = columns;
    canvas.current.height = map.rows;
    const pixels = context.createImageData(columns, map.rows);
    const [red, green, blue] = dark ? [134, 171, 255] : [36, 88, 197];
    map.columns.forEach((column, x) => {
      column.forEach((share, row) => {
        const place = ((map.rows - 1 - row) * columns + x) * 4;
        pixels.data[place] = red ?? 0;
        pixels.data[place + 1] = green ?? 0;
        pixels.data[place + 2] = blue ?? 0;
        // By the root, so that thin tails are seen beside a peak.
        pixels.data[place + 3] = map.most > 0 ? 255 * Math.sqrt(share / map.most) : 0;
      });
    });
    context.putImageData(pixels, 0, 0);
  }, [map, columns, dark]);
  const first = histograms[0]?.step ?? 0;
  const last = histograms.at(-1)?.step ?? 0;
  const pointed = (x: number): number =>
    Math.min(Math.max(Math.floor((x / (size.width || 1)) * columns), 0), columns - 1);
  return (
    <div className={styles["heat"]}>
      <span className={styles["high"]}>{formatValue(map.high)}</span>
      <span className={styles["low"]}>{formatValue(map.low)}</span>
      <div
        ref={frame}
        className={styles["map"]}
        role="slider"
        tabIndex={0}
        aria-label={`Step of ${title}`}
        aria-valuemin={0}
        aria-valuemax={columns - 1}
        aria-valuenow={at ?? columns - 1}
        aria-valuetext={`step ${histograms[at ?? columns - 1]?.step ?? 0}`}
        onPointerMove={(event) => onPoint(pointed(event.nativeEvent.offsetX))}
        onPointerLeave={() => onPoint(null)}
        onKeyDown={(event) => {
          const move = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
          if (move === undefined) return;
          event.stopPropagation();
          event.preventDefault();
          onPoint(Math.min(Math.max((at ?? columns - 1) + move, 0), columns - 1));
        }}
      >
        <canvas ref={canvas} aria-hidden="true" />
        {at !== null && (
          <i
            className={styles["mark"]}
            style={{ left: `${(at / columns) * 100}%`, width: `${Math.max(100 / columns, 0.3)}%` }}
          />
        )}
      </div>
      <span className={styles["first"]}>step {formatValue(first)}</span>
      <span className={styles["last"]}>{formatValue(last)}</span>
    </div>
  );
}

function Bars({ histogram }: { histogram: LoggedHistogram }) {
  const { counts, edges } = histogram;
  const most = Math.max(...counts, 1e-12);
  const low = edges[0] ?? 0;
  const span = (edges.at(-1) ?? 1) - low || 1;
  return (
    <svg
      className={styles["bars"]}
      viewBox="0 0 1000 100"
      preserveAspectRatio="none"
      aria-hidden="true"
    >
      {counts.map((count, at) => {
        const left = (((edges[at] ?? low) - low) / span) * 1000;
        const right = (((edges[at + 1] ?? low) - low) / span) * 1000;
        const height = (Math.max(count, 0) / most) * 100;
        return (
          <rect
            // biome-ignore lint/suspicious/noArrayIndexKey: bins are told by their place
            key={at}
            x={left}
            y={100 - height}
            width={Math.max(right - left - 1, 1)}
            height={height}
          />
        );
      })}
    </svg>
  );
}
