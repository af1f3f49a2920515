import { expect, it } from "vitest";
import { farRuns, queryOf, viewOf, visibleRuns, withRunToggled, xKeyOf } from "./view";

const ids = Array.from({ length: 12 }, (_, at) => `r${at}`);

it("comes back from its own query", () => {
  const query =
    "x=wall&smooth=0.6&logy=a%2Fb&zoom=_step%2C10%2C20&yzoom=loss%2C0%2C1&fold=val&hide=r1&panels=loss&full=a&at=7";

  expect(queryOf(viewOf(query), "")).toBe(query);
});

it("is the usual view for an empty or a senseless query", () => {
  expect(queryOf(viewOf(""), "")).toBe("");
  expect(queryOf(viewOf("x=sideways&smooth=lots&zoom=_step,9,3&at=-1"), "")).toBe("");
});

it("leaves parameters of others alone", () => {
  expect(queryOf(viewOf("nw=abc"), "nw=abc")).toBe("nw=abc");
});

it("reads a zoom over a key with commas", () => {
  expect(viewOf("zoom=a%2Cb%2C1%2C2").zoom).toEqual({ x: "a,b", min: 1, max: 2 });
});

it("shows the first ten runs, and others by hand", () => {
  const view = viewOf("show=r11&hide=r0");

  expect(visibleRuns(ids, view)).toEqual([...ids.slice(1, 10), "r11"]);
});

it("hides and shows again with the same click", () => {
  const hidden = withRunToggled(viewOf(""), ids, "r2");
  const shown = withRunToggled(hidden, ids, "r2");

  expect(visibleRuns(ids, hidden)).not.toContain("r2");
  expect(queryOf(shown, "")).toBe("");
});

it("draws over the metric's own axis unless told otherwise", () => {
  expect(xKeyOf("auto", "epoch")).toBe("epoch");
  expect(xKeyOf("relative", "epoch")).toBe("_runtime");
});

it("knows the runs to draw that the list has not come to", () => {
  const view = { shown: new Set(["z", "b", "y", "x"]), hidden: new Set(["x"]) };

  expect(farRuns(["a", "b"], view)).toEqual(["y", "z"]);
});
