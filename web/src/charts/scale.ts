/** Ranges of axes and the look-up of points. */

export interface Range {
  min: number;
  max: number;
}

/** The smallest and largest finite value; on log axes only positive ones count. */
export function extent(columns: Iterable<Float64Array>, positive: boolean): Range | null {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  for (const column of columns) {
    for (const value of column) {
      if (!Number.isFinite(value) || (positive && value <= 0)) continue;
      if (value < min) min = value;
      if (value > max) max = value;
    }
  }
  return min <= max ? { min, max } : null;
}

/** A y axis that holds a range with a little air. */
export function padded({ min, max }: Range, log: boolean): Range {
  if (log) {
    if (min === max) return { min: min / 2, max: max * 2 };
    const air = (max / min) ** 0.04;
    return { min: min / air, max: max * air };
  }
  // Sums that differ in their last bits only are one value.
  if (max - min <= Math.abs(max) * 1e-9) {
    const air = min === 0 ? 1 : Math.abs(min) * 0.1;
    return { min: min - air, max: max + air };
  }
  const air = (max - min) * 0.05;
  // A line that stays on one side of zero doesn't get an axis on both.
  const low = min >= 0 && min - air < 0 ? 0 : min - air;
  const high = max <= 0 && max + air > 0 ? 0 : max + air;
  return { min: low, max: high };
}

/** Between these powers of ten uPlot has ticks for a logarithmic axis; elsewhere it never stops looking. */
const LEAST_LOG = 1e-30;
const MOST_LOG = 1e30;
/** Ticks nearer than the last bits of their values can't be counted up, and uPlot would try for ever. */
const FINEST = 1e-9;
const WIDEST = 1e308;

/** The range, or the nearest one whose ticks can be found. */
export function tickable({ min, max }: Range, log: boolean): Range {
  const [least, most] = log ? [LEAST_LOG, MOST_LOG] : [-WIDEST / 2, WIDEST / 2];
  const low = Math.min(Math.max(min, least), most);
  const high = Math.min(Math.max(max, least), most);
  const room = Math.max(Math.abs(low), Math.abs(high)) * FINEST;
  if (high - low > room) return { min: low, max: high };
  return log
    ? { min: low / 2, max: high * 2 }
    : { min: low - (room || 0.5), max: high + (room || 0.5) };
}

/** Index of the first x at or after `wanted`; x is ascending. */
export function lowerBound(x: Float64Array, wanted: number): number {
  let low = 0;
  let high = x.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((x[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Index of the x nearest to `wanted`, -1 when there is none.
 *
 * Over a key that falls, such as a learning rate, x is as it was logged: then every point is looked at.
 */
export function nearest(x: Float64Array, wanted: number): number {
  return isAscending(x) ? nearestOfAscending(x, wanted) : nearestOfAny(x, wanted);
}

const ascending = new WeakMap<Float64Array, boolean>();

function isAscending(x: Float64Array): boolean {
  let known = ascending.get(x);
  if (known === undefined) {
    known = x.every((value, at) => at === 0 || value >= (x[at - 1] ?? value));
    ascending.set(x, known);
  }
  return known;
}

function nearestOfAny(x: Float64Array, wanted: number): number {
  let best = -1;
  let distance = Number.POSITIVE_INFINITY;
  for (let at = 0; at < x.length; at += 1) {
    const away = Math.abs((x[at] ?? Number.NaN) - wanted);
    if (away < distance) {
      best = at;
      distance = away;
    }
  }
  return best;
}

function nearestOfAscending(x: Float64Array, wanted: number): number {
  if (x.length === 0) return -1;
  const after = lowerBound(x, wanted);
  if (after === 0) return 0;
  if (after === x.length) return x.length - 1;
  const before = x[after - 1] ?? 0;
  const next = x[after] ?? 0;
  return wanted - before <= next - wanted ? after - 1 : after;
}

/** The next x after another, or before it; the first or the last where there is none yet. */
export function nextOf(x: Float64Array, from: number | null, direction: 1 | -1): number | null {
  let best: number | null = null;
  for (const value of x) {
    const beyond = from === null || (value - from) * direction > 0;
    if (beyond && (best === null || (value - best) * direction < 0)) best = value;
  }
  return best ?? from;
}

const STEPS_OF_TIME = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400, 21_600, 43_200, 86_400,
  172_800, 604_800, 1_209_600, 2_592_000,
];
/** Distances between ticks of an axis of seconds. */
export const DURATION_STEPS = [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5].concat(
  STEPS_OF_TIME,
);
