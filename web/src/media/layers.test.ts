import { expect, it } from "vitest";
import {
  ALL_LAYERS,
  allNamed,
  boxOf,
  classesIn,
  classRgb,
  isShown,
  labelsOf,
  layersOf,
} from "./layers";

it("lists the layers of an image, boxes before masks", () => {
  const fields = {
    masks: { truth: { path: "m.png" }, broken: 3 },
    boxes: { guess: { path: "b.json" } },
  };

  expect(layersOf(fields).map((layer) => layer.id)).toEqual(["boxes/guess", "masks/truth"]);
  expect(layersOf({ boxes: null, masks: [] })).toEqual([]);
});

it("takes boxes that stand in the value itself", () => {
  const [layer] = layersOf({ boxes: { guess: [{ class_id: 1 }] } });

  expect(layer?.inline).toEqual([{ class_id: 1 }]);
});

it("reads a box by its edges, in parts of the image or in pixels", () => {
  const position = { minX: 0.25, maxX: 0.5, minY: 0, maxY: 1 };
  const pixels = { minX: 25, maxX: 50, minY: 0, maxY: 200 };

  const box = boxOf({ position, class_id: 3, scores: { a: 0.2, b: 0.9 } }, 100, 200);

  expect(box).toMatchObject({ x: 0.25, y: 0, width: 0.25, height: 1, classId: 3, score: 0.9 });
  expect(boxOf({ position: pixels, domain: "pixel" }, 100, 200)).toMatchObject({
    x: 0.25,
    width: 0.25,
    height: 1,
  });
});

it("reads a box by its middle", () => {
  const position = { middle: [0.5, 0.5], width: 0.5, height: 0.25 };

  expect(boxOf({ position }, 10, 10)).toMatchObject({
    x: 0.25,
    y: 0.375,
    width: 0.5,
    height: 0.25,
  });
});

it("takes what is no box for none", () => {
  for (const value of [null, {}, { position: {} }, { position: { minX: "a" } }]) {
    expect(boxOf(value, 1, 1)).toBeNull();
  }
});

it("reads labels by number", () => {
  expect([...labelsOf({ "1": "cat", x: "no", "2": 3 })]).toEqual([[1, "cat"]]);
});

it("finds the classes of a mask in its pixels, whatever they are called", () => {
  const pixels = [7, 7, 7, 255, 0, 0, 0, 255, 3, 3, 3, 255, 7, 7, 7, 255];

  expect(classesIn(pixels)).toEqual([3, 7]);
  expect(classesIn([])).toEqual([]);
});

it("names classes that have no name by their number", () => {
  const named = allNamed(new Map([[1, "cat"]]), [1, 99, null, 99]);

  expect([...named]).toEqual([
    [1, "cat"],
    [99, "class 99"],
  ]);
});

it("shows a class unless it or its layer is switched off", () => {
  const choice = {
    ...ALL_LAYERS,
    hidden: new Set(["masks/a"]),
    hiddenClasses: new Set(["boxes/b/2"]),
  };

  expect(isShown(choice, "masks/a", 1)).toBe(false);
  expect(isShown(choice, "boxes/b", 2)).toBe(false);
  expect(isShown(choice, "boxes/b", 3)).toBe(true);
});

it("gives neighbouring classes colours that differ", () => {
  expect(classRgb(1)).not.toEqual(classRgb(2));
});
