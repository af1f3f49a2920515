/** Smoothing of drawn points: a preview where they are buckets of many. */

const NEAR_ONE = 0.999;
// The visible range counts as this many points, so that zoom and rate of logging don't change
// how smooth a line looks.
const RANGE_POINTS = 1000;

/**
 * Time-weighted exponential moving average.
 *
 * `weight` is 0 for none, up to just under 1. NaN and infinities are passed over: the average
 * goes on behind them and they stay where they were.
 */
export function smooth(
  x: Float64Array,
  y: Float64Array,
  weight: number,
  visibleRange: number,
): Float64Array {
  if (weight <= 0 || x.length === 0) return y;
  const base = Math.min(Math.sqrt(weight), NEAR_ONE);
  const range = visibleRange > 0 ? visibleRange : 1;
  const smoothed = new Float64Array(y.length);
  let sum = 0;
  let debias = 0;
  let lastX = x[0] ?? 0;
  for (let at = 0; at < y.length; at += 1) {
    const value = y[at] ?? Number.NaN;
    if (!Number.isFinite(value)) {
      smoothed[at] = value;
      continue;
    }
    const here = x[at] ?? lastX;
    const keep = base ** ((Math.abs(here - lastX) / range) * RANGE_POINTS);
    sum = sum * keep + value;
    debias = debias * keep + 1;
    smoothed[at] = sum / debias;
    lastX = here;
  }
  return smoothed;
}
