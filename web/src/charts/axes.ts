/** Axes: ticks that read well for steps, durations, times and logarithms. */

import type uPlot from "uplot";
import { dateWriter, formatClock, formatDuration, formatTick, formatValue } from "../ui/format";
import { DURATION_STEPS, type Range } from "./scale";
import { FONT, type Ink } from "./theme";

export type XKind = "number" | "duration" | "time";

export const xKindOf = (xKey: string): XKind =>
  xKey === "_runtime" ? "duration" : xKey === "_timestamp" ? "time" : "number";

const DIGIT_PIXELS = 6.6;

/** Wide enough for the widest label, so that no number is cut. */
function labelRoom(_plot: uPlot, labels: string[] | null): number {
  const widest = Math.max(1, ...(labels ?? []).map((label) => label?.length ?? 0));
  return Math.ceil(widest * DIGIT_PIXELS) + 14;
}

function logTick(value: number | null): string {
  return value === null ? "" : formatValue(value);
}

const DAY_SECS = 86_400;
const formatDay = dateWriter({ month: "short", day: "numeric" });
const formatMinutes = dateWriter({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
/** Leaves uPlot room for the tick beyond the end of the range. */
const FURTHEST_SECS = 8e12;

/** Times that are no dates, such as microseconds, are numbers: uPlot would look for ticks for ever. */
export function kindWithin(kind: XKind, { min, max }: Range): XKind {
  return kind === "time" && (min < -FURTHEST_SECS || max > FURTHEST_SECS) ? "number" : kind;
}

/** Times of day, with the date under the first of each day. */
export function timeTicks(splits: readonly number[], step: number): string[] {
  let last = "";
  return splits.map((secs) => {
    const day = formatDay(secs * 1000);
    if (step >= DAY_SECS) return day;
    const time = step < 60 ? formatClock(secs * 1000) : formatMinutes(secs * 1000);
    const text = day === last ? time : `${time}\n${day}`;
    last = day;
    return text;
  });
}

function xAxis(kind: XKind): uPlot.Axis {
  if (kind === "time") {
    return {
      space: 64,
      size: 38,
      values: (_plot, splits, _axis, _space, step) => timeTicks(splits, step),
    };
  }
  if (kind === "duration") {
    return {
      space: 64,
      incrs: DURATION_STEPS,
      values: (_plot, splits) => splits.map((split) => formatDuration(split)),
    };
  }
  return {
    space: 56,
    values: (_plot, splits, _axis, _space, step) => splits.map((at) => formatTick(at, step)),
  };
}

export function axesOf(xKind: XKind, logY: boolean, ink: Ink): uPlot.Axis[] {
  const shared: uPlot.Axis = {
    stroke: ink.text,
    font: FONT,
    grid: { stroke: ink.grid, width: 1 },
    ticks: { stroke: ink.axis, width: 1, size: 4 },
    gap: 4,
  };
  return [
    { ...shared, size: 26, ...xAxis(xKind), grid: { show: false } },
    {
      ...shared,
      ticks: { show: false },
      size: labelRoom,
      space: 32,
      values: logY
        ? (_plot, splits) => splits.map(logTick)
        : (_plot, splits, _axis, _space, step) => splits.map((at) => formatTick(at, step)),
    },
  ];
}
