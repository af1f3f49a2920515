import { expect, it } from "vitest";
import { byValue, placeBeside } from "./ChartTooltip";

const size = { width: 200, height: 100 };
const window = { width: 1000, height: 600 };

it("stands below and right of the pointer, and changes sides at the edges", () => {
  expect(placeBeside({ x: 100, y: 100 }, size, window)).toEqual({ x: 114, y: 114 });
  expect(placeBeside({ x: 950, y: 550 }, size, window)).toEqual({ x: 736, y: 436 });
});

it("stays in a window that has room on neither side", () => {
  expect(placeBeside({ x: 180, y: 10 }, size, { width: 360, height: 600 }).x).toBe(8);
});

it("puts the highest first and what is no number last", () => {
  const points = [1, Number.NaN, 3].map((y) => ({ id: "", x: 0, y, raw: y, min: null, max: null }));

  expect(points.sort(byValue).map((point) => point.y)).toEqual([3, 1, Number.NaN]);
});
