import { InfiniteQueryObserver, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunEvent } from "../wire/shapes";
import { followerOf } from "./news";
import { keysKey, queryClient, runsKey } from "./queries";

// What is throttled outlives a test, so each has a project of its own.
let path = { entity: "e", project: "p0" };
const ids = Array.from({ length: 100 }, (_, at) => `r${at}`);
const asked: { url: string; body: Record<string, unknown>; aborted: () => boolean }[] = [];
const askedFor = (url: string) => asked.filter((one) => one.url.startsWith(url));

function event(run: string): RunEvent {
  const counts = { last_step: 3, rows: 4, console_lines: 0 };
  return { ...path, run, ...counts, state: "running", summary_changed: true };
}

const page = (runs: string[]) => ({
  total: runs.length,
  next: null,
  runs: runs.map((id) => ({ id, state: "running" })),
});

beforeEach(() => {
  vi.useFakeTimers();
  asked.length = 0;
  path = { ...path, project: `${path.project}0` };
  vi.stubGlobal("fetch", async (url: string, init: RequestInit = {}) => {
    const body = JSON.parse(String(init.body ?? "{}")) as Record<string, unknown>;
    asked.push({ url, body, aborted: () => init.signal?.aborted ?? false });
    await new Promise((passed) => setTimeout(passed, 4_000));
    return Response.json(url.endsWith("/keys") ? { keys: [] } : page(ids.slice(0, 30)));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
  queryClient.clear();
});

async function talk(seconds: number, runs: readonly string[]): Promise<void> {
  for (let quarter = 0; quarter < seconds * 4; quarter += 1) {
    for (const run of runs) followerOf(path).hear(event(run));
    await vi.advanceTimersByTimeAsync(250);
  }
}

it("asks little of the server when a hundred runs have news four times a second", async () => {
  const keys = new QueryObserver(queryClient, {
    queryKey: keysKey(path),
    queryFn: ({ signal }) => fetch("/keys", { signal }).then((answer) => answer.json()),
    initialData: {},
    staleTime: Number.POSITIVE_INFINITY,
  });
  const stop = keys.subscribe(() => undefined);
  queryClient.setQueryData([...runsKey(path), "", ""], { pages: [page(ids)], pageParams: [null] });
  followerOf(path).freshRuns.show(ids.slice(0, 30));

  await talk(12, ids);

  expect(askedFor("/keys").length).toBeLessThanOrEqual(4);
  expect(askedFor("/keys").some((one) => one.aborted())).toBe(false);
  expect(keys.getCurrentResult().dataUpdatedAt).toBeGreaterThan(0);
  const lists = askedFor("/api/v1/runs/query");
  expect(lists.length).toBeLessThanOrEqual(4);
  expect(lists[1]?.body["filters"]).toEqual({ name: { $in: ids.slice(0, 30) } });
  expect(askedFor("/api/v1/runs/e").length).toBe(0);
  stop();
});

it("asks for the list once for a run that is on none of its pages", async () => {
  const list = new InfiniteQueryObserver(queryClient, {
    queryKey: [...runsKey(path), "", ""],
    queryFn: () => fetch("/list").then((answer) => answer.json()),
    initialPageParam: null,
    getNextPageParam: () => null,
    initialData: { pages: [page(["r1"])], pageParams: [null] },
    staleTime: Number.POSITIVE_INFINITY,
  });
  const stop = list.subscribe(() => undefined);

  await talk(20, ["r1", "far"]);
  stop();

  expect(askedFor("/list")).toHaveLength(1);
});
