import { expect, it } from "vitest";
import { kindWithin, timeTicks, xKindOf } from "./axes";

it("puts the date under the first time of each day", () => {
  const noon = Date.UTC(2026, 10, 25, 12) / 1000;

  const ticks = timeTicks([noon, noon + 3_600, noon + 86_400], 3_600);

  expect(ticks.map((tick) => tick.includes("\n"))).toEqual([true, false, true]);
});

it("knows clocks by their keys", () => {
  expect(["_step", "_runtime", "_timestamp", "epoch"].map(xKindOf)).toEqual([
    "number",
    "duration",
    "time",
    "number",
  ]);
});

it("takes times that are no dates for numbers", () => {
  expect(kindWithin("time", { min: 1.79e9, max: 1.8e9 })).toBe("time");
  expect(kindWithin("time", { min: 1.79e15, max: 1.79e15 + 1e6 })).toBe("number");
  expect(kindWithin("duration", { min: 0, max: 1e15 })).toBe("duration");
});
