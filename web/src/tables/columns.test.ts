import { expect, it } from "vitest";
import type { Run } from "../wire/shapes";
import { columnMaker, nextSort } from "./columns";

function run(change: Partial<Run>): Run {
  return {
    id: "r",
    display_name: "r",
    state: "finished",
    created_at: null,
    heartbeat_at: null,
    duration: 1,
    user: "ada",
    tags: [],
    group: null,
    job_type: null,
    notes: null,
    host: null,
    exit_code: null,
    last_step: 1,
    rows: 1,
    config: {},
    summary: {},
    ...change,
  };
}

const titles = (runs: Run[], wish = { search: "", differing: false }) =>
  columnMaker()(runs, wish).map((column) => column.title);

it("has last values before configs and leaves out what is empty everywhere", () => {
  const runs = [run({ config: { lr: 1 }, summary: { loss: 2, _step: 4 } })];

  expect(titles(runs)).toEqual(["State", "Duration", "Steps", "User", "loss", "lr"]);
});

it("shows only columns in which the runs differ", () => {
  const runs = [run({ config: { lr: 1, seed: 1 } }), run({ config: { lr: 2, seed: 1 } })];

  expect(titles(runs, { search: "", differing: true })).not.toContain("seed");
  expect(titles(runs, { search: "", differing: true })).toContain("lr");
  expect(titles([...runs, run({})], { search: "", differing: true })).toContain("seed");
});

it("does not look through configs again when a run's state changed", () => {
  const make = columnMaker();
  const before = run({ config: { lr: 1 } });
  const wish = { search: "^lr$", differing: false };

  const [column] = make([before], wish);

  expect(make([{ ...before, state: "failed" }], wish)[0]).toBe(column);
  expect(make([{ ...before, config: { lr: 2 } }], wish)[0]).not.toBe(column);
});

it("takes numbers that come as text for numbers", () => {
  const summary = { loss: "-Infinity", seed: "123456789012345678", name: "a" };
  const columns = columnMaker()([run({ summary })], { search: "", differing: false });

  const numeric = columns.filter((column) => column.group === "summary" && column.numeric);
  expect(numeric.map((column) => column.title)).toEqual(["loss", "seed"]);
});

it("sorts highest first, then lowest, then as before", () => {
  expect(nextSort("-created_at", "state", "-created_at")).toBe("-state");
  expect(nextSort("-state", "state", "-created_at")).toBe("+state");
  expect(nextSort("+state", "state", "-created_at")).toBe("-created_at");
});
