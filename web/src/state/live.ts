/** News of runs: what is on screen is asked for again, and nothing else. */

import { useEffect, useSyncExternalStore } from "react";
import { type ProjectPath, readRun } from "../wire/api";
import { LINES_PER_PAGE } from "../wire/limits";
import { type LiveState, live } from "../wire/live";
import type { LogPage, Run, RunDetail, RunEvent } from "../wire/shapes";
import { keysKey, queryClient, type RunPages, runKey, runsKey } from "./queries";
import { seriesStoreOf } from "./seriesStore";

const SUMMARY_MS = 700;
const KEYS_MS = 3_000;
const LOGS_MS = 500;
const ENDED: ReadonlySet<string> = new Set(["finished", "failed", "crashed", "killed"]);

/** Runs a task at once, then at most once per interval and always after the last call. */
export class Throttle {
  private readonly waiting = new Map<string, boolean>();

  run(name: string, milliseconds: number, task: () => void): void {
    if (this.waiting.has(name)) {
      this.waiting.set(name, true);
      return;
    }
    task();
    this.waiting.set(name, false);
    setTimeout(() => {
      const again = this.waiting.get(name);
      this.waiting.delete(name);
      if (again) this.run(name, milliseconds, task);
    }, milliseconds);
  }
}

const throttle = new Throttle();

function patchRun(path: ProjectPath, id: string, change: Partial<Run>): boolean {
  let known = false;
  queryClient.setQueriesData<RunPages>({ queryKey: runsKey(path) }, (pages) => {
    if (!pages?.pages.some((page) => page.runs.some((run) => run.id === id))) return pages;
    known = true;
    return {
      ...pages,
      pages: pages.pages.map((page) => ({
        ...page,
        runs: page.runs.map((run) => (run.id === id ? { ...run, ...change } : run)),
      })),
    };
  });
  return known;
}

async function refreshRun(path: ProjectPath, id: string): Promise<void> {
  try {
    const run = await readRun({ ...path, run: id });
    patchRun(path, id, run);
    queryClient.setQueryData(runKey({ ...path, run: id }), run);
  } catch {
    // The next event asks again; meanwhile the page says how old its news are.
  }
}

/** Only a page that is not full can grow. */
function refreshLogEnd(path: ProjectPath, event: RunEvent): void {
  void queryClient.invalidateQueries({
    queryKey: ["logs", path.entity, path.project, event.run],
    predicate: ({ state }) => {
      const page = state.data as LogPage | undefined;
      return page === undefined || page.lines.length < LINES_PER_PAGE;
    },
  });
}

function onRun(event: RunEvent): void {
  const path = { entity: event.entity, project: event.project };
  seriesStoreOf(path).runsChanged((run) => run === event.run);
  const known = patchRun(path, event.run, {
    state: event.state,
    last_step: event.last_step,
    rows: event.rows,
    heartbeat_at: new Date().toISOString(),
  });
  queryClient.setQueryData<RunDetail>(
    runKey({ ...path, run: event.run }),
    (run) => run && { ...run, state: event.state, console_lines: event.console_lines },
  );
  const name = `${path.entity}/${path.project}/${event.run}`;
  if (!known) {
    throttle.run(`runs ${name}`, KEYS_MS, () => {
      void queryClient.invalidateQueries({ queryKey: runsKey(path) });
    });
  }
  throttle.run(`run ${name}`, SUMMARY_MS, () => void refreshRun(path, event.run));
  throttle.run(`logs ${name}`, LOGS_MS, () => refreshLogEnd(path, event));
  throttle.run(`keys ${name}`, KEYS_MS, () => {
    void queryClient.invalidateQueries({ queryKey: keysKey(path) });
  });
}

/** Runs that had ended before the gap: nothing new is to come of them. */
function endedRuns(path: ProjectPath): Set<string> {
  const pages = queryClient.getQueriesData<RunPages>({ queryKey: runsKey(path) });
  const runs = pages.flatMap(([, found]) => found?.pages.flatMap((page) => page.runs) ?? []);
  return new Set(runs.filter((run) => ENDED.has(run.state)).map((run) => run.id));
}

function onGap(path: ProjectPath): void {
  const ended = endedRuns(path);
  const { entity, project } = path;
  for (const kind of ["runs", "run", "keys", "logs"]) {
    // An answer that is on its way is new enough.
    void queryClient.invalidateQueries(
      { queryKey: [kind, entity, project] },
      { cancelRefetch: false },
    );
  }
  seriesStoreOf(path).runsChanged((run) => !ended.has(run));
}

/** Follows a project, or one run of it, while the component is shown and it is not missing. */
export function useLive({ entity, project }: ProjectPath, there: boolean, run?: string): void {
  useEffect(() => {
    if (!there) return;
    const topic = run ? `run:${entity}/${project}/${run}` : `project:${entity}/${project}`;
    live.follow([topic]);
    const stop = live.listen({ onRun, onGap: () => onGap({ entity, project }) });
    return () => {
      stop();
      live.follow([]);
    };
  }, [entity, project, there, run]);
}

export const useLiveState = (): LiveState =>
  useSyncExternalStore(
    (changed) => live.watch(changed),
    () => live.state,
  );
