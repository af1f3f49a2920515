/** Lines, bands and marks on a plot's canvas. */

import type uPlot from "uplot";
import { type LineValues, type Missing, missingAt } from "./missing";
import type { Range } from "./scale";

export interface LineShape extends LineValues {
  id: string;
  color: string;
  dash: readonly number[];
  x: Float64Array;
  /** The least and the largest x; null without points. */
  ends: Range | null;
  /** What the line goes through. */
  y: Float64Array;
  min: Float64Array | null;
  max: Float64Array | null;
  smoothed: boolean;
}

type Mapping = (value: number) => number;

const TRIANGLE_SPACING = 7;
const TICK_SPACING = 2;
/** Points are shown one by one while there is this much room for each. */
const DOT_PIXELS = 12;

interface Mappings {
  x: Mapping;
  y: Mapping;
}

/** Values to canvas pixels, as two plain functions: uPlot's own look the scale up every time. */
export function mappingsOf(plot: uPlot, logY: boolean): Mappings {
  const { left, top, width, height } = plot.bbox;
  const xMin = plot.scales["x"]?.min ?? 0;
  const xMax = plot.scales["x"]?.max ?? 1;
  const yMin = plot.scales["y"]?.min ?? 0;
  const yMax = plot.scales["y"]?.max ?? 1;
  const perX = width / (xMax - xMin || 1);
  if (!logY) {
    const perY = height / (yMax - yMin || 1);
    return {
      x: (value) => left + (value - xMin) * perX,
      y: (value) => top + height - (value - yMin) * perY,
    };
  }
  const low = Math.log10(yMin);
  const perY = height / (Math.log10(yMax) - low || 1);
  return {
    x: (value) => left + (value - xMin) * perX,
    y: (value) => (value > 0 ? top + height - (Math.log10(value) - low) * perY : Number.NaN),
  };
}

function tracePath(
  context: CanvasRenderingContext2D,
  x: Float64Array,
  y: Float64Array,
  to: Mappings,
) {
  let pen = false;
  context.beginPath();
  for (let at = 0; at < x.length; at += 1) {
    const py = to.y(y[at] ?? Number.NaN);
    if (!Number.isFinite(py)) {
      pen = false;
      continue;
    }
    const px = to.x(x[at] ?? Number.NaN);
    if (pen) context.lineTo(px, py);
    else context.moveTo(px, py);
    pen = true;
  }
}

function drawBand(context: CanvasRenderingContext2D, shape: LineShape, to: Mappings): void {
  const { x, min, max } = shape;
  if (!min || !max) return;
  context.beginPath();
  let from = 0;
  const edge = (value: number): number => {
    const py = to.y(value);
    if (Number.isFinite(py)) return py;
    return value === Number.POSITIVE_INFINITY ? 0 : context.canvas.height;
  };
  const close = (end: number): void => {
    if (end - from > 1) {
      for (let at = from; at < end; at += 1) {
        context[at === from ? "moveTo" : "lineTo"](to.x(x[at] ?? 0), edge(max[at] ?? 0));
      }
      for (let at = end - 1; at >= from; at -= 1) {
        context.lineTo(to.x(x[at] ?? 0), edge(min[at] ?? 0));
      }
      context.closePath();
    }
    from = end + 1;
  };
  for (let at = 0; at < x.length; at += 1) {
    if (Number.isNaN(min[at] ?? Number.NaN)) close(at);
  }
  close(x.length);
  context.fill();
}

function drawDots(
  context: CanvasRenderingContext2D,
  shape: LineShape,
  to: Mappings,
  ratio: number,
  width: number,
): void {
  const { x, y } = shape;
  const roomy = x.length === 1 || x.length * DOT_PIXELS * ratio < width;
  for (let at = 0; at < x.length; at += 1) {
    const py = to.y(y[at] ?? Number.NaN);
    if (!Number.isFinite(py)) continue;
    // A point between two gaps would be invisible as a line.
    const alone =
      !Number.isFinite(to.y(y[at - 1] ?? Number.NaN)) &&
      !Number.isFinite(to.y(y[at + 1] ?? Number.NaN));
    if (!roomy && !alone) continue;
    context.beginPath();
    context.arc(to.x(x[at] ?? 0), py, (roomy ? 2 : 1.1) * ratio, 0, 2 * Math.PI);
    context.fill();
  }
}

