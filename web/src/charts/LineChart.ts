/** A line chart on a canvas. uPlot owns axes and selection; lines, bands and marks are drawn here. */

import uPlot from "uplot";
import { axesOf, kindWithin, type XKind } from "./axes";
import { leftoversOf, noLeftovers } from "./missing";
import { Overlay } from "./overlay";
import { drawLines, type LineShape } from "./paint";
import { extent, nearest, nextOf, padded, type Range, tickable } from "./scale";
import { smooth } from "./smooth";
import type { Ink } from "./theme";

export interface ChartLine {
  id: string;
  color: string;
  dash: readonly number[];
  x: Float64Array;
  y: Float64Array;
  min: Float64Array | null;
  max: Float64Array | null;
  count: Float64Array | null;
  finite: Float64Array | null;
}

export interface ChartOptions {
  xKind: XKind;
  logY: boolean;
  smoothing: number;
  /** What is asked for; the data may be wider or narrower while it is on its way. */
  xRange: Range | null;
  yRange: Range | null;
  ink: Ink;
}

export interface HoverPoint {
  id: string;
  x: number;
  /** The value as drawn: smoothed where smoothing is on. */
  y: number;
  raw: number;
  min: number | null;
  max: number | null;
}

export interface Hover {
  x: number;
  /** Where the pointer is, in CSS pixels from the chart's corner. */
  left: number;
  top: number;
  points: HoverPoint[];
  /** The line nearest to the pointer. */
  nearestId: string | null;
}

export interface ChartEvents {
  onHover(hover: Hover | null): void;
  onZoom(x: Range, y: Range | null): void;
  onZoomOut(): void;
}

const DRAG_BOX_PIXELS = 40;
/** A line takes part in the tooltip a little beyond its ends. */
const REACH_PIXELS = 16;

function shapeOf(line: ChartLine, smoothing: number, span: number): LineShape {
  const smoothed = smoothing > 0;
  return {
    ...line,
    ends: extent([line.x], false),
    y: smoothed ? smooth(line.x, line.y, smoothing, span) : line.y,
    raw: line.y,
    smoothed,
  };
}

export class LineChart {
  private plot: uPlot | null = null;
  private overlay: Overlay | null = null;
  private shapes: LineShape[] = [];
  private options: ChartOptions | null = null;
  private x: Range = { min: 0, max: 1 };
  private y: Range = { min: 0, max: 1 };
  private width = 0;
  private height = 0;
  private crosshair: number | null = null;
  private highlighted: string | null = null;

  leftovers = noLeftovers();

  constructor(
    private readonly host: HTMLElement,
    private readonly events: ChartEvents,
  ) {}

  resize(width: number, height: number): void {
    if (width === this.width && height === this.height) return;
    this.width = width;
    this.height = height;
    this.plot?.setSize({ width, height });
  }

  update(lines: readonly ChartLine[], wanted: ChartOptions): void {
    const old = this.options;
    this.measure(lines, wanted);
    const options = { ...wanted, xKind: kindWithin(wanted.xKind, this.x) };
    this.options = options;
    const rebuilt =
      !this.plot ||
      old?.xKind !== options.xKind ||
      old.logY !== options.logY ||
      old.ink !== options.ink;
    if (rebuilt) this.build(options);
    else this.plot?.redraw(false, true);
    this.plot?.batch(() => {
      this.plot?.setScale("x", this.x);
      this.plot?.setScale("y", this.y);
    });
  }

  /** Shows where another chart's pointer is; null for nowhere. */
  setCrosshair(x: number | null): void {
    if (x === this.crosshair) return;
    this.crosshair = x;
    this.drawOverlay();
  }

  highlight(id: string | null): void {
    if (id === this.highlighted) return;
    this.highlighted = id;
    this.drawOverlay();
  }

  /** The next x with a point, for the arrow keys. */
  stepFrom(x: number | null, direction: 1 | -1): number | null {
    const longest = this.shapes.reduce<LineShape | null>(
      (best, shape) => (shape.x.length > (best?.x.length ?? 0) ? shape : best),
      null,
    );
    return longest && nextOf(longest.x, x, direction);
  }

  pointsAt(x: number): HoverPoint[] {
    const plot = this.plot;
    if (!plot) return [];
    const reach = Math.abs(plot.posToVal(REACH_PIXELS, "x") - plot.posToVal(0, "x"));
    const points: HoverPoint[] = [];
    for (const shape of this.shapes) {
      const at = nearest(shape.x, x);
      const px = shape.x[at];
      const y = shape.y[at];
      if (px === undefined || y === undefined) continue;
      if (!shape.ends || x < shape.ends.min - reach || x > shape.ends.max + reach) continue;
      points.push({
        id: shape.id,
        x: px,
        y,
        raw: shape.raw[at] ?? y,
        min: shape.min?.[at] ?? null,
        max: shape.max?.[at] ?? null,
      });
    }
    return points;
  }

