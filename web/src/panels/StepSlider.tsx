import { useEffect, useRef, useState } from "react";
import { IconButton } from "../ui";
import { formatValue } from "../ui/format";
import styles from "./StepSlider.module.css";

interface StepSliderProps {
  label: string;
  /** Ascending. */
  steps: readonly number[];
  at: number;
  onMove: (step: number) => void;
}

/** Steps that were logged are the only ones to stop at. All panels move together. */
export function StepSlider({ label, steps, at, onMove }: StepSliderProps) {
  const place = placeOf(steps, at);
  // While it is dragged, the address changes only when the hand rests.
  const [dragged, setDragged] = useState<number | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  if (steps.length < 2) {
    return steps.length === 1 ? (
      <p className={styles["only"]}>Step {formatValue(steps[0] ?? 0)}</p>
    ) : null;
  }
  const shown = dragged ?? place;
  const go = (to: number): void => {
    setDragged(to);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setDragged(null);
      onMove(steps[to] ?? at);
    }, 120);
  };
  return (
    <div className={styles["slider"]}>
      <IconButton
        icon="arrowLeft"
        size={13}
        label={`${label}: one back`}
        disabled={shown === 0}
        onClick={() => go(shown - 1)}
      />
      <input
        type="range"
        min={0}
        max={steps.length - 1}
        step={1}
        value={shown}
        aria-label={label}
        aria-valuetext={`step ${steps[shown] ?? at}`}
        onChange={({ target }) => go(Number(target.value))}
      />
      <IconButton
        icon="arrowLeft"
        size={13}
        className={styles["next"]}
        label={`${label}: one on`}
        disabled={shown === steps.length - 1}
        onClick={() => go(shown + 1)}
      />
      <output>Step {formatValue(steps[shown] ?? at)}</output>
    </div>
  );
}

/** The place of the last step that is not after `at`, 0 if all are. */
function placeOf(steps: readonly number[], at: number): number {
  let place = 0;
  while (place + 1 < steps.length && (steps[place + 1] ?? 0) <= at) place += 1;
  return place;
}
