import { expect, it } from "vitest";
import { smooth } from "./smooth";

const x = Float64Array.from({ length: 200 }, (_, at) => at);

it("gives the same values back without a weight", () => {
  const y = x.map((at) => Math.sin(at));

  expect(smooth(x, y, 0, 200)).toBe(y);
});

it("keeps a line that stays where it is", () => {
  const smoothed = smooth(x, new Float64Array(200).fill(3), 0.9, 200);

  expect(Math.max(...smoothed)).toBeCloseTo(3, 9);
  expect(Math.min(...smoothed)).toBeCloseTo(3, 9);
});

it("passes over NaN and leaves it where it was", () => {
  const y = new Float64Array(200).fill(1);
  y[50] = Number.NaN;

  const smoothed = smooth(x, y, 0.9, 200);

  expect(smoothed[50]).toBeNaN();
  expect(smoothed[51]).toBeCloseTo(1, 9);
});

it("looks alike at twice the rate of logging", () => {
  const step = (at: number): number => (at < 100 ? 0 : 1);
  const dense = Float64Array.from({ length: 400 }, (_, at) => at / 2);

  const coarse = smooth(x, x.map(step), 0.99, 200);
  const fine = smooth(dense, dense.map(step), 0.99, 200);

  expect(Math.abs((coarse[101] ?? 0) - (fine[202] ?? 0))).toBeLessThan(0.2);
});

it("smooths a line over a key that falls as over one that rises", () => {
  const y = x.map((at) => Math.sin(at / 9));
  const falling = x.map((at) => -at);

  expect(smooth(falling, y, 0.9, 200)).toEqual(smooth(x, y, 0.9, 200));
});
