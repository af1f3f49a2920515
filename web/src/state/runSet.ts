/** The runs of a project as a workspace has them: order, colours, and which ones charts draw. */

import { useEffect, useMemo } from "react";
import type { ProjectPath } from "../wire/api";
import type { Run } from "../wire/shapes";
import { bookOf, type RunColor, remember } from "./colors";
import { useRuns, useRunsOf } from "./queries";
import { useDark } from "./theme";
import { useView } from "./useView";
import { farRuns, MOST_RUNS, visibleRuns } from "./view";

export interface RunInk {
  color: string;
  dash: readonly number[];
}

export interface DrawnRun {
  id: string;
  name: string;
  ink: RunInk;
}

export interface RunSet {
  query: ReturnType<typeof useRuns>;
  runs: Run[];
  total: number | null;
  visible: ReadonlySet<string>;
  drawn: DrawnRun[];
  inkOf: (id: string) => RunInk;
}

export const nameOf = (run: Pick<Run, "id" | "display_name">): string =>
  run.display_name === "" ? run.id : run.display_name;

/** Colours for the theme in use. */
export function useInkOf(project: string): (id: string) => RunInk {
  const dark = useDark();
  return useMemo(() => {
    const book = bookOf(project);
    return (id: string): RunInk => {
      const pair: RunColor = book.colorOf(id);
      return { color: dark ? pair.dark : pair.light, dash: pair.dash };
    };
  }, [project, dark]);
}

export function useRunSet(path: ProjectPath, order: string): RunSet {
  const [view] = useView();
  const project = `${path.entity}/${path.project}`;
  const query = useRuns(path, view.runSearch, order);
  const runs = useMemo(() => query.data?.pages.flatMap((page) => page.runs) ?? [], [query.data]);
  const inkOf = useInkOf(project);
  const ids = useMemo(() => runs.map((run) => run.id), [runs]);
  const far = query.hasNextPage ? farRuns(ids, view) : [];
  const found = useRunsOf(path, view.runSearch, far).data?.runs ?? [];
  const { shown, hidden } = view;
  const wanted = useMemo(() => new Set(visibleRuns(ids, { shown, hidden })), [ids, shown, hidden]);
  const visible = [
    ...runs.filter((run) => wanted.has(run.id)),
    ...found.filter((run) => far.includes(run.id)),
  ].slice(0, MOST_RUNS);
  // News of a run come with every step; what charts need of it hardly ever changes.
  const spelled = visible.map((run) => `${run.id}\n${nameOf(run)}`).join("\n");
  // biome-ignore lint/correctness/useExhaustiveDependencies: the string spells the runs out
  const drawn = useMemo(
    () => visible.map((run) => ({ id: run.id, name: nameOf(run), ink: inkOf(run.id) })),
    [spelled, inkOf],
  );
  useEffect(() => {
    if (drawn.length > 0) remember(project);
  }, [project, drawn]);
  return {
    query,
    runs,
    total: query.data?.pages[0]?.total ?? null,
    visible: useMemo(() => new Set(drawn.map((run) => run.id)), [drawn]),
    drawn,
    inkOf,
  };
}
