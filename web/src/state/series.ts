/** Lines on screen: asked for in few requests, kept, and asked for again when their run has news. */

import type { ProjectPath, SeriesQuery, StreamName } from "../wire/api";
import type { SeriesBlock } from "../wire/series";

/** One line as one chart wants it. */
export interface LineRequest {
  run: string;
  key: string;
  x: string;
  stream: StreamName;
  xMin: number | null;
  xMax: number | null;
  buckets: number;
}

export interface Line {
  request: LineRequest;
  block: SeriesBlock | null;
  error: Error | null;
  loading: boolean;
}

interface Entry extends Line {
  stale: boolean;
  watchers: number;
  /** The batch that brings it, or null. */
  batch: Batch | null;
  usedAt: number;
  /** Requests in a row that failed, and when the next one may be sent. */
  failures: number;
  retryAt: number;
}

interface Batch {
  controller: AbortController;
  entries: Entry[];
}

export type ReadSeries = (query: SeriesQuery, signal: AbortSignal) => Promise<SeriesBlock[]>;

const MOST_PER_REQUEST = 200;
const MOST_KEPT = 4000;
const SOON_MS = 4;
/** Between two requests for news of lines that are drawn already. */
const REFRESH_MS = 500;
/** Wait after the first, second, … failure in a row. */
const RETRY_MS = [1_000, 2_000, 5_000, 10_000, 30_000];

const nameOf = (line: LineRequest): string =>
  [line.stream, line.run, line.key, line.x, line.xMin, line.xMax, line.buckets].join("\n");

const rangeOf = (line: LineRequest): string =>
  [line.stream, line.xMin, line.xMax, line.buckets].join("\n");

export class SeriesStore {
  private readonly entries = new Map<string, Entry>();
  private readonly listeners = new Map<() => void, Set<Entry>>();
  private nextFlushAt = Number.POSITIVE_INFINITY;
  private refreshAt = 0;
  private clock = 0;

  constructor(
    private readonly path: ProjectPath,
    private readonly read: ReadSeries,
    private readonly after: (task: () => void, milliseconds: number) => void = (task, wait) =>
      setTimeout(task, wait),
    private readonly now: () => number = Date.now,
  ) {}

  /** Keeps lines fresh until the returned function is called. */
  watch(requests: readonly LineRequest[], changed: () => void): () => void {
    const entries = new Set(requests.map((request) => this.entryOf(request)));
    for (const entry of entries) {
      entry.watchers += 1;
      entry.usedAt = ++this.clock;
    }
    this.listeners.set(changed, entries);
    this.schedule();
    return () => {
      this.listeners.delete(changed);
      for (const entry of entries) entry.watchers -= 1;
      // Not at once: a chart that only changes its wishes watches most lines again.
      this.schedule();
    };
  }

  lines(requests: readonly LineRequest[]): Line[] {
    return requests.map((request) => {
      const entry = this.entries.get(nameOf(request));
      return entry
        ? {
            request,
            block: entry.block,
            error: entry.error,
            loading: entry.block === null && entry.error === null,
          }
        : { request, block: null, error: null, loading: true };
    });
  }

  /** Runs have news: their lines on screen are asked for again, the others when they come back. */
  runsChanged(changed: (run: string) => boolean): void {
    for (const entry of this.entries.values()) {
      if (changed(entry.request.run)) entry.stale = true;
    }
    this.schedule();
  }

  /** Asks again for lines that failed. */
  retry(): void {
    for (const entry of this.entries.values()) {
      if (entry.error) {
        entry.error = null;
        entry.stale = true;
        entry.retryAt = 0;
      }
    }
    this.schedule();
  }

  private entryOf(request: LineRequest): Entry {
    const name = nameOf(request);
    let entry = this.entries.get(name);
    if (!entry) {
      entry = {
        request,
        block: null,
        error: null,
        loading: false,
        stale: true,
        watchers: 0,
        batch: null,
        usedAt: 0,
        failures: 0,
        retryAt: 0,
      };
      this.entries.set(name, entry);
    }
    return entry;
  }

  private forgetOld(): void {
    if (this.entries.size <= MOST_KEPT) return;
    const idle = [...this.entries.entries()]
      .filter(([, entry]) => entry.watchers === 0)
      .sort(([, a], [, b]) => a.usedAt - b.usedAt);
    for (const [name] of idle.slice(0, this.entries.size - MOST_KEPT)) this.entries.delete(name);
  }

