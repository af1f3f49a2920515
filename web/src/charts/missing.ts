/** What a line can't go through: where it is marked, and how much of it there is. */

export interface LineValues {
  /** Values as they were logged, or the last one of each bucket. */
  raw: Float64Array;
  /** How many points each bucket has, and how many of them are finite; null where it isn't told. */
  count: Float64Array | null;
  finite: Float64Array | null;
}

export type Missing = "nan" | "over" | "under" | "nonPositive";

/** What the drawing left out. */
export type Leftovers = Record<Missing, number>;

export const noLeftovers = (): Leftovers => ({ nan: 0, over: 0, under: 0, nonPositive: 0 });

/** What is missing of the line at a point; null where it is drawn. */
export function missingAt(values: LineValues, at: number, logY: boolean): Missing | null {
  const value = values.raw[at] ?? Number.NaN;
  if (Number.isNaN(value)) return "nan";
  if (value === Number.POSITIVE_INFINITY) return "over";
  if (value === Number.NEGATIVE_INFINITY) return "under";
  if (logY && value <= 0) return "nonPositive";
  return unseen(values, at) > 0 ? "nan" : null;
}

/** Points of a bucket that are no finite numbers; which kind they are isn't told. */
function unseen({ count, finite }: LineValues, at: number): number {
  return (count?.[at] ?? 0) - (finite?.[at] ?? count?.[at] ?? 0);
}

export function leftoversOf(lines: readonly LineValues[], logY: boolean): Leftovers {
  const found = noLeftovers();
  for (const values of lines) {
    for (let at = 0; at < values.raw.length; at += 1) {
      const missing = missingAt(values, at, logY);
      if (missing)
        found[missing] += missing === "nonPositive" ? 1 : Math.max(unseen(values, at), 1);
    }
  }
  return found;
}
