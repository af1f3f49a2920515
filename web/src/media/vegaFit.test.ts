import { expect, it } from "vitest";
import { fitted } from "./vegaFit";

const chart = { mark: "bar" };
const faceted = (...names: string[]) => ({
  width: "container",
  facet: { column: { field: "name" } },
  spec: chart,
  datasets: { wandb: names.map((name) => ({ name })) },
});
const fits = { width: "container", height: "container" };

it("lets a chart fill its frame, and leaves composed ones as they are", () => {
  expect(fitted(chart, 400, 300)).toMatchObject({ mark: "bar", ...fits });
  expect(fitted({ hconcat: [chart, chart] }, 400, 300)).toEqual({ hconcat: [chart, chart] });
});

it("draws the chart of a single run as one without others", () => {
  const spec = fitted(faceted("a", "a"), 400, 300);

  expect(spec).toMatchObject({ mark: "bar", ...fits });
  expect(spec).not.toHaveProperty("facet");
});

it("shares the frame among charts in a row, unless they have a size", () => {
  const spec = fitted(faceted("a", "b", "a"), 530, 305);

  expect(spec).not.toHaveProperty("width");
  expect(spec["spec"]).toEqual({ mark: "bar", width: 200, height: 200 });
  expect(fitted(faceted(..."abcdefgh"), 400, 300)["spec"]).toMatchObject({ width: 100 });
  const sized = { ...faceted("a", "b"), spec: { mark: "bar", width: 50 } };
  expect(fitted(sized, 550, 330)["spec"]).toMatchObject({ width: 50 });
});
