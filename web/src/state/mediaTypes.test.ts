import { expect, it } from "vitest";
import { itemsOf, mediaNameOf, mergedSteps, stepAt } from "./mediaTypes";

it("knows media by the type of their values", () => {
  expect(mediaNameOf(["null", "images/separated"])).toBe("image");
  expect(mediaNameOf(["table-file"])).toBe("table");
  expect(mediaNameOf(["image-file", "list", "media-list"])).toBe("mixed");
  expect(mediaNameOf(["list"])).toBeNull();
  expect(mediaNameOf(["string", "object", "constructor"])).toBeNull();
});

it("takes one image as one item", () => {
  const value = { _type: "image-file", path: "media/images/a.png", caption: "a cat" };

  expect(itemsOf(value)).toEqual([
    { index: 0, path: "media/images/a.png", caption: "a cat", fields: value },
  ]);
});

it("takes images logged together apart, each with its caption, boxes and masks", () => {
  const items = itemsOf({
    _type: "images/separated",
    filenames: ["media/images/a.png", "media/images/b.png"],
    captions: ["first"],
    all_boxes: [null, { p: { path: "media/metadata/boxes2D/b.json" } }],
    width: 8,
  });

  expect(items.map((item) => [item.path, item.caption])).toEqual([
    ["media/images/a.png", "first"],
    ["media/images/b.png", null],
  ]);
  expect(items[1]?.fields).toMatchObject({
    width: 8,
    boxes: { p: { path: "media/metadata/boxes2D/b.json" } },
  });
});

it("takes lists of other media apart, with captions beside them", () => {
  const clip = { _type: "audio-file", path: "media/audio/a.wav" };
  const value = { _type: "audio", count: 2, audio: [clip, clip], captions: ["x", "y"] };

  expect(itemsOf(value).map((item) => item.caption)).toEqual(["x", "y"]);
});

it("finds the media in a mixed list", () => {
  const image = { _type: "image-file", path: "media/images/a.png" };

  expect(itemsOf([image, 3, null, image]).map((item) => item.index)).toEqual([0, 1]);
});

it("finds nothing in what is no media, whatever it looks like", () => {
  for (const value of [
    null,
    3,
    "media/images/a.png",
    {},
    { _type: 3 },
    { _type: "audio" },
    { _type: "toString" },
  ]) {
    expect(itemsOf(value)).toEqual([]);
  }
});

it("goes to the last step that is not after the wanted one", () => {
  expect(stepAt([2, 5, 9], 5)).toBe(5);
  expect(stepAt([2, 5, 9], 8)).toBe(5);
  expect(stepAt([2, 5, 9], 99)).toBe(9);
  expect(stepAt([2, 5, 9], 1)).toBeNull();
  expect(stepAt([], 1)).toBeNull();
});

it("merges the steps of runs", () => {
  expect(mergedSteps([[1, 3], [], [2, 3, 10]])).toEqual([1, 2, 3, 10]);
});
