/** Figures that were logged from Plotly. */

import Plotly from "plotly.js-strict-dist-min";
import { type Drawing, listen } from "./channel";

interface Figure {
  data?: unknown[];
  layout?: Record<string, unknown>;
}

const AXIS = { gridcolor: "#2f3741", linecolor: "#3c4550", zerolinecolor: "#3c4550" };
/** In place of the client's usual template, whose light ground and white lines glare in the dark. */
const DARK = {
  layout: {
    paper_bgcolor: "transparent",
    plot_bgcolor: "transparent",
    font: { color: "#b1bac5" },
    xaxis: AXIS,
    yaxis: AXIS,
  },
};
const CONFIG = {
  responsive: true,
  displaylogo: false,
  modeBarButtonsToRemove: ["sendDataToCloud"],
};

async function draw(place: HTMLElement, { content, dark }: Drawing): Promise<void> {
  const { data = [], layout = {} } = content as Figure;
  const themed = dark ? { ...layout, template: DARK } : layout;
  // The figure's own size was that of a notebook; here it fills its frame.
  const { width: _width, height: _height, ...sized } = themed as Record<string, unknown>;
  const margin = { l: 48, r: 18, t: sized["title"] ? 44 : 18, b: 38 };
  await Plotly.react(place, data, { margin, ...sized, autosize: true }, CONFIG);
}

listen(draw);
