import { expect, it } from "vitest";
import { differenceOf } from "./difference";

it("tells how far each colour is apart, times a gain", () => {
  const first = Uint8ClampedArray.from([10, 20, 30, 255, 1, 2, 3, 255]);
  const second = Uint8ClampedArray.from([13, 20, 24, 255, 1, 2, 3, 255]);

  const { pixels, mean, share } = differenceOf(first, second, 50);

  expect([...pixels]).toEqual([150, 0, 255, 255, 0, 0, 0, 255]);
  expect(mean).toBeCloseTo(1.5);
  expect(share).toBe(0.5);
});

it("sees a difference of transparency alone", () => {
  const opaque = Uint8ClampedArray.from([0, 0, 0, 255]);
  const clear = Uint8ClampedArray.from([0, 0, 0, 0]);

  expect(differenceOf(opaque, clear, 1).share).toBe(1);
  expect(differenceOf(opaque, opaque, 1).share).toBe(0);
});
