/** What the page asks the server for. Answers are shared, kept while they refresh, and dropped late. */

import {
  type InfiniteData,
  keepPreviousData,
  QueryClient,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import {
  type KeysQuery,
  type ProjectPath,
  type RunPath,
  readFiles,
  readFileText,
  readKeys,
  readMe,
  readProjects,
  readRun,
  readRuns,
  readRunsOf,
} from "../wire/api";
import { ServerError } from "../wire/http";
import { readCustomCharts } from "../wire/media";
import type { RunsPage } from "../wire/shapes";

const PAGE = 50;
const HOME_REFRESH_MS = 10_000;

/** Asking again helps when nothing answered; it doesn't when the answer was "no". */
function worthAnotherTry(failures: number, error: Error): boolean {
  const status = error instanceof ServerError ? error.status : 500;
  return failures < 1 && (status === 0 || status === 502 || status === 503);
}

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 30_000,
      gcTime: 300_000,
      retry: worthAnotherTry,
      retryDelay: 800,
      refetchOnWindowFocus: false,
    },
  },
});

export const useMe = () =>
  useQuery({ queryKey: ["me"], queryFn: ({ signal }) => readMe(signal), staleTime: 60_000 });

export const useProjects = () =>
  useQuery({
    queryKey: ["projects"],
    queryFn: ({ signal }) => readProjects(signal),
    staleTime: 2_000,
    refetchInterval: HOME_REFRESH_MS,
  });

export type RunPages = InfiniteData<RunsPage, string | null>;

export const runsKey = ({ entity, project }: ProjectPath) => ["runs", entity, project] as const;

export const useRuns = (path: ProjectPath, search: string, order: string) =>
  useInfiniteQuery({
    queryKey: [...runsKey(path), search, order],
    queryFn: ({ pageParam, signal }) =>
      readRuns({ ...path, search, order, after: pageParam, limit: PAGE }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
  });

export const runsOfKey = ({ entity, project }: ProjectPath) =>
  ["runs-of", entity, project] as const;

/** The server takes no more ids at once. */
const MOST_IDS = 500;

/** Runs that are wanted though they are on no page of the list that is loaded. */
export const useRunsOf = (path: ProjectPath, search: string, runs: readonly string[]) =>
  useQuery({
    queryKey: [...runsOfKey(path), search, ...runs],
    queryFn: ({ signal }) => readRunsOf(path, runs.slice(0, MOST_IDS), search, signal),
    enabled: runs.length > 0,
    placeholderData: keepPreviousData,
  });

export const runKey = ({ entity, project, run }: RunPath) => ["run", entity, project, run] as const;

export const useRun = (path: RunPath) =>
  useQuery({ queryKey: runKey(path), queryFn: ({ signal }) => readRun(path, signal) });

export const keysKey = ({ entity, project }: ProjectPath) => ["keys", entity, project] as const;

export const useKeys = (query: KeysQuery, enabled = true) =>
  useQuery({
    queryKey: [...keysKey(query), query.stream, query.runs],
    queryFn: ({ signal }) => readKeys(query, signal),
    enabled,
    placeholderData: keepPreviousData,
  });

/** Charts are told of in a run's config: they are asked for again when its keys are. */
export const useCustomCharts = (path: ProjectPath, runs: readonly string[], enabled: boolean) =>
  useQuery({
    queryKey: [...keysKey(path), "charts", runs],
    queryFn: ({ signal }) => readCustomCharts(path, runs.slice(0, MOST_IDS), signal),
    enabled: enabled && runs.length > 0,
    placeholderData: keepPreviousData,
  });

export const useFiles = (path: RunPath) =>
  useQuery({
    queryKey: ["files", path.entity, path.project, path.run],
    queryFn: ({ signal }) => readFiles(path, signal),
    staleTime: 5_000,
  });

export const useFileText = (url: string, enabled: boolean) =>
  useQuery({
    queryKey: ["file", url],
    queryFn: ({ signal }) => readFileText(url, signal),
    enabled,
    staleTime: Number.POSITIVE_INFINITY,
  });
