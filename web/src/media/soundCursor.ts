/** Where one looks in the sounds of a key: a line at the same time in all of them. */

import { useSyncExternalStore } from "react";

let shown: { key: string; seconds: number } | null = null;
const listeners = new Set<() => void>();

/** Puts the line somewhere, or takes it away with null. */
export function shareCursor(key: string, seconds: number | null): void {
  if (seconds === null && shown?.key !== key) return;
  shown = seconds === null ? null : { key, seconds };
  for (const listener of listeners) listener();
}

function listen(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** In seconds; null where there is no line in this key's sounds. */
export const useCursor = (key: string): number | null =>
  useSyncExternalStore(listen, () => (shown?.key === key ? shown.seconds : null));
