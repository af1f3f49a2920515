import { expect, it } from "vitest";
import { leftoversOf, missingAt } from "./missing";

const raw = Float64Array.of(1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, -2);
const points = { raw, count: null, finite: null };

it("tells what is no number, what lies beyond either end, and what a logarithm can't show", () => {
  const found = (logY: boolean) => Array.from(raw, (_, at) => missingAt(points, at, logY));

  expect(found(false)).toEqual([null, "nan", "over", "under", null]);
  expect(found(true)).toEqual([null, "nan", "over", "under", "nonPositive"]);
});

it("counts each kind", () => {
  expect(leftoversOf([points, points], true)).toEqual({
    nan: 2,
    over: 2,
    under: 2,
    nonPositive: 2,
  });
});

it("marks a bucket whose last value is finite and others are not, and counts those", () => {
  const bucket = {
    raw: Float64Array.of(1, 2, Number.POSITIVE_INFINITY),
    count: Float64Array.of(9, 9, 9),
    finite: Float64Array.of(9, 5, 6),
  };

  expect([0, 1, 2].map((at) => missingAt(bucket, at, false))).toEqual([null, "nan", "over"]);
  expect(leftoversOf([bucket], false)).toEqual({ nan: 4, over: 3, under: 0, nonPositive: 0 });
});

it("marks only what it knows of where buckets don't tell how many are finite", () => {
  const bucket = { raw: Float64Array.of(1), count: Float64Array.of(9), finite: null };

  expect(missingAt(bucket, 0, false)).toBeNull();
});
