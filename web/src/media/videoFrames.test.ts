import { expect, it } from "vitest";
import { placesOf, step } from "./videoFrames";

/** A video of ten frames a second: what is looked at, and which frame is shown there. */
const video = () => {
  const looks: number[] = [];
  return {
    looks,
    look: async (place: number) => {
      looks.push(place);
      return Math.floor(place * 10 + 1e-9) / 10;
    },
  };
};

it("finds the next frame without knowing how long one is", async () => {
  const { look } = video();

  expect(await step(0.3, 1, null, 2, look)).toBe(0.4);
});

it("needs one look once the length is known", async () => {
  const { look, looks } = video();

  expect(await step(0.3, 1, 0.1, 2, look)).toBe(0.4);
  expect(looks).toHaveLength(1);
});

it("goes back from the middle of a frame", async () => {
  const { look } = video();
  // It is shown already, so that nothing is told of it.
  const known = async (place: number) => ((await look(place)) === 0.3 ? null : look(place));

  expect(await step(0.38, -1, null, 2, known)).toBe(0.2);
});

it("goes back to the frame before, and stays at the first and the last", async () => {
  const { look } = video();

  expect(await step(0.3, -1, 0.1, 2, look)).toBe(0.2);
  expect(await step(0, -1, 0.1, 2, look)).toBe(0);
  expect(await step(1.9, 1, 0.1, 1.95, look)).toBe(1.9);
});

it("does not look for ever", () => {
  expect([...placesOf(5, 1, null)].length).toBeLessThanOrEqual(120);
  expect([...placesOf(0, -1, null)]).toEqual([]);
});
