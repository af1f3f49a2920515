// biome-ignore-all lint/suspicious/noTemplateCurlyInString: specifications have places like these
import { expect, it } from "vitest";
import { chartOf, filled, sharesOf, tableKeyOf, withData } from "./vegaSpec";

const QUERY = {
  queryFields: [
    {
      name: "runSets",
      args: [{ name: "runSets", value: "${runSets}" }],
      fields: [{ name: "summaryTable", args: [{ name: "tableKey", value: "roc_table" }] }],
    },
  ],
};

it("finds the table that a chart is drawn from", () => {
  expect(tableKeyOf(QUERY)).toBe("roc_table");
  expect(tableKeyOf({ queryFields: [{ name: "history" }] })).toBeNull();
});

it("puts columns and words in their places", () => {
  const spec = { x: { field: "${field:x}" }, title: "${string:title} of ${string:none}", n: 3 };

  expect(filled(spec, { x: "a.b[0]" }, { title: "Losses" })).toEqual({
    x: { field: "a\\.b\\[0\\]" },
    title: "Losses of ",
    n: 3,
  });
});

it("takes the run's name for a field without a column", () => {
  expect(filled("${field:constructor}", {}, {})).toBe("name");
});

it("gives the rows to Vega-Lite and to Vega, each in its way", () => {
  const rows = [{ a: 1 }];

  expect(withData({ data: { name: "wandb" } }, rows)).toMatchObject({ datasets: { wandb: rows } });
  expect(withData({ data: [{ name: "wandb" }, { name: "b" }] }, rows)).toEqual({
    data: [{ name: "wandb", values: rows }, { name: "b" }],
  });
});

it("makes a chart of a preset, what was logged, and rows", () => {
  const config = { fieldSettings: { x: "step" }, stringSettings: { title: "T" } };

  const chart = chartOf({ title: "${string:title}", x: "${field:x}" }, config, []);

  expect(chart).toEqual({
    title: "T",
    x: "step",
    data: { name: "wandb" },
    datasets: { wandb: [] },
  });
});

it("draws small tables whole and shares the rest among large ones", () => {
  expect(sharesOf([], 10)).toEqual([]);
  expect(sharesOf([3, 4], 10)).toEqual([3, 4]);
  expect(sharesOf([12], 10)).toEqual([10]);
  expect(sharesOf([100, 2, 100], 10)).toEqual([4, 2, 4]);
  expect(sharesOf([5, 100, 6], 15)).toEqual([5, 5, 5]);
});
