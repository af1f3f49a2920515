import { beforeEach, expect, it, vi } from "vitest";
import { LiveStream } from "./live";

class FakeSource extends EventTarget {
  closed = false;
  constructor(readonly url: string) {
    super();
  }
  close(): void {
    this.closed = true;
  }
}

const opened: FakeSource[] = [];
const last = (): FakeSource => opened[opened.length - 1] ?? new FakeSource("");

function follow(): { stream: LiveStream; gaps: () => number; runs: string[] } {
  const stream = new LiveStream((url) => {
    const source = new FakeSource(url);
    opened.push(source);
    return source as unknown as EventSource;
  });
  let gaps = 0;
  const runs: string[] = [];
  stream.listen({
    onRun: (event) => runs.push(event.run),
    onGap: () => {
      gaps += 1;
    },
  });
  stream.follow(["project:e/p"]);
  return { stream, gaps: () => gaps, runs };
}

beforeEach(() => {
  vi.useFakeTimers();
  opened.length = 0;
});

it("asks for its topics and hands on what runs have to say", () => {
  const { stream, runs } = follow();

  last().dispatchEvent(new Event("open"));
  const told = { run: "r1", entity: "e", project: "p", state: "running", last_step: 3 };
  last().dispatchEvent(new MessageEvent("run", { data: JSON.stringify(told) }));

  expect(last().url).toBe("/api/v1/stream?topic=project%3Ae%2Fp");
  expect(stream.state).toBe("live");
  expect(runs).toEqual(["r1"]);
});

it("polls after three failures and stops when the stream is back", () => {
  const { stream, gaps } = follow();

  for (let failure = 0; failure < 3; failure += 1) {
    last().dispatchEvent(new Event("error"));
    vi.advanceTimersByTime(4_000);
  }
  expect(stream.state).toBe("polling");
  vi.advanceTimersByTime(5_000);
  expect(gaps()).toBeGreaterThan(0);

  last().dispatchEvent(new Event("open"));
  const asked = gaps();
  vi.advanceTimersByTime(20_000);

  expect(stream.state).toBe("live");
  expect(gaps()).toBe(asked);
});

it("rests in a hidden tab and catches up afterwards", () => {
  const { stream, gaps } = follow();
  last().dispatchEvent(new Event("open"));
  const before = last();

  const asked = gaps();
  stream.onVisibility(true);
  expect(before.closed).toBe(true);
  expect(stream.state).toBe("paused");
  stream.onVisibility(false);
  last().dispatchEvent(new Event("open"));

  expect(gaps()).toBe(asked + 1);
});

it("has one stream at a time", () => {
  const { stream } = follow();

  stream.follow(["run:e/p/r"]);

  expect(opened.filter((source) => !source.closed)).toHaveLength(1);
});

it("opens another stream when one has been silent for too long", () => {
  const { stream, gaps } = follow();
  last().dispatchEvent(new Event("open"));

  vi.advanceTimersByTime(35_000);
  last().dispatchEvent(new MessageEvent("ping", { data: "{}" }));
  vi.advanceTimersByTime(35_000);
  expect(stream.state).toBe("live");
  expect(opened).toHaveLength(1);
  vi.advanceTimersByTime(6_000);

  expect(stream.state).toBe("connecting");
  expect(opened.map((source) => source.closed)).toEqual([true, false]);
  last().dispatchEvent(new Event("open"));
  expect(gaps()).toBe(2);
});

it("gives up on a stream that never opens", () => {
  follow();

  vi.advanceTimersByTime(41_000);

  expect(opened).toHaveLength(2);
});
