import { expect, it } from "vitest";
import { csvOf } from "./csv";

const block = {
  run: "a1",
  key: "loss",
  xKey: "_step",
  x: Float64Array.of(0, 5),
  y: Float64Array.of(0.5, Number.NaN),
  min: Float64Array.of(0.25, 0.5),
  max: Float64Array.of(1, 2),
  count: null,
  finite: null,
  points: 10,
  lastStep: 9,
};

it("writes a row for each point", () => {
  expect(csvOf([block], new Map([["a1", "first"]]), "_step")).toBe(
    "run,name,_step,value,min,max\na1,first,0,0.5,0.25,1\na1,first,5,NaN,0.5,2\n",
  );
});

it("quotes names, and disarms those that a spreadsheet would calculate", () => {
  const text = csvOf([block], new Map([["a1", '=HYPERLINK("x,y")']]), "_step");

  expect(text).toContain(`"'=HYPERLINK(""x,y"")"`);
});
