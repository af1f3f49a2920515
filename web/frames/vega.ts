/** Charts by Vega and Vega-Lite. Expressions are interpreted, and no address is ever loaded. */

import * as vega from "vega";
import { expressionInterpreter } from "vega-interpreter";
import { compile, type TopLevelSpec } from "vega-lite";
import { fitted } from "../src/media/vegaFit";
import { type Drawing, listen } from "./channel";

const REFUSED = "A chart may not load data from an address.";
let refused = false;
const refuse = () => {
  // Vega only logs what fails to load, and draws the rest.
  refused = true;
  return Promise.reject(new Error(REFUSED));
};
const loader: vega.Loader = { ...vega.loader(), load: refuse, http: refuse, file: refuse };

const BRIGHT = [
  "#6ea8fe",
  "#ffa657",
  "#ff7b72",
  "#76e3d0",
  "#7ee787",
  "#f2cc60",
  "#d2a8ff",
  "#ffb3d1",
  "#c9a27e",
  "#b1bac5",
];
/** With words of Vega-Lite's among them: the colour of marks, and the edge of their `view`. */
const DARK = {
  background: "transparent",
  axis: {
    domainColor: "#3c4550",
    gridColor: "#272d35",
    labelColor: "#b1bac5",
    tickColor: "#3c4550",
    titleColor: "#b1bac5",
  },
  legend: { labelColor: "#b1bac5", titleColor: "#b1bac5" },
  mark: { color: BRIGHT[0] },
  range: { category: BRIGHT },
  title: { color: "#e8ebef" },
  style: { "guide-label": { fill: "#b1bac5" }, "guide-title": { fill: "#b1bac5" } },
  view: { stroke: "#272d35" },
} as vega.Config;

let shown: vega.View | null = null;

function parsed(spec: Record<string, unknown>, config: vega.Config): vega.Runtime {
  const schema = typeof spec["$schema"] === "string" ? spec["$schema"] : "";
  const full = schema.includes("/vega/")
    ? (spec as unknown as vega.Spec)
    : compile(fitted(spec, window.innerWidth, window.innerHeight) as unknown as TopLevelSpec, {
        config: config as object,
      }).spec;
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
