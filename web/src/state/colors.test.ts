import { expect, it } from "vitest";
import { ColorBook, PALETTE } from "./colors";

const ids = (count: number) => Array.from({ length: count }, (_, at) => `run-${at}`);

it("gives no colour twice while there are others", () => {
  const book = new ColorBook();

  const colors = ids(PALETTE.length).map((id) => book.colorOf(id).light);

  expect(new Set(colors).size).toBe(PALETTE.length);
});

it("tells runs of one colour apart by their dashes", () => {
  const book = new ColorBook();

  const looks = ids(PALETTE.length * 4).map((id) => JSON.stringify(book.colorOf(id)));

  expect(new Set(looks).size).toBe(looks.length);
});

it("never changes a run's colour when others come, nor after a reload", () => {
  const book = new ColorBook();
  const before = book.colorOf("mine");
  for (const id of ids(100)) book.colorOf(id);

  expect(book.colorOf("mine")).toEqual(before);
  expect(new ColorBook(book.entries()).colorOf("mine")).toEqual(before);
});

function luminance(hex: string): number {
  const parts = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255);
  const [red = 0, green = 0, blue = 0] = parts.map((part) =>
    part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

const contrast = (a: string, b: string): number => {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
};

it("draws lines that stand out from either ground", () => {
  for (const { light, dark } of PALETTE) {
    expect(contrast(light, "#ffffff")).toBeGreaterThan(3);
    expect(contrast(dark, "#1a1e24")).toBeGreaterThan(3);
  }
});