/**
 * Marks at the edges for what a line can't go through: hollow triangles at the top for NaN, full
 * ones at the end where an infinity lies, ticks at the bottom for what a logarithm can't show.
 */
function drawMissing(
  context: CanvasRenderingContext2D,
  shape: LineShape,
  to: Mappings,
  plot: uPlot,
  logY: boolean,
): void {
  const last: Partial<Record<Missing, number>> = {};
  context.setLineDash([]);
  context.lineWidth = devicePixelRatio;
  for (let at = 0; at < shape.x.length; at += 1) {
    const missing = missingAt(shape, at, logY);
    if (!missing) continue;
    const px = to.x(shape.x[at] ?? 0);
    const spacing = missing === "nonPositive" ? TICK_SPACING : TRIANGLE_SPACING;
    if (px - (last[missing] ?? Number.NEGATIVE_INFINITY) < spacing * devicePixelRatio) continue;
    last[missing] = px;
    drawMark(context, missing, px, plot);
  }
}

function drawMark(
  context: CanvasRenderingContext2D,
  missing: Missing,
  px: number,
  plot: uPlot,
): void {
  const ratio = devicePixelRatio;
  const { top, height } = plot.bbox;
  const bottom = top + height;
  context.beginPath();
  if (missing === "nonPositive") {
    context.moveTo(px, bottom - 5 * ratio);
    context.lineTo(px, bottom);
    context.stroke();
    return;
  }
  // An infinity's triangle points out of the chart.
  const [tip, base] =
    missing === "nan"
      ? [top + 6 * ratio, top + ratio]
      : missing === "over"
        ? [top + ratio, top + 6 * ratio]
        : [bottom - ratio, bottom - 6 * ratio];
  context.moveTo(px, tip);
  context.lineTo(px - 3 * ratio, base);
  context.lineTo(px + 3 * ratio, base);
  context.closePath();
  if (missing === "nan") context.stroke();
  else context.fill();
}

export function drawLines(plot: uPlot, shapes: readonly LineShape[], logY: boolean): void {
  const context = plot.ctx;
  const { left, top, width, height } = plot.bbox;
  const ratio = devicePixelRatio;
  const to = mappingsOf(plot, logY);
  // Many lines: thin ones are all that can be told apart, and cost less.
  const stroke = (shapes.length > 40 ? 1 : 1.5) * ratio;
  context.save();
  context.beginPath();
  context.rect(left, top, width, height);
  context.clip();
  context.lineJoin = "round";
  context.lineCap = "round";
  for (const shape of shapes) {
    context.fillStyle = shape.color;
    context.strokeStyle = shape.color;
    context.globalAlpha = shape.smoothed ? 0.08 : 0.16;
    drawBand(context, shape, to);
    if (shape.smoothed) {
      context.globalAlpha = 0.22;
      context.lineWidth = ratio;
      context.setLineDash([]);
      tracePath(context, shape.x, shape.raw, to);
      context.stroke();
    }
  }
  context.globalAlpha = 1;
  // The first run lies on top.
  for (const shape of [...shapes].reverse()) {
    context.fillStyle = shape.color;
    context.strokeStyle = shape.color;
    context.lineWidth = stroke;
    context.setLineDash(shape.dash.map((length) => length * ratio));
    tracePath(context, shape.x, shape.y, to);
    context.stroke();
    drawDots(context, shape, to, ratio, width);
    drawMissing(context, shape, to, plot, logY);
  }
  context.restore();
}

/** One line again, bolder, on another canvas that lies over the plot's. */
export function traceStrong(
  context: CanvasRenderingContext2D,
  shape: LineShape,
  plot: uPlot,
  logY: boolean,
): void {
  const ratio = devicePixelRatio;
  context.strokeStyle = shape.color;
  context.lineWidth = 2.5 * ratio;
  context.lineJoin = "round";
  context.setLineDash(shape.dash.map((length) => length * ratio));
  tracePath(context, shape.x, shape.y, mappingsOf(plot, logY));
  context.stroke();
}
