import { expect, it } from "vitest";
import { type Pick, pickId, repicked } from "./picks";

const pick = (step: number): Pick => ({
  id: pickId("r", step, 0),
  title: "",
  one: {} as Pick["one"],
});

it("picks an item, and picks it no more when it is picked again", () => {
  const [first, second] = [pick(0), pick(1)];

  expect(repicked([first], second)).toEqual([first, second]);
  expect(repicked([first, second], pick(0))).toEqual([second]);
});

it("takes no more than four", () => {
  const four = [0, 1, 2, 3].map(pick);

  expect(repicked(four, pick(4))).toBe(four);
  expect(repicked(four, pick(3))).toHaveLength(3);
});
