import { useMemo, useRef } from "react";
import type { Range } from "../charts/scale";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import type { LineRequest } from "../state/series";
import { seriesStoreOf, useLines } from "../state/seriesStore";
import { type View, xKeyOf } from "../state/view";
import type { ProjectPath, StreamName } from "../wire/api";
import type { SeriesBlock } from "../wire/series";

interface PlotWish {
  panel: Panel;
  path: ProjectPath;
  drawn: readonly DrawnRun[];
  stream: StreamName;
  view: View;
  /** Of the chart, in CSS pixels; 0 before it is known. */
  width: number;
}

export interface PlotLines {
  xKey: string;
  /** What is zoomed into, null for everything. */
  xRange: Range | null;
  lines: SeriesBlock[];
  loading: boolean;
  error: Error | null;
  retry: () => void;
}

const BUCKET_GRAIN = 100;
const LEAST_BUCKETS = 200;
const MOST_BUCKETS = 2000;
/** In all lines of a chart together; more points can't be told apart and take long to draw. */
const MOST_VERTICES = 200_000;

/** One bucket a pixel, in hundreds: a window that grows a little keeps its lines. */
export function bucketsFor(width: number, lines: number): number {
  const wanted = Math.ceil(width / BUCKET_GRAIN) * BUCKET_GRAIN;
  const fair = Math.floor(MOST_VERTICES / Math.max(lines, 1));
  return Math.max(Math.min(wanted, MOST_BUCKETS, fair), Math.min(LEAST_BUCKETS, fair));
}

export function usePlotLines({ panel, path, drawn, stream, view, width }: PlotWish): PlotLines {
  const xKey = xKeyOf(view.x, panel.defaultX);
  const zoom = view.zoom?.x === xKey ? view.zoom : null;
  const buckets = bucketsFor(width, drawn.length);
  const xMin = zoom?.min ?? null;
  const xMax = zoom?.max ?? null;
  const known = width > 0;
  const requests: LineRequest[] = useMemo(
    () =>
      known
        ? drawn.map((run) => ({
            run: run.id,
            key: panel.key,
            x: xKey,
            stream,
            xMin,
            xMax,
            buckets,
          }))
        : [],
    [known, drawn, panel.key, xKey, stream, xMin, xMax, buckets],
  );
  const lines = useLines(path, requests);
  // While a zoom or a new width is on its way, the old points stay.
  const held = useRef(new Map<string, SeriesBlock>());
  return useMemo(() => {
    const blocks: SeriesBlock[] = [];
    for (const { request, block } of lines) {
      const name = `${request.run}\n${request.key}\n${request.x}`;
      if (block) held.current.set(name, block);
      const shown = block ?? held.current.get(name);
      if (shown) blocks.push(shown);
    }
    return {
      xKey,
      xRange: zoom && { min: zoom.min, max: zoom.max },
      lines: blocks,
      loading: lines.length === 0 || lines.some((line) => line.loading),
      error: lines.find((line) => line.error)?.error ?? null,
      retry: () => seriesStoreOf(path).retry(),
    };
  }, [lines, xKey, zoom, path]);
}