  // Charts that come on screen together share a request.
  private schedule(wait = SOON_MS): void {
    const at = this.now() + wait;
    if (at >= this.nextFlushAt) return;
    this.nextFlushAt = at;
    this.after(() => {
      this.nextFlushAt = Number.POSITIVE_INFINITY;
      this.flush();
    }, wait);
  }

  private abortUnwatched(): void {
    const batches = new Set([...this.entries.values()].map((entry) => entry.batch));
    for (const batch of batches) {
      if (batch?.entries.every((entry) => entry.watchers === 0)) batch.controller.abort();
    }
  }

  private flush(): void {
    this.abortUnwatched();
    this.forgetOld();
    for (const group of this.takeDue().values()) {
      for (let from = 0; from < group.length; from += MOST_PER_REQUEST) {
        void this.fetch(group.slice(from, from + MOST_PER_REQUEST));
      }
    }
  }

  /** Lines to ask for now, by what one request can have; what must wait is looked at again then. */
  private takeDue(): Map<string, Entry[]> {
    const now = this.now();
    const groups = new Map<string, Entry[]>();
    let next = Number.POSITIVE_INFINITY;
    let refreshed = false;
    for (const entry of this.entries.values()) {
      if (!entry.stale || entry.watchers === 0 || entry.batch) continue;
      const due = Math.max(entry.retryAt, entry.block ? this.refreshAt : 0);
      if (due > now) {
        next = Math.min(next, due);
        continue;
      }
      refreshed ||= entry.block !== null;
      const range = rangeOf(entry.request);
      const group = groups.get(range);
      if (group) group.push(entry);
      else groups.set(range, [entry]);
    }
    if (refreshed) this.refreshAt = now + REFRESH_MS;
    if (next < Number.POSITIVE_INFINITY) this.schedule(next - now);
    return groups;
  }

  private async fetch(entries: Entry[]): Promise<void> {
    const first = entries[0]?.request;
    if (!first) return;
    const batch: Batch = { controller: new AbortController(), entries };
    for (const entry of entries) {
      entry.batch = batch;
      // News that come from here on mean another request.
      entry.stale = false;
      entry.loading = true;
    }
    try {
      const blocks = await this.read(
        {
          ...this.path,
          series: entries.map(({ request: { run, key, x } }) => ({ run, key, x })),
          stream: first.stream,
          x_min: first.xMin,
          x_max: first.xMax,
          buckets: first.buckets,
        },
        batch.controller.signal,
      );
      this.settle(entries, blocks);
    } catch (cause) {
      const gone = batch.controller.signal.aborted;
      for (const entry of entries) {
        // The news of a line that is drawn are still owed; a line that never came waits to be asked for.
        entry.stale ||= gone || entry.block !== null;
        if (!gone) this.fail(entry, cause);
      }
    }
    for (const entry of entries) {
      entry.batch = null;
      entry.loading = false;
    }
    this.tell(entries);
    this.schedule();
  }

  private fail(entry: Entry, cause: unknown): void {
    entry.error = cause instanceof Error ? cause : new Error(String(cause));
    const wait = RETRY_MS[Math.min(entry.failures, RETRY_MS.length - 1)] ?? 0;
    entry.failures += 1;
    entry.retryAt = this.now() + wait;
  }

  private settle(entries: Entry[], blocks: SeriesBlock[]): void {
    const found = new Map(
      blocks.map((block) => [`${block.run}\n${block.key}\n${block.xKey}`, block]),
    );
    for (const entry of entries) {
      const { run, key, x } = entry.request;
      entry.error = null;
      entry.failures = 0;
      entry.block = found.get(`${run}\n${key}\n${x}`) ?? {
        run,
        key,
        xKey: x,
        x: new Float64Array(),
        y: new Float64Array(),
        min: null,
        max: null,
        count: null,
        finite: null,
        points: 0,
        lastStep: -1,
      };
    }
  }

  private tell(entries: Entry[]): void {
    for (const [changed, watched] of this.listeners) {
      if (entries.some((entry) => watched.has(entry))) changed();
    }
  }
}
