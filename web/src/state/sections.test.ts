import { expect, it } from "vitest";
import type { KeyFacts, MetricFacts } from "../wire/shapes";
import { matcher, sectionsOf, systemSectionsOf, unescapeKey, workspaceOf } from "./sections";

function key(name: string, numbers = 10): KeyFacts {
  const none = { last_value: null, min: null, max: null, last_step: null };
  return { name, numbers, others: 0, kinds: [], runs: [], ...none };
}

function rule(name: string, change: Partial<MetricFacts> = {}): MetricFacts {
  return { name, step_metric: null, hidden: false, goal: null, ...change };
}

const shape = (sections: ReturnType<typeof sectionsOf>) =>
  sections.map(({ name, panels }) => [name, panels.map((panel) => panel.label)]);

it("groups by the prefix before the last slash, bare names first", () => {
  const keys = ["val/loss", "loss", "a/b/deep", "val/acc"].map((name) => key(name));

  expect(shape(sectionsOf(keys, []))).toEqual([
    ["Charts", ["loss"]],
    ["a/b", ["deep"]],
    ["val", ["acc", "loss"]],
  ]);
});

it("puts the table that a chart is drawn from behind the chart", () => {
  const table = (name: string) => ({ ...key(name, 0), kinds: ["table-file"] });
  const keys = [table("bars_table"), table("rows"), table("Custom Chart Tables/roc_table")];
  const userQuery = { args: [{ name: "tableKey", value: "bars_table" }] };
  const charts = [{ key: "bars", panel_type: "Vega2", config: { userQuery }, runs: [] }];

  expect(shape(workspaceOf(keys, [], charts))).toEqual([
    ["Custom Chart Tables", ["roc_table"]],
    ["Media", ["rows"]],
    ["Custom charts", ["bars", "bars_table"]],
  ]);
  expect(shape(workspaceOf(keys.slice(0, 1), [], charts, "bars_table"))).toEqual([
    ["Media", ["bars_table"]],
  ]);
  expect(shape(workspaceOf(keys.slice(0, 1), [], charts))).toEqual([
    ["Custom charts", ["bars", "bars_table"]],
  ]);
});

it("leaves out clocks, what has no numbers, and what define_metric hides", () => {
  const keys = [key("_runtime"), key("picture", 0), key("secret"), key("loss")];

  expect(shape(sectionsOf(keys, [rule("secret", { hidden: true })]))).toEqual([
    ["Charts", ["loss"]],
  ]);
});

it("takes the step metric of the rule that fits closest", () => {
  const rules = [
    rule("*", { step_metric: "clock" }),
    rule("val/*", { step_metric: "epoch" }),
    rule("val/loss", { step_metric: "batch" }),
  ];
  const keys = ["val/loss", "val/acc", "lr"].map((name) => key(name));

  const panels = sectionsOf(keys, rules).flatMap((section) => section.panels);

  expect(panels.map(({ title, defaultX }) => [title, defaultX])).toEqual([
    ["lr", "clock"],
    ["val/acc", "epoch"],
    ["val/loss", "batch"],
  ]);
});

it("writes escaped names as people wrote them", () => {
  expect(unescapeKey("losses\\.recon")).toBe("losses.recon");
  expect(unescapeKey("a\\\\.b")).toBe("a\\.b");
});

it("searches by expression where it is one and by text otherwise", () => {
  expect(matcher("^val/.*loss$")("val/my_loss")).toBe(true);
  expect(matcher("loss(")("my LOSS( here")).toBe(true);
  expect(matcher(" ")("anything")).toBe(true);
});

it("groups system metrics by device", () => {
  const names = ["system\\.gpu\\.1\\.gpu", "system\\.cpu", "system\\.gpu\\.0\\.temp"];

  const sections = systemSectionsOf(names.map((name) => key(name)));

  expect(sections.map((section) => section.name)).toEqual(["CPU", "GPU 0", "GPU 1"]);
});

it("looks for system metrics as for all others", () => {
  const none = { last_value: null, min: null, max: null, last_step: null };
  const keys = [String.raw`system\.cpu`, String.raw`system\.disk`].map((name) => ({
    ...none,
    name,
    numbers: 1,
    others: 0,
    kinds: [],
    runs: [],
  }));

  expect(systemSectionsOf(keys, "CPU").map((section) => section.name)).toEqual(["CPU"]);
});
