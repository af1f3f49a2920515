/** Items that are to be compared: of any step and run of a panel. */

import type { ItemViewProps } from "../media/registry";

export interface Pick {
  id: string;
  /** Whose it is, and of when. */
  title: string;
  one: ItemViewProps;
}

export const MOST_PICKS = 4;
export const LEAST_PICKS = 2;

/** What tells an item from all others of its panel. */
export const pickId = (run: string, step: number | null, index: number): string =>
  `${run}/${step}/${index}`;

/** The picks after one was picked, or picked no more; a fifth changes nothing. */
export function repicked(picks: readonly Pick[], pick: Pick): readonly Pick[] {
  const others = picks.filter((one) => one.id !== pick.id);
  if (others.length < picks.length) return others;
  return picks.length < MOST_PICKS ? [...picks, pick] : picks;
}
