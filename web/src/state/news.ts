/** News of runs: what is on screen is asked for again, and nothing else. */

import type { Query, QueryKey } from "@tanstack/react-query";
import { type ProjectPath, readRunsOf } from "../wire/api";
import { LINES_PER_PAGE } from "../wire/limits";
import type { LogPage, Run, RunDetail, RunEvent, RunsPage } from "../wire/shapes";
import { FreshRuns } from "./freshRuns";
import { keysKey, queryClient, type RunPages, runKey, runsKey, runsOfKey } from "./queries";
import { seriesStoreOf } from "./seriesStore";
import { Throttle } from "./throttle";

/** News of all runs are told together: a hundred runs would draw the page hundreds of times. */
const NEWS_MS = 250;
const KEYS_MS = 3_000;
const RUN_MS = 700;
const LOGS_MS = 500;
const ENDED: ReadonlySet<string> = new Set(["finished", "failed", "crashed", "killed"]);

type News = Map<string, RunEvent>;

/** Changes answers that are there. They stay as old as they are: what else they lack is not known. */
function change<Answer>(queryKey: QueryKey, changed: (found: Answer) => Answer): void {
  for (const query of queryClient.getQueryCache().findAll({ queryKey })) {
    const { dataUpdatedAt, isInvalidated } = query.state;
    queryClient.setQueryData<Answer>(query.queryKey, (found) => found && changed(found), {
      updatedAt: dataUpdatedAt,
    });
    if (isInvalidated) query.invalidate();
  }
}

/** Reads a list by a fetch that begins after the call; gives whether no other is needed. */
async function readFromStart(list: Query): Promise<boolean> {
  // What is on its way may be older, or the next page only.
  await list.promise?.catch(() => undefined);
  const { queryKey } = list;
  try {
    const how = { cancelRefetch: false, throwOnError: true };
    await queryClient.invalidateQueries({ queryKey, exact: true }, how);
  } catch {
    // A list that never came lacks no run: the page says why, and offers to try again.
    return list.state.data === undefined;
  }
  // Asking for the next page gives up the fetch that is on its way.
  const { fetchStatus, fetchMeta } = list.state;
  return fetchStatus === "idle" && !fetchMeta?.fetchMore && list.isActive();
}

/** A project whose news come in. */
class Follower {
  private readonly throttle = new Throttle();
  private news: News = new Map();
  /** Runs on none of the lists: either they are new, or on a page that is not loaded. */
  private readonly strangers = new Set<string>();
  /** Whether the lists are still to be read from their start, by a fetch that begins from now on. */
  private owesLists = false;

  readonly freshRuns = new FreshRuns(async (runs) => {
    const page = await readRunsOf(this.path, runs);
    this.patch(new Map(page.runs.map((run) => [run.id, run])));
  });

  constructor(private readonly path: ProjectPath) {}

  hear(event: RunEvent): void {
    this.news.set(event.run, event);
    this.throttle.run("news", NEWS_MS, () => this.tell());
  }

  private tell(): void {
    const { news, path } = this;
    this.news = new Map();
    seriesStoreOf(path).runsChanged((run) => news.has(run));
    const heartbeat_at = new Date().toISOString();
    const known = this.patch(
      new Map(
        [...news].map(([run, { state, last_step, rows }]) => [
          run,
          { state, last_step, rows, heartbeat_at },
        ]),
      ),
    );
    this.freshRuns.changed(news.keys());
    if (this.meets([...news.keys()].filter((run) => !known.has(run)))) this.owesLists = true;
    this.askForLists();
    this.throttle.run("keys", KEYS_MS, () => this.refetch(keysKey(path)));
    for (const event of news.values()) this.tellPageOf(event);
  }

  /** Whether any of them has not been seen before. */
  private meets(runs: readonly string[]): boolean {
    const met = this.strangers.size;
    for (const run of runs) this.strangers.add(run);
    return this.strangers.size > met;
  }

  /** Changes runs wherever they are shown; gives those on the lists. */
  private patch(changes: ReadonlyMap<string, Partial<Run>>): Set<string> {
    const met = new Set<string>();
    const changed = (run: Run): Run => {
      const change = changes.get(run.id);
      if (!change) return run;
      met.add(run.id);
      return { ...run, ...change };
    };
    const changedPage = (page: RunsPage): RunsPage => ({ ...page, runs: page.runs.map(changed) });
    change<RunPages>(runsKey(this.path), (found) => ({
      ...found,
      pages: found.pages.map(changedPage),
    }));
    const listed = new Set(met);
    change<RunsPage>(runsOfKey(this.path), changedPage);
    return listed;
  }

  private askForLists(): void {
    if (this.owesLists) this.throttle.run("runs", KEYS_MS, () => this.readLists());
  }

  private async readLists(): Promise<void> {
    if (!this.owesLists) return;
    this.owesLists = false;
    const queryKey = runsKey(this.path);
    // Lists that are off screen are read when they come back.
    void queryClient.invalidateQueries({ queryKey, refetchType: "none" });
    const lists = queryClient.getQueryCache().findAll({ queryKey, type: "active" });
    const done = await Promise.all(lists.map(readFromStart));
    // The next event, or gap, asks again.
    if (done.includes(false)) this.owesLists = true;
  }

  // An answer that is on its way is let in: asking anew each time, it might never come.
  private refetch(queryKey: readonly unknown[]): Promise<void> {
    return queryClient.invalidateQueries({ queryKey }, { cancelRefetch: false });
  }

  /** For the run's own page. */
  private tellPageOf(event: RunEvent): void {
    const key = runKey({ ...this.path, run: event.run });
    if (!queryClient.getQueryState(key)) return;
    queryClient.setQueryData<RunDetail>(
      key,
      (run) => run && { ...run, state: event.state, console_lines: event.console_lines },
    );
    this.throttle.run(`run ${event.run}`, RUN_MS, () => this.refetch(key));
    this.throttle.run(`logs ${event.run}`, LOGS_MS, () => this.refetchLogEnd(event.run));
  }

  /** Only the last page can grow, or get one after it. */
  private refetchLogEnd(run: string): Promise<void> {
    return queryClient.invalidateQueries({
      queryKey: ["logs", this.path.entity, this.path.project, run],
      predicate: ({ state, queryKey }) => {
        const page = state.data as LogPage | undefined;
        return page === undefined || page.total <= (Number(queryKey.at(-1)) + 1) * LINES_PER_PAGE;
      },
    });
  }

  /** Runs that had ended before the gap: nothing new is to come of them. */
  private ended(): Set<string> {
    const pages = queryClient.getQueriesData<RunPages>({ queryKey: runsKey(this.path) });
    const runs = pages.flatMap(([, found]) => found?.pages.flatMap((page) => page.runs) ?? []);
    return new Set(runs.filter((run) => ENDED.has(run.state)).map((run) => run.id));
  }

  /** News may have been missed. */
  catchUp(): void {
    const ended = this.ended();
    const { entity, project } = this.path;
    this.strangers.clear();
    this.owesLists = true;
    this.askForLists();
    for (const kind of ["runs-of", "run", "keys", "logs"]) {
      void this.refetch([kind, entity, project]);
    }
    seriesStoreOf(this.path).runsChanged((run) => !ended.has(run));
  }
}

const followers = new Map<string, Follower>();

export function followerOf(path: ProjectPath): Follower {
  const name = `${path.entity}/${path.project}`;
  const found = followers.get(name) ?? new Follower({ entity: path.entity, project: path.project });
  followers.set(name, found);
  return found;
}
