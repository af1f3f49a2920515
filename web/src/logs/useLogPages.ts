import { useQueries } from "@tanstack/react-query";
import { useRef } from "react";
import { type RunPath, readLogs } from "../wire/api";
import { LINES_PER_PAGE } from "../wire/limits";
import type { LogLine, LogPage } from "../wire/shapes";

/** The list asks again by itself now and then, should an event have been lost. */
const REFRESH_MS = 15_000;

export const logsKey = ({ entity, project, run }: RunPath) =>
  ["logs", entity, project, run] as const;

/** Several writers number their lines each for itself: only the place in the whole log is one line's. */
export interface PlacedLine extends LogLine {
  position: number;
}

export interface PlacedPage {
  total: number;
  lines: PlacedLine[];
}

export function placed({ total, lines }: LogPage, first: number): PlacedPage {
  return { total, lines: lines.map((line, at) => ({ ...line, position: first + at })) };
}

export function logQuery(path: RunPath, page: number) {
  return {
    queryKey: [...logsKey(path), page] as const,
    queryFn: async ({ signal }: { signal: AbortSignal }): Promise<PlacedPage> => {
      const first = page * LINES_PER_PAGE;
      return placed(await readLogs(path, first, LINES_PER_PAGE, signal), first);
    },
    staleTime: 60_000,
  };
}

export interface LogPages {
  /** Null before the first answer. */
  total: number | null;
  lineAt: (index: number) => PlacedLine | undefined;
  error: Error | null;
  retry: () => void;
}

/** The pages that hold some lines; the total comes with any of them. */
export function useLogPages(
  path: RunPath,
  firstLine: number,
  lastLine: number,
  running: boolean,
): LogPages {
  const first = Math.max(0, Math.floor(firstLine / LINES_PER_PAGE));
  const last = Math.max(first, Math.floor(Math.max(lastLine, 0) / LINES_PER_PAGE));
  const pages = Array.from({ length: last - first + 1 }, (_, at) => first + at);
  const results = useQueries({
    queries: pages.map((page) => ({
      ...logQuery(path, page),
      ...(running && page === last && { refetchInterval: REFRESH_MS }),
    })),
  });
  const totals = results.flatMap((result) => (result.data ? [result.data.total] : []));
  // While the next page is on its way, the list keeps its length.
  const total = useRef<number | null>(null);
  if (totals.length > 0) total.current = Math.max(...totals);
  return {
    total: total.current,
    lineAt: (index) => {
      const page = results[Math.floor(index / LINES_PER_PAGE) - first];
      return page?.data?.lines[index % LINES_PER_PAGE];
    },
    error: results.find((result) => result.error)?.error ?? null,
    retry: () => {
      for (const result of results) if (result.error) void result.refetch();
    },
  };
}