  destroy(): void {
    this.plot?.destroy();
    this.plot = null;
  }

  private measure(lines: readonly ChartLine[], options: ChartOptions): void {
    const data = extent(
      lines.map((line) => line.x),
      false,
    );
    const x = options.xRange ?? data ?? { min: 0, max: 1 };
    this.x = tickable(x.min === x.max ? { min: x.min - 0.5, max: x.max + 0.5 } : x, false);
    const span = this.x.max - this.x.min;
    this.shapes = lines.map((line) => shapeOf(line, options.smoothing, span));
    this.leftovers = leftoversOf(this.shapes, options.logY);
    // A band far wider than its line would flatten it, so noise is let run out of the chart when
    // smoothing asks to look through it.
    const columns = this.shapes.flatMap((shape) => {
      if (shape.smoothed) return [shape.y];
      return shape.min && shape.max ? [shape.y, shape.min, shape.max] : [shape.y];
    });
    const found = extent(columns, options.logY) ?? (options.logY ? { min: 1, max: 10 } : null);
    // A zoom into what a logarithm can't show waits until the axis is linear again.
    const asked = options.logY && (options.yRange?.min ?? 1) <= 0 ? null : options.yRange;
    this.y = tickable(asked ?? padded(found ?? { min: 0, max: 1 }, options.logY), options.logY);
  }

  private build(options: ChartOptions): void {
    this.plot?.destroy();
    this.plot = new uPlot(
      {
        width: this.width,
        height: this.height,
        padding: [8, 16, 0, 0],
        legend: { show: false },
        scales: {
          // Ranges come from `measure`; uPlot's own would be those of the two corner points.
          x: { time: options.xKind === "time", range: () => [this.x.min, this.x.max] },
          y: {
            distr: options.logY ? 3 : 1,
            range: () => [this.y.min, this.y.max],
          },
        },
        axes: axesOf(options.xKind, options.logY, options.ink),
        series: [{}, { show: true, paths: () => null, points: { show: false } }],
        cursor: {
          x: false,
          y: false,
          points: { show: false },
          drag: { x: true, y: true, uni: DRAG_BOX_PIXELS, setScale: false },
          // Double-click is "zoom out", which the page decides on.
          bind: {
            dblclick: () => () => {
              this.events.onZoomOut();
              return null;
            },
          },
        },
        hooks: {
          draw: [(plot) => this.draw(plot)],
          setCursor: [(plot) => this.onCursor(plot)],
          setSelect: [(plot) => this.onSelect(plot)],
          setSize: [() => this.overlay?.resize()],
        },
      },
      [
        [this.x.min, this.x.max],
        [null, null],
      ],
      this.host,
    );
    this.overlay = new Overlay(this.plot);
  }

  private draw(plot: uPlot): void {
    if (!this.options) return;
    drawLines(plot, this.shapes, this.options.logY);
    this.drawOverlay();
  }

  private drawOverlay(): void {
    if (!this.overlay || !this.options) return;
    const points = this.crosshair === null ? [] : this.pointsAt(this.crosshair);
    const strong = this.shapes.find((shape) => shape.id === this.highlighted) ?? null;
    const colors = new Map(this.shapes.map((shape) => [shape.id, shape.color]));
    this.overlay.draw({ x: this.crosshair, points, colors, strong, ink: this.options.ink });
  }

  private onCursor(plot: uPlot): void {
    const { left = -1, top = -1 } = plot.cursor;
    if (left < 0 || top < 0) {
      this.highlight(null);
      this.events.onHover(null);
      return;
    }
    const x = plot.posToVal(left, "x");
    const points = this.pointsAt(x);
    let nearestId: string | null = null;
    let distance = Number.POSITIVE_INFINITY;
    for (const point of points) {
      const away = Math.abs(plot.valToPos(point.y, "y") - top);
      if (away < distance) {
        distance = away;
        nearestId = point.id;
      }
    }
    this.highlight(nearestId);
    this.events.onHover({
      x,
      left: left + plot.over.offsetLeft,
      top: top + plot.over.offsetTop,
      points,
      nearestId,
    });
  }

  private onSelect(plot: uPlot): void {
    const { left, top, width, height } = plot.select;
    if (width < 4 && height < 4) return;
    const whole = width >= plot.over.clientWidth - 1;
    const tall = height >= plot.over.clientHeight - 1;
    const x = { min: plot.posToVal(left, "x"), max: plot.posToVal(left + width, "x") };
    const y = { min: plot.posToVal(top + height, "y"), max: plot.posToVal(top, "y") };
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.events.onZoom(whole ? this.x : x, tall || height < 4 ? null : y);
  }
}
