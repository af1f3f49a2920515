/** Charts by Vega and Vega-Lite. Expressions are interpreted, and no address is ever loaded. */

import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { type Drawing, listen } from "./channel";

const REFUSED = "A chart may not load data from an address.";
let refused = false;
const refuse = () => {
  // Vega only logs what fails to load, and draws the rest.
  refused = true;
  return Promise.reject(new Error(REFUSED));
};
const loader: vega.Loader = { ...vega.loader(), load: refuse, http: refuse, file: refuse };

const DARK: vega.Config = {
  background: "transparent",
  axis: {
    domainColor: "#3c4550",
    gridColor: "#272d35",
    labelColor: "#b1bac5",
    tickColor: "#3c4550",
    titleColor: "#b1bac5",
  },
  legend: { labelColor: "#b1bac5", titleColor: "#b1bac5" },
  title: { color: "#e8ebef" },
  style: { "guide-label": { fill: "#b1bac5" }, "guide-title": { fill: "#b1bac5" } },
};

let shown: vega.View | null = null;

/** Follows the window: a spec without a size of its own fills it. */
function fitted(spec: Record<string, unknown>): Record<string, unknown> {
  const composed = ["facet", "hconcat", "vconcat", "concat", "repeat"].some((name) => name in spec);
  if (composed) return spec;
  return {
    ...spec,
    width: "container",
    height: "container",
    autosize: { type: "fit", contains: "padding" },
  };
}

function parsed(spec: Record<string, unknown>, config: vega.Config): vega.Runtime {
  const schema = typeof spec["$schema"] === "string" ? spec["$schema"] : "";
  const full = schema.includes("/vega/")
    ? (spec as unknown as vega.Spec)
    : compile(fitted(spec) as unknown as TopLevelSpec, { config: config as object }).spec;
  return vega.parse(full, config, { ast: true });
}

async function draw(place: HTMLElement, { content, dark }: Drawing): Promise<void> {
  shown?.finalize();
  refused = false;
  const config = dark ? DARK : { background: "transparent" };
  const view = new vega.View(parsed(content as Record<string, unknown>, config), {
    container: place,
    expr: expressionInterpreter,
    loader,
    logLevel: vega.Error,
    renderer: "canvas",
    hover: true,
  });
  shown = view;
  await view.runAsync();
  if (refused) throw new Error(REFUSED);
}

listen(draw);
window.addEventListener("resize", () => void shown?.resize().runAsync());
