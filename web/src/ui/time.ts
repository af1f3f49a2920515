import { useEffect, useState, useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function watch(changed: () => void): () => void {
  listeners.add(changed);
  if (timer === undefined) {
    now = Date.now();
    timer = setInterval(() => {
      now = Date.now();
      for (const listener of listeners) listener();
    }, 5_000);
  }
  return () => {
    listeners.delete(changed);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

/** The time, every five seconds; one clock for the whole page. */
export const useNow = (): number => useSyncExternalStore(watch, () => now);

/** True once `active` has been true for a while: short waits show nothing. */
export function useDelayed(active: boolean, milliseconds = 150): boolean {
  const [passed, setPassed] = useState(false);
  useEffect(() => {
    if (!active) {
      setPassed(false);
      return;
    }
    const timeout = setTimeout(() => setPassed(true), milliseconds);
    return () => clearTimeout(timeout);
  }, [active, milliseconds]);
  return active && passed;
}
