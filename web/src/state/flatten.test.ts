import { expect, it } from "vitest";
import { leavesOf, valueAt } from "./flatten";

const config = { lr: 0.1, model: { depth: 4, "a.b": 1 }, "x.y": 2, none: {}, list: [1] };

it("lists leaves by dotted path", () => {
  expect(leavesOf(config).map((leaf) => leaf.path)).toEqual([
    "lr",
    "model.depth",
    "model.a.b",
    "x.y",
    "none",
    "list",
  ]);
});

it("finds every leaf again, keys with dots included", () => {
  for (const { path, value } of leavesOf(config)) expect(valueAt(config, path)).toBe(value);
  expect(valueAt(config, "model.width")).toBeUndefined();
});
