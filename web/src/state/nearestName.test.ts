import { expect, it } from "vitest";
import { distance, nearestName } from "./nearestName";

it("counts changed letters", () => {
  expect(distance("kitten", "sitting")).toBe(3);
});

it("names what was probably meant, and nothing that is far off", () => {
  expect(nearestName("mnits", ["cifar", "mnist"])).toBe("mnist");
  expect(nearestName("zebra", ["cifar"])).toBeNull();
});
