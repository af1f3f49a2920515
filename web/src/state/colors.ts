/** Colours of runs: by a hash of the id, and none given twice while there are others. */

/**
 * Pairs for light and dark ground. Neighbours differ in lightness as well as in hue, so that
 * they can be told apart with any of the common colour blindnesses.
 */
export const PALETTE: readonly { light: string; dark: string }[] = [
  { light: "#1f6fd1", dark: "#5aa2ff" },
  { light: "#d9730d", dark: "#ff9d42" },
  { light: "#0b8a6f", dark: "#2fc7a3" },
  { light: "#b3308f", dark: "#f07fcf" },
  { light: "#8a6d00", dark: "#e3c23c" },
  { light: "#5b3fc4", dark: "#a793ff" },
  { light: "#c22f3d", dark: "#ff7a80" },
  { light: "#1b8fb0", dark: "#59cdf0" },
  { light: "#5f7a16", dark: "#aacb4f" },
  { light: "#7a4a2b", dark: "#cf9a72" },
  { light: "#3d4f63", dark: "#a3b6cc" },
  { light: "#d1487f", dark: "#ff9dbb" },
  { light: "#006400", dark: "#7ee08a" },
  { light: "#8f2bd6", dark: "#d18cff" },
];
const DASHES: readonly (readonly number[])[] = [[], [6, 3], [2, 3], [9, 3, 2, 3]];
const SLOTS = PALETTE.length * DASHES.length;

export interface RunColor {
  light: string;
  dark: string;
  dash: readonly number[];
}

/** FNV-1a, 32 bits. */
export function hashOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at += 1) {
    hash ^= id.charCodeAt(at);
    hash = Math.imul(hash, 0x01000193);
  }
  return hash >>> 0;
}

/** Gives each run a slot the first time it is seen; it keeps it, whatever else comes or goes. */
export class ColorBook {
  private readonly slots = new Map<string, number>();
  private readonly taken = new Set<number>();

  constructor(known: Iterable<readonly [string, number]> = []) {
    for (const [id, slot] of known) this.keep(id, slot);
  }

  private keep(id: string, slot: number): void {
    this.slots.set(id, slot);
    this.taken.add(slot);
  }

  private free(id: string): number {
    const hash = hashOf(id);
    const first = hash % PALETTE.length;
    // Whole colours before dashes: a dash costs more attention than a hue.
    for (let dash = 0; dash < DASHES.length; dash += 1) {
      for (let step = 0; step < PALETTE.length; step += 1) {
        const slot = dash * PALETTE.length + ((first + step * 5) % PALETTE.length);
        if (!this.taken.has(slot)) return slot;
      }
    }
    return hash % SLOTS;
  }

  slotOf(id: string): number {
    let slot = this.slots.get(id);
    if (slot === undefined) {
      slot = this.free(id);
      this.keep(id, slot);
    }
    return slot;
  }

  colorOf(id: string): RunColor {
    const slot = this.slotOf(id);
    const pair = PALETTE[slot % PALETTE.length] ?? { light: "#1f6fd1", dark: "#5aa2ff" };
    return { ...pair, dash: DASHES[Math.floor(slot / PALETTE.length)] ?? [] };
  }

  entries(): [string, number][] {
    return [...this.slots.entries()];
  }
}

const REMEMBERED = 2000;
const books = new Map<string, ColorBook>();

/** The project's book, kept in this browser. */
export function bookOf(project: string): ColorBook {
  let book = books.get(project);
  if (!book) {
    book = new ColorBook(remembered(project));
    books.set(project, book);
  }
  return book;
}

function remembered(project: string): [string, number][] {
  try {
    const text = localStorage.getItem(`ferrule.colors.${project}`);
    const parsed: unknown = text === null ? [] : JSON.parse(text);
    if (!Array.isArray(parsed)) return [];
    return parsed.filter(
      (entry): entry is [string, number] =>
        Array.isArray(entry) && typeof entry[0] === "string" && typeof entry[1] === "number",
    );
  } catch {
    return [];
  }
}

export function remember(project: string): void {
  const entries = bookOf(project).entries().slice(-REMEMBERED);
  try {
    localStorage.setItem(`ferrule.colors.${project}`, JSON.stringify(entries));
  } catch {
    // Storage may be full or switched off; the colours still hold for this visit.
  }
}
