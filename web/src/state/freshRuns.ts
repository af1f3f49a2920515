/** Summaries of runs that go on: only those on screen are asked for, all in one request. */

import { Throttle } from "./throttle";

const PAUSE_MS = 1_000;

export class FreshRuns {
  private readonly throttle = new Throttle();
  private readonly stale = new Set<string>();
  private shown: readonly string[] = [];

  constructor(private readonly read: (runs: string[]) => Promise<void>) {}

  /** Runs have news that the lists don't have yet. */
  changed(runs: Iterable<string>): void {
    for (const run of runs) this.stale.add(run);
    this.ask();
  }

  /** These runs are on screen, and no others. */
  show(runs: readonly string[]): void {
    this.shown = runs;
    this.ask();
  }

  private due(): string[] {
    return this.shown.filter((run) => this.stale.has(run));
  }

  private ask(): void {
    if (this.due().length > 0) this.throttle.run("", PAUSE_MS, () => this.refresh());
  }

  private async refresh(): Promise<void> {
    const due = this.due();
    if (due.length === 0) return;
    for (const run of due) this.stale.delete(run);
    try {
      await this.read(due);
    } catch {
      // The next event asks again; meanwhile the page says how old its news are.
      for (const run of due) this.stale.add(run);
    }
  }
}
