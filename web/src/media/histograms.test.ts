import { expect, it } from "vitest";
import { heatMapOf, histogramOf } from "./histograms";

it("reads histograms with edges in full and packed", () => {
  const full = histogramOf(3, { _type: "histogram", values: [1, 2], bins: [0, 1, 2] });
  const packed = histogramOf(3, { values: [1, 2], packedBins: { min: 0, size: 1, count: 2 } });

  expect(full).toEqual({ step: 3, edges: [0, 1, 2], counts: [1, 2] });
  expect(packed).toEqual(full);
});

it("takes what can't be drawn for none", () => {
  expect(histogramOf(0, { values: [1], bins: ["NaN", 1] })).toBeNull();
  expect(histogramOf(0, { values: [1, 2, 3], bins: [0, 1] })).toBeNull();
  expect(histogramOf(0, { values: [1], packedBins: { min: 0, size: 1, count: 1e12 } })).toBeNull();
  expect(histogramOf(0, null)).toBeNull();
});

it("keeps all of a step's values, whatever its edges", () => {
  const map = heatMapOf(
    [
      { step: 0, edges: [0, 1, 2], counts: [3, 1] },
      { step: 1, edges: [-2, 8], counts: [5] },
      { step: 2, edges: [1, 1], counts: [2] },
    ],
    20,
  );

  for (const column of map.columns) {
    expect(column.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 5);
  }
  expect([map.low, map.high]).toEqual([-2, 8]);
});

it("has an axis for values that are all the same", () => {
  const map = heatMapOf([{ step: 0, edges: [3, 3], counts: [4] }], 4);

  expect([map.low, map.high, map.most]).toEqual([3, 4, 1]);
});
