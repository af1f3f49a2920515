import { expect, it } from "vitest";
import { neighbourStep, placeAfter, placeOf } from "./stepSync";

it("stops only at steps that were logged", () => {
  expect(placeOf([0, 10, 20], 15)).toBe(1);
  expect(placeOf([5, 10], 0)).toBe(0);
  expect(placeOf([], 3)).toBe(0);
});

it("goes on by a stride, and ends where the steps end", () => {
  expect(placeAfter(10, 3, 5)).toBe(8);
  expect(placeAfter(10, 8, 5)).toBe(9);
  expect(placeAfter(10, 1, -5)).toBe(0);
});

it("goes to the next step of any slider, from the furthest", () => {
  const sliders = [
    { steps: [0, 10, 20], at: 10 },
    { steps: [0, 3, 12], at: 3 },
  ];

  expect(neighbourStep(sliders, 1)).toBe(12);
  expect(neighbourStep(sliders, -1)).toBe(3);
  expect(neighbourStep([{ steps: [0, 10], at: 10 }], 1)).toBeNull();
  expect(neighbourStep([{ steps: [0, 10], at: 0 }], -1)).toBeNull();
});
