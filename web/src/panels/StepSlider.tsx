import { useEffect, useRef, useState } from "react";
import { IconButton } from "../ui";
import { formatValue } from "../ui/format";
import styles from "./StepSlider.module.css";
import { placeAfter, placeOf, useStepKeys } from "./stepSync";

interface StepSliderProps {
  label: string;
  /** Ascending. */
  steps: readonly number[];
  at: number;
  onMove: (step: number) => void;
  /** What the step before brought is not all there yet: playing waits for it. */
  busy: boolean;
  /** Told while steps are played which one comes next. */
  onAhead: (step: number) => void;
  /** With a choice of how many steps are passed at once. */
  large: boolean;
}

/** How long a step stays while steps are played. */
const SHOWN_MS = 500;
/** While it is dragged, the address changes only when the hand rests. */
const REST_MS = 120;
const STRIDES = [1, 2, 5, 10, 50, 100] as const;

/** Steps that were logged are the only ones to stop at. All panels move together. */
export function StepSlider(props: StepSliderProps) {
  const { label, steps, at, onMove, busy, onAhead, large } = props;
  const place = placeOf(steps, at);
  const [dragged, setDragged] = useState<number | null>(null);
  const [stride, setStride] = useState<number>(1);
  const [playing, setPlaying] = useState(false);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  useStepKeys({ steps, at, move: onMove });
  const last = steps.length - 1;
  const latest = useRef({ onMove, onAhead });
  useEffect(() => {
    latest.current = { onMove, onAhead };
  });
  useEffect(() => {
    if (!playing || busy) return;
    if (place >= last) {
      setPlaying(false);
      return;
    }
    const next = steps[placeAfter(steps.length, place, stride)];
    if (next === undefined) return;
    latest.current.onAhead(next);
    const timeout = setTimeout(() => latest.current.onMove(next), SHOWN_MS);
    return () => clearTimeout(timeout);
  }, [playing, busy, place, last, steps, stride]);
  if (steps.length < 2) {
    return steps.length === 1 ? (
      <p className={styles["only"]}>Step {formatValue(steps[0] ?? 0)}</p>
    ) : null;
  }
  const shown = dragged ?? place;
  const go = (to: number): void => {
    setPlaying(false);
    setDragged(to);
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      setDragged(null);
      onMove(steps[to] ?? at);
    }, REST_MS);
  };
  const play = (): void => {
    if (!playing && place >= last) onMove(steps[0] ?? at);
    setPlaying(!playing);
  };
  return (
    <div className={styles["slider"]} data-large={large}>
      <IconButton
        icon={playing ? "pause" : "play"}
        size={13}
        label={`${label}: ${playing ? "stop" : "play"}`}
        onClick={play}
      />
      <IconButton
        icon="arrowLeft"
        size={13}
        label={`${label}: one back`}
        disabled={shown === 0}
        onClick={() => go(placeAfter(steps.length, shown, -stride))}
      />
      <input
        type="range"
        min={0}
        max={last}
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
        disabled={shown === last}
        onClick={() => go(placeAfter(steps.length, shown, stride))}
      />
      <output>Step {formatValue(steps[shown] ?? at)}</output>
      {large && (
        <select
          aria-label={`${label}: how many at once`}
          value={stride}
          onChange={({ target }) => setStride(Number(target.value))}
        >
          {STRIDES.filter((one) => one === 1 || one <= last).map((one) => (
            <option key={one} value={one}>
              {one === 1 ? "Every step" : `Every ${one} steps`}
            </option>
          ))}
        </select>
      )}
    </div>
  );
}
