import { InfiniteQueryObserver, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import type { RunEvent, RunsPage } from "../wire/shapes";
import { followerOf } from "./news";
import { keysKey, queryClient, type RunPages, runsKey, runsOfKey } from "./queries";

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

/** A list on screen, of which each page has what `answer` gives for where it starts. */
function listOnScreen(answer: (after: string | null) => unknown, { search = "", next = "" } = {}) {
  const list = new InfiniteQueryObserver(queryClient, {
    queryKey: [...runsKey(path), search, ""],
    queryFn: async ({ pageParam, signal }) => {
      await fetch(`/list?after=${pageParam}`, { signal });
      return answer(pageParam) as RunsPage;
    },
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next || null,
    initialData: { pages: [{ ...page(["r1"]), next }], pageParams: [null] } as unknown as RunPages,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const stop = list.subscribe(() => undefined);
  const listed = () =>
    list.getCurrentResult().data?.pages.flatMap(({ runs }) => runs.map((run) => run.id));
  return { list, stop, listed };
}

it("asks for the list once for a run that is on none of its pages", async () => {
  const { stop } = listOnScreen(() => page(["r1"]));

  await talk(20, ["r1", "far"]);
  stop();

  expect(askedFor("/list")).toHaveLength(1);
});

const paged = (after: string | null) =>
  after === null ? { ...page(["new", "r1"]), next: "r1" } : page(["r2"]);

it("lists a run that was first heard of while the next page was on its way", async () => {
  const { list, stop, listed } = listOnScreen(paged, { next: "r1" });
  void list.fetchNextPage();

  await talk(1, ["r1", "new"]);
  await talk(20, ["r1"]);
  stop();

  expect(listed()).toEqual(["new", "r1", "r2"]);
  expect(askedFor("/list?after=null").length).toBeLessThanOrEqual(2);
});

it("lists a run though the next page was asked for while the list was read for it", async () => {
  const { list, stop, listed } = listOnScreen(paged, { next: "r1" });

  await talk(1, ["r1", "new"]);
  void list.fetchNextPage();
  await talk(20, ["r1"]);
  stop();

  expect(listed()).toEqual(["new", "r1", "r2"]);
});

it("asks for the list again when that failed, no oftener than every three seconds", async () => {
  let failures = 2;
  const { stop, listed } = listOnScreen(() => {
    failures -= 1;
    if (failures >= 0) throw new Error("down");
    return page(["new", "r1"]);
  });

  await talk(30, ["r1", "new"]);
  stop();

  expect(listed()).toEqual(["new", "r1"]);
  expect(askedFor("/list")).toHaveLength(3);
});

it("reads the list after a gap though the next page is on its way", async () => {
  const { list, stop, listed } = listOnScreen(paged, { next: "r1" });
  void list.fetchNextPage();

  followerOf(path).catchUp();
  await vi.advanceTimersByTimeAsync(20_000);
  stop();

  expect(listed()).toEqual(["new", "r1", "r2"]);
});

it("asks after a gap again for runs that were on none of the pages", async () => {
  const { stop } = listOnScreen(() => page(["r1"]));
  await talk(10, ["r1", "far"]);

  followerOf(path).catchUp();
  await talk(10, ["r1"]);
  expect(askedFor("/list")).toHaveLength(2);
  await talk(10, ["r1", "far"]);
  stop();

  expect(askedFor("/list")).toHaveLength(3);
});

it("doesn't ask over and over for a list that never came", async () => {
  const { stop } = listOnScreen(() => page(["r1"]));
  const wrong = new InfiniteQueryObserver(queryClient, {
    queryKey: [...runsKey(path), "(", ""],
    queryFn: () => fetch("/wrong").then(() => Promise.reject(new Error("no such pattern"))),
    initialPageParam: null,
    getNextPageParam: () => null,
    retry: false,
  });
  const stopWrong = wrong.subscribe(() => undefined);

  await talk(30, ["r1", "new"]);
  stop();
  stopWrong();

  expect(askedFor("/list")).toHaveLength(1);
  expect(askedFor("/wrong")).toHaveLength(2);
});

it("leaves a list that is off screen to be read when it is shown again", async () => {
  const { stop } = listOnScreen(() => page(["r1"]));
  const hidden = listOnScreen(() => page(["r1"]), { search: "r" });
  hidden.stop();

  await talk(20, ["r1", "new"]);
  stop();

  const state = queryClient.getQueryState([...runsKey(path), "r", ""]);
  expect(state?.isInvalidated).toBe(true);
});

it("keeps runs fresh that are drawn though they are on no page of the list", async () => {
  const queryKey = [...runsOfKey(path), "", "far"];
  const { stop } = listOnScreen(() => page(["r1"]));
  queryClient.setQueryData(queryKey, page(["far"]));

  followerOf(path).hear({ ...event("far"), state: "finished" });
  await vi.advanceTimersByTimeAsync(10_000);
  stop();

  expect(queryClient.getQueryData<RunsPage>(queryKey)?.runs[0]?.state).toBe("finished");
  expect(askedFor("/list")).toHaveLength(1);
});

it("asks after a gap for runs that are drawn though they are on no page of the list", async () => {
  const drawn = new QueryObserver(queryClient, {
    queryKey: [...runsOfKey(path), "", "far"],
    queryFn: ({ signal }) => fetch("/drawn", { signal }).then((answer) => answer.json()),
    initialData: page(["far"]),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const stop = drawn.subscribe(() => undefined);

  followerOf(path).catchUp();
  await vi.advanceTimersByTimeAsync(5_000);
  stop();

  expect(askedFor("/drawn")).toHaveLength(1);
});
