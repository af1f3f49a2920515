/** What is found at a place of an image, by the layers that lie over it. */

export interface Hit {
  /** What it is called. */
  word: string;
  ink: string;
  /** More of it, each in a few words. */
  more: readonly string[];
}

/** Asks a layer what it has at a place, in parts of the image. */
export type HitTest = (x: number, y: number) => Hit | null;

export type HitTests = Map<string, HitTest>;

/** Boxes before masks, which lie under them. */
export const hitsAt = (tests: HitTests, x: number, y: number): Hit[] =>
  [...tests.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, test]) => test(x, y) ?? []);
