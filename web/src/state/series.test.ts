import { expect, it } from "vitest";
import type { SeriesQuery } from "../wire/api";
import type { SeriesBlock } from "../wire/series";
import { type LineRequest, SeriesStore } from "./series";

function request(run: string, change: Partial<LineRequest> = {}): LineRequest {
  const usual = { key: "loss", x: "_step", stream: "history" as const, buckets: 400 };
  return { run, xMin: null, xMax: null, ...usual, ...change };
}

function blocksOf(query: SeriesQuery): SeriesBlock[] {
  return query.series.map(({ run, key, x }) => ({
    run,
    key,
    xKey: x,
    x: Float64Array.of(0),
    y: Float64Array.of(1),
    min: null,
    max: null,
    count: null,
    finite: null,
    points: 1,
    lastStep: 0,
  }));
}

class FakeServer {
  readonly asked: SeriesQuery[] = [];
  readonly signals: AbortSignal[] = [];
  private readonly waiting: ((failure: Error | null) => void)[] = [];
  private readonly tasks: (() => void)[] = [];
  now = 0;

  readonly store = new SeriesStore(
    { entity: "e", project: "p" },
    (query, signal) => {
      this.asked.push(query);
      this.signals.push(signal);
      return new Promise((answer, fail) => {
        signal.addEventListener("abort", () => fail(new Error("aborted")));
        this.waiting.push((failure) => (failure ? fail(failure) : answer(blocksOf(query))));
      });
    },
    (task) => this.tasks.push(task),
    () => this.now,
  );

  /** Lets what was put off happen. */
  tick(): void {
    for (const task of this.tasks.splice(0)) task();
  }

  async answer(failure: Error | null = null): Promise<void> {
    for (const settle of this.waiting.splice(0)) settle(failure);
    for (let turn = 0; turn < 6; turn += 1) await Promise.resolve();
    this.tick();
  }
}

const nothing = (): void => undefined;

it("asks for the lines of several charts in one request", async () => {
  const server = new FakeServer();

  server.store.watch([request("a"), request("b")], nothing);
  server.store.watch([request("a", { key: "acc" })], nothing);
  server.tick();
  await server.answer();

  expect(server.asked).toHaveLength(1);
  expect(server.asked[0]?.series).toHaveLength(3);
  expect(server.store.lines([request("a")])[0]?.block?.y[0]).toBe(1);
});

it("asks again only for the run that has news, and only while it is on screen", async () => {
  const server = new FakeServer();
  server.store.watch([request("a"), request("b")], nothing);
  const leave = server.store.watch([request("a", { key: "acc" })], nothing);
  server.tick();
  await server.answer();
  leave();
  server.tick();

  server.store.runsChanged((run) => run === "a");
  server.tick();

  expect(server.asked[1]?.series).toEqual([{ run: "a", key: "loss", x: "_step" }]);
});

it("asks once more for news that came while an answer was on its way", async () => {
  const server = new FakeServer();
  server.store.watch([request("a")], nothing);
  server.tick();

  server.store.runsChanged(() => true);
  server.tick();
  expect(server.asked).toHaveLength(1);
  await server.answer();

  expect(server.asked).toHaveLength(2);
});

it("lets go of a request whose charts are all gone, and of none that is still wanted", () => {
  const server = new FakeServer();
  const leave = server.store.watch([request("a")], nothing);
  server.tick();
  leave();
  server.store.watch([request("a"), request("b")], nothing);
  server.tick();
  expect(server.signals[0]?.aborted).toBe(false);

  const gone = server.store.watch([request("c", { xMin: 5 })], nothing);
  server.tick();
  gone();
  server.tick();

  expect(server.signals[2]?.aborted).toBe(true);
});

it("keeps the old points when a refresh fails, and asks again when told to", async () => {
  const server = new FakeServer();
  server.store.watch([request("a")], nothing);
  server.tick();
  await server.answer();

  server.store.runsChanged(() => true);
  server.tick();
  await server.answer(new Error("no answer"));
  const failed = server.store.lines([request("a")])[0];
  expect(failed?.error?.message).toBe("no answer");
  expect(failed?.block).not.toBeNull();

  server.tick();
  expect(server.asked).toHaveLength(2);
  server.now += 500;
  server.store.retry();
  server.tick();
  await server.answer();

  expect(server.store.lines([request("a")])[0]?.error).toBeNull();
});

it("asks again for a line that failed when its run has news, after a pause that grows", async () => {
  const server = new FakeServer();
  server.store.watch([request("a")], nothing);
  server.tick();
  await server.answer(new Error("no answer"));

  server.store.runsChanged(() => true);
  server.tick();
  expect(server.asked).toHaveLength(1);
  server.now += 1_000;
  server.tick();
  expect(server.asked).toHaveLength(2);
  await server.answer(new Error("no answer"));

  server.store.runsChanged(() => true);
  server.now += 1_000;
  server.tick();
  expect(server.asked).toHaveLength(2);
  server.now += 1_000;
  server.tick();
  await server.answer();

  expect(server.store.lines([request("a")])[0]?.error).toBeNull();
});

it("asks again by itself for news that a failed refresh owes", async () => {
  const server = new FakeServer();
  server.store.watch([request("a")], nothing);
  server.tick();
  await server.answer();
  server.store.runsChanged(() => true);
  server.tick();
  await server.answer(new Error("no answer"));

  server.now += 1_000;
  server.tick();

  expect(server.asked).toHaveLength(3);
});

it("asks for the news of many runs together, and for new lines at once", async () => {
  const server = new FakeServer();
  server.store.watch([request("a"), request("b"), request("c")], nothing);
  server.tick();
  await server.answer();

  for (const run of ["a", "b", "c"]) {
    server.now += 100;
    server.store.runsChanged((changed) => changed === run);
    server.tick();
    await server.answer();
  }
  expect(server.asked.map((query) => query.series.length)).toEqual([3, 1]);
  server.store.watch([request("d")], nothing);
  server.tick();
  expect(server.asked[2]?.series.map((line) => line.run)).toEqual(["d"]);
  server.now += 500;
  server.tick();

  expect(server.asked[3]?.series.map((line) => line.run)).toEqual(["b", "c"]);
});
