/** Tasks by name, each at once and then at most once per interval. */
export class Throttle {
  private readonly again = new Map<string, (() => unknown) | null>();

  /** Runs the task now, or once more when the last one is done and the interval has passed. */
  run(name: string, milliseconds: number, task: () => unknown): void {
    if (this.again.has(name)) {
      this.again.set(name, task);
      return;
    }
    this.again.set(name, null);
    void this.during(name, milliseconds, task);
  }

  private async during(name: string, milliseconds: number, task: () => unknown): Promise<void> {
    const pause = new Promise((passed) => setTimeout(passed, milliseconds));
    await Promise.allSettled([task(), pause]);
    const next = this.again.get(name);
    this.again.delete(name);
    if (next) this.run(name, milliseconds, next);
  }
}
