import { expect, it } from "vitest";
import {
  FITTED,
  fittingScale,
  isSharp,
  moved,
  nextScale,
  rectOf,
  scaleOfFit,
  tellFit,
  zoomedAt,
} from "./zoom";

const IMAGE = { width: 100, height: 50 };
const ROOM = { width: 300, height: 300 };

it("fits an image into its room, in its middle", () => {
  expect(fittingScale(IMAGE, ROOM, 2)).toBe(6);
  expect(rectOf(FITTED, IMAGE, ROOM, 1)).toEqual({ left: 0, top: 75, width: 300, height: 150 });
});

it("gives an image's pixel whole pixels of the screen", () => {
  const rect = rectOf({ scale: 4, x: 0.3337, y: 0.5 }, IMAGE, ROOM, 2);

  expect(rect.width / IMAGE.width).toBe(2);
  expect((rect.left * 2) % 1).toBe(0);
});

it("draws pixels as they are where they can be seen", () => {
  expect([isSharp(FITTED, 3.2), isSharp(FITTED, 1.3), isSharp(FITTED, 0.4)]).toEqual([
    true,
    false,
    false,
  ]);
  expect([isSharp({ ...FITTED, scale: 1 }, 1), isSharp({ ...FITTED, scale: 0.5 }, 0.5)]).toEqual([
    true,
    false,
  ]);
});

it("goes from scale to scale, and from what fits to the next", () => {
  expect([nextScale(3.1, 1), nextScale(3.1, -1), nextScale(4, 1), nextScale(64, 1)]).toEqual([
    4, 3, 6, 64,
  ]);
});

it("keeps what is under the pointer there", () => {
  const place = { x: 60, y: 120 };
  const before = rectOf(FITTED, IMAGE, ROOM, 1);

  const after = rectOf(zoomedAt(FITTED, 12, place, IMAGE, ROOM, 1), IMAGE, ROOM, 1);

  const part = (rect: typeof after) => (place.x - rect.left) / rect.width;
  expect(part(after)).toBeCloseTo(part(before), 2);
});

it("moves, but never out of the image", () => {
  const zoom = { scale: 12, x: 0.5, y: 0.5 };

  expect(moved(zoom, { x: 120, y: 0 }, IMAGE, ROOM, 1).x).toBeCloseTo(0.4);
  expect(rectOf(moved(zoom, { x: 9999, y: 9999 }, IMAGE, ROOM, 1), IMAGE, ROOM, 1)).toMatchObject({
    left: 0,
    top: 0,
  });
});

it("knows how large the last image of a key fits", () => {
  const first = tellFit("a", 2);
  const second = tellFit("a", 5);
  expect(scaleOfFit("a")).toBe(5);
  second();
  expect(scaleOfFit("a")).toBe(2);
  first();
  expect(scaleOfFit("a")).toBe(1);
});
