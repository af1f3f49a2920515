/** Media of the runs on screen: their steps, and the values at one. */

import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import type { ProjectPath } from "../wire/api";
import {
  type MediaValue,
  readChartPreset,
  readMediaSteps,
  readMediaValues,
  type StepList,
} from "../wire/media";
import { mergedSteps, stepAt } from "./mediaTypes";

/** The server takes no more series at once. */
const AT_ONCE = 500;

const hours = 3_600_000;

/** Asks for many series, as many at once as the server takes. */
async function inBatches<Asked, Found>(
  asked: readonly Asked[],
  read: (batch: readonly Asked[]) => Promise<Found[]>,
): Promise<Found[]> {
  const found: Found[] = [];
  for (let from = 0; from < asked.length; from += AT_ONCE) {
    found.push(...(await read(asked.slice(from, from + AT_ONCE))));
  }
  return found;
}

/** All steps of a key, page after page. */
async function readAllSteps(
  path: ProjectPath,
  runs: readonly string[],
  key: string,
  signal: AbortSignal,
): Promise<StepList[]> {
  const found = new Map<string, StepList>();
  let asked = runs.map((run) => ({ run, key, after: -1 }));
  while (asked.length > 0) {
    const next: typeof asked = [];
    for (const page of await inBatches(asked, (batch) => readMediaSteps(path, batch, signal))) {
      const before = found.get(page.run);
      found.set(page.run, before ? { ...page, steps: [...before.steps, ...page.steps] } : page);
      if (page.next !== null) next.push({ run: page.run, key, after: page.next });
    }
    asked = next;
  }
  return [...found.values()];
}

export interface MediaSteps {
  /** The steps of all runs together. */
  all: number[];
  ofRun: ReadonlyMap<string, readonly number[]>;
}

/**
 * The steps at which runs logged a key. `lastStep` is how far they have come: when it grows, the
 * steps are asked for again.
 */
export function useMediaSteps(
  path: ProjectPath,
  runs: readonly string[],
  key: string,
  lastStep: number,
) {
  const query = useQuery({
    queryKey: ["media-steps", path.entity, path.project, key, lastStep, ...runs],
    queryFn: ({ signal }) => readAllSteps(path, runs, key, signal),
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
    staleTime: hours,
  });
  const steps = useMemo<MediaSteps>(() => {
    const lists = query.data ?? [];
    return {
      all: mergedSteps(lists.map((list) => list.steps)),
      ofRun: new Map(lists.map((list) => [list.run, list.steps])),
    };
  }, [query.data]);
  return { query, steps };
}

/** Asks for the value of each run at a step, or the last one before it. */
function valuesAt(
  path: ProjectPath,
  runs: readonly string[],
  key: string,
  steps: MediaSteps,
  wanted: number,
) {
  const asked = runs.flatMap((run) => {
    const step = stepAt(steps.ofRun.get(run) ?? [], wanted);
    return step === null ? [] : [{ run, key, min_step: step, max_step: step }];
  });
  const spelled = asked.map(({ run, min_step }) => `${min_step} ${run}`);
  return {
    queryKey: ["media-values", path.entity, path.project, key, ...spelled],
    queryFn: ({ signal }: { signal: AbortSignal }) =>
      inBatches(asked, (batch) => readMediaValues(path, batch, signal)),
    enabled: asked.length > 0,
    // Addresses of files are good for an hour at least.
    staleTime: hours / 2,
  };
}

/** The value of each run at a step, or the last one before it. */
export function useMediaAt(
  path: ProjectPath,
  runs: readonly string[],
  key: string,
  steps: MediaSteps,
  wanted: number,
) {
  const client = useQueryClient();
  const query = useQuery({
    ...valuesAt(path, runs, key, steps, wanted),
    placeholderData: keepPreviousData,
  });
  /** Has another step's values at hand, for when they are wanted; returns their files. */
  const fetchAhead = async (step: number): Promise<string[]> => {
    const { enabled, ...asked } = valuesAt(path, runs, key, steps, step);
    if (!enabled) return [];
    const lists = await client.fetchQuery(asked);
    const files = lists.flatMap((list) =>
      list.values.flatMap((value) => Object.values(value.files)),
    );
    return files.filter((url): url is string => typeof url === "string");
  };
  const values = useMemo(() => {
    const found = (query.data ?? []).filter((one) => one.key === key && one.values.length > 0);
    return new Map<string, MediaValue>(
      found.flatMap((one) => one.values.map((value) => [one.run, value])),
    );
  }, [query.data, key]);
  return { query, values, fetchAhead };
}

/** Values of all steps, or evenly spaced ones where there are many. */
export function useMediaOverTime(
  path: ProjectPath,
  runs: readonly string[],
  key: string,
  lastStep: number,
  limit: number,
) {
  return useQuery({
    queryKey: ["media-over-time", path.entity, path.project, key, lastStep, limit, ...runs],
    queryFn: ({ signal }) =>
      inBatches(
        runs.map((run) => ({ run, key, limit })),
        (batch) => readMediaValues(path, batch, signal),
      ),
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
    staleTime: hours,
  });
}

/** How a kind of custom chart is drawn; it hardly ever changes. */
export const useChartPreset = (id: string) =>
  useQuery({
    queryKey: ["chart-preset", id],
    queryFn: ({ signal }) => readChartPreset(id, signal),
    staleTime: hours,
  });
