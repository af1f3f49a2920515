/** Keys. None acts while someone types, and all can be switched off. */

import { useEffect, useRef } from "react";

export type Shortcuts = Record<string, (event: KeyboardEvent) => void>;

const STORED = "ferrule.shortcuts";
const PREFIX_MS = 1_200;
const stack: { current: Shortcuts }[] = [];
// When a `g` was pressed that waits for its second key.
let prefixAt = Number.NEGATIVE_INFINITY;

export const shortcutsOn = (): boolean => localStorage.getItem(STORED) !== "off";
export const switchShortcuts = (on: boolean): void =>
  localStorage.setItem(STORED, on ? "on" : "off");

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  if (target instanceof HTMLInputElement)
    return target.type !== "range" && target.type !== "checkbox";
  return target.isContentEditable || ["TEXTAREA", "SELECT"].includes(target.tagName);
}

/** The name of what was pressed: `j`, `Escape`, `g w`. */
function nameOf(event: KeyboardEvent): string {
  const key = event.key === " " ? "Space" : event.key;
  const prefixed = event.timeStamp - prefixAt < PREFIX_MS;
  prefixAt = key === "g" && !prefixed ? event.timeStamp : Number.NEGATIVE_INFINITY;
  return prefixed ? `g ${key}` : key;
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key !== "Escape" && (typing(event.target) || !shortcutsOn())) return;
  const name = nameOf(event);
  for (let at = stack.length - 1; at >= 0; at -= 1) {
    const act = stack[at]?.current[name];
    if (!act) continue;
    act(event);
    return;
  }
}

/** Binds keys while the component is shown; later ones win over earlier ones. */
export function useShortcuts(shortcuts: Shortcuts): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  useEffect(() => {
    if (stack.length === 0) document.addEventListener("keydown", onKey);
    stack.push(latest);
    return () => {
      stack.splice(stack.indexOf(latest), 1);
      if (stack.length === 0) document.removeEventListener("keydown", onKey);
    };
  }, []);
}
