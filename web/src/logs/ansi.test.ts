import { expect, it } from "vitest";
import { classesOf, foldReturns, PLAIN, parseAnsi, plainText } from "./ansi";

const texts = (line: string) => parseAnsi(line)[0].map((span) => span.text);

it("cuts a line where its colour changes", () => {
  const [spans] = parseAnsi("a \x1b[31;1mred\x1b[0m b");

  expect(spans.map((span) => [span.text, classesOf(span.style)])).toEqual([
    ["a ", []],
    ["red", ["fg1", "bold"]],
    [" b", []],
  ]);
});

it("carries a style into the next line", () => {
  const [, style] = parseAnsi("\x1b[32mgreen");

  expect(parseAnsi("still", style)[0][0]?.style.color).toBe(2);
});

it("brings 256 and true colours down to the sixteen of the theme", () => {
  expect(parseAnsi("\x1b[38;5;196mx")[0][0]?.style.color).toBe(9);
  expect(parseAnsi("\x1b[38;2;0;0;255mx")[0][0]?.style.color).toBe(12);
  expect(parseAnsi("\x1b[48;5;250mx")[0][0]?.style.background).toBe(7);
});

it("leaves out what moves cursors, sets titles or rings", () => {
  expect(texts("\x1b[2K\x1b[1Aa\x07\x1b]0;title\x07b\x1b]8;;http://x\x1b\\c")).toEqual([
    "a",
    "b",
    "c",
  ]);
});

it("shows the last state of a line that went back to its start", () => {
  expect(foldReturns("10%\r50%\r100%\r\n")).toBe("100%");
});

it("keeps markup as the text that it is", () => {
  expect(plainText("\x1b[1m<b>x</b>\x1b[0m")).toBe("<b>x</b>");
  expect(parseAnsi("<b>")[0]).toEqual([{ text: "<b>", style: PLAIN }]);
});
