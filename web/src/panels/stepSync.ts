/** Step sliders move together; keys move them all, whichever of them is on screen. */

import { useEffect, useRef } from "react";
import { mergedSteps } from "../state/mediaTypes";

/** Where a slider is in steps that were logged: the last not after `at`, 0 if all are later. */
export function placeOf(steps: readonly number[], at: number): number {
  let place = 0;
  while (place + 1 < steps.length && (steps[place + 1] ?? 0) <= at) place += 1;
  return place;
}

/** The place after some more steps, or some fewer; it ends where the steps do. */
export const placeAfter = (count: number, place: number, by: number): number =>
  Math.max(0, Math.min(count - 1, place + by));

interface Slider {
  steps: readonly number[];
  at: number;
  move: (step: number) => void;
}

/**
 * The step that all sliders go to: the next of any of them that is after the furthest, or the one
 * before it. Null where there is none.
 */
export function neighbourStep(
  sliders: readonly Pick<Slider, "steps" | "at">[],
  by: 1 | -1,
): number | null {
  const steps = mergedSteps(sliders.map((slider) => slider.steps));
  const at = Math.max(...sliders.map((slider) => slider.at));
  const next = by > 0 ? steps.find((step) => step > at) : steps.findLast((step) => step < at);
  return next ?? null;
}

const sliders = new Set<{ current: Slider }>();

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    ["TEXTAREA", "SELECT"].includes(target.tagName) ||
    (target instanceof HTMLInputElement && !["range", "checkbox"].includes(target.type)));

/** Ctrl or Cmd with ← and →, as words are passed over in a text. */
function onKey(event: KeyboardEvent): void {
  const by = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : null;
  if (by === null || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
  if (event.defaultPrevented || typing(event.target)) return;
  const shown = [...sliders].map((slider) => slider.current);
  // On a Mac the browser would go back.
  event.preventDefault();
  const step = neighbourStep(shown, by);
  if (step !== null) shown[0]?.move(step);
}

/** Puts a slider among those that keys move. */
export function useStepKeys(slider: Slider): void {
  const latest = useRef(slider);
  useEffect(() => {
    latest.current = slider;
  });
  const there = slider.steps.length > 1;
  useEffect(() => {
    if (!there) return;
    if (sliders.size === 0) document.addEventListener("keydown", onKey);
    sliders.add(latest);
    return () => {
      sliders.delete(latest);
      if (sliders.size === 0) document.removeEventListener("keydown", onKey);
    };
  }, [there]);
}
