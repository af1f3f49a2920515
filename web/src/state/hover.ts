/** Where the pointer is along x, shared by charts over the same x. */

export interface SharedHover {
  xKey: string;
  x: number;
  /** The chart under the pointer draws its own. */
  source: object;
}

const listeners = new Set<(hover: SharedHover | null) => void>();
let frame = 0;
let latest: SharedHover | null = null;

export function shareHover(hover: SharedHover | null): void {
  latest = hover;
  if (frame !== 0) return;
  frame = requestAnimationFrame(() => {
    frame = 0;
    for (const listener of listeners) listener(latest);
  });
}

export function onSharedHover(listener: (hover: SharedHover | null) => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
