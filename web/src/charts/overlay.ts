/** What moves with the pointer, on a canvas of its own: hovering never redraws the lines. */

import type uPlot from "uplot";
import type { HoverPoint } from "./LineChart";
import { type LineShape, mappingsOf, traceStrong } from "./paint";
import type { Ink } from "./theme";

interface Scene {
  x: number | null;
  points: readonly HoverPoint[];
  colors: ReadonlyMap<string, string>;
  strong: LineShape | null;
  ink: Ink;
}

/** More dots than this hide what they mark. */
const MOST_DOTS = 60;

export class Overlay {
  private readonly canvas = document.createElement("canvas");
  private readonly context = this.canvas.getContext("2d");
  private dirty = false;

  constructor(private readonly plot: uPlot) {
    this.canvas.className = "chart-overlay";
    plot.over.before(this.canvas);
    this.resize();
  }

  resize(): void {
    const { canvas } = this.plot.ctx;
    this.canvas.width = canvas.width;
    this.canvas.height = canvas.height;
  }

  draw(scene: Scene): void {
    const context = this.context;
    if (!context) return;
    if (this.dirty) context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.dirty = scene.x !== null || scene.strong !== null;
    if (!this.dirty) return;
    const { left, top, width, height } = this.plot.bbox;
    const logY = this.plot.scales["y"]?.distr === 3;
    const to = mappingsOf(this.plot, logY);
    const ratio = devicePixelRatio;
    context.save();
    context.beginPath();
    context.rect(left, top, width, height);
    context.clip();
    if (scene.x !== null) {
      const px = Math.round(to.x(scene.x)) + 0.5;
      context.strokeStyle = scene.ink.crosshair;
      context.lineWidth = ratio;
      context.setLineDash([]);
      context.beginPath();
      context.moveTo(px, top);
      context.lineTo(px, top + height);
      context.stroke();
    }
    if (scene.strong) traceStrong(context, scene.strong, this.plot, logY);
    context.setLineDash([]);
    for (const point of scene.points.slice(0, MOST_DOTS)) {
      const py = to.y(point.y);
      if (!Number.isFinite(py)) continue;
      context.beginPath();
      context.arc(to.x(point.x), py, 3.5 * ratio, 0, 2 * Math.PI);
      context.fillStyle = scene.colors.get(point.id) ?? scene.ink.text;
      context.fill();
      context.lineWidth = 1.5 * ratio;
      context.strokeStyle = scene.ink.ground;
      context.stroke();
    }
    context.restore();
  }
}
