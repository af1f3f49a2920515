import { expect, it } from "vitest";
import { cloudOf, heightColors } from "./points";

it("reads bare points, points of categories and coloured ones", () => {
  const cloud = cloudOf([
    [1, 2, 3],
    [1, 2, 3, 7],
    [1, 2, 3, 255, 0, 0],
  ]);

  expect([...(cloud?.positions ?? [])]).toEqual([1, 2, 3, 1, 2, 3, 1, 2, 3]);
  expect([...(cloud?.colors ?? [])].slice(6)).toEqual([1, 0, 0]);
});

it("reads a scene: twelve edges a box, a line a vector", () => {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n >> 2, (n >> 1) & 1, n & 1]);

  const cloud = cloudOf({
    type: "lidar/beta",
    points: [],
    boxes: [{ corners, label: "car", color: [0, 255, 0] }],
    vectors: [{ start: [0, 0, 0], end: [1, 1, 1] }],
  });

  expect(cloud?.lines).toHaveLength(13);
  expect(cloud?.labels).toEqual(["car"]);
  const lengths = cloud?.lines
    .slice(0, 12)
    .map(({ from, to }) => Math.hypot(...from.map((p, at) => p - (to[at] ?? 0))));
  expect(new Set(lengths)).toEqual(new Set([1]));
});

it("takes a box's colour in parts of one, as the client has it, and in bytes", () => {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((n) => [n >> 2, (n >> 1) & 1, n & 1]);
  const colors = [
    [1, 0.5, 0],
    [0, 255, 51],
  ];

  const cloud = cloudOf({ points: [], boxes: colors.map((color) => ({ corners, color })) });

  expect(cloud?.lines.map(({ color }) => color).filter((_, at) => at % 12 === 0)).toEqual([
    [1, 0.5, 0],
    [0, 1, 0.2],
  ]);
});

it("leaves out what is no point, and takes nothing for none", () => {
  expect(cloudOf([[1, 2, "x"], [0, 0, 0], null])?.positions).toHaveLength(3);
  for (const content of [null, {}, [], "points", { points: 3 }])
    expect(cloudOf(content)).toBeNull();
});

it("colours points by their height: the highest alike, wherever they lie", () => {
  const colors = heightColors([0, 1, 9, 5, 3, 0, 7, 3, 9], 1);

  expect([...colors.slice(3, 6)]).toEqual([...colors.slice(6, 9)]);
  expect([...colors.slice(0, 3)]).not.toEqual([...colors.slice(3, 6)]);
  expect([...heightColors([0, 2, 0], 1)].every(Number.isFinite)).toBe(true);
});
