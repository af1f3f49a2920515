import { expect, it } from "vitest";
import { extent, lowerBound, nearest, nextOf, padded, tickable } from "./scale";

it("leaves NaN, infinities and, on log axes, what is not positive out of a range", () => {
  const values = [Float64Array.of(Number.NaN, -2, 0, 5, Number.POSITIVE_INFINITY)];

  expect(extent(values, false)).toEqual({ min: -2, max: 5 });
  expect(extent(values, true)).toEqual({ min: 5, max: 5 });
  expect(extent([Float64Array.of(Number.NaN)], false)).toBeNull();
});

it("gives a flat line room, even one that differs in its last bits", () => {
  expect(padded({ min: 42, max: 42 + 1e-12 }, false).min).toBeLessThan(41);
  expect(padded({ min: 0, max: 0 }, false)).toEqual({ min: -1, max: 1 });
});

it("does not put a line of positive values on an axis with negative ones", () => {
  expect(padded({ min: 0.1, max: 10 }, false).min).toBe(0);
});

it("finds the nearest of ascending points", () => {
  const x = Float64Array.of(1, 4, 9);

  expect(lowerBound(x, 4)).toBe(1);
  expect(nearest(x, 6)).toBe(1);
  expect(nearest(x, 7)).toBe(2);
  expect(nearest(x, 99)).toBe(2);
  expect(nearest(new Float64Array(), 1)).toBe(-1);
});

it("finds the nearest of points in any order, past those without an x", () => {
  const x = Float64Array.of(9, Number.NaN, 4, 1);

  expect(nearest(x, 6)).toBe(2);
  expect(nearest(x, 7)).toBe(0);
  expect(nearest(x, -3)).toBe(3);
});

it("steps from x to x, whatever the order of the points", () => {
  const x = Float64Array.of(9, 4, 1);

  expect([null, 1, 5, 9].map((from) => nextOf(x, from, 1))).toEqual([1, 4, 9, 9]);
  expect([null, 9, 1].map((from) => nextOf(x, from, -1))).toEqual([9, 4, 1]);
});

it("leaves a range alone whose ticks can be found", () => {
  expect(tickable({ min: -1, max: 5 }, false)).toEqual({ min: -1, max: 5 });
  expect(tickable({ min: 1e-7, max: 5 }, true)).toEqual({ min: 1e-7, max: 5 });
});

it("keeps ranges to what an axis can have ticks for", () => {
  const far = tickable({ min: 1e17, max: 1e17 + 64 }, false);
  expect(far.max - far.min).toBeGreaterThan(1e8);
  const wide = tickable({ min: -Number.MAX_VALUE, max: Number.MAX_VALUE }, false);
  expect(Number.isFinite(wide.max - wide.min)).toBe(true);
  expect(tickable({ min: 0, max: 1e200 }, true)).toEqual({ min: 1e-30, max: 1e30 });
  expect(tickable({ min: 5, max: 5 }, false).max).toBeGreaterThan(5);
});
