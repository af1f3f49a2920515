import type { RunState } from "../wire/shapes";
import styles from "./StateGlyph.module.css";

interface Look {
  word: string;
  tone: string | undefined;
  /** Strokes on a 12 × 12 grid; each state has a shape of its own. */
  path: string;
}

const LOOKS: Record<RunState, Look> = {
  running: { word: "Running", tone: styles["running"], path: "M4 2.5 9.5 6 4 9.5z" },
  pending: { word: "Pending", tone: styles["quiet"], path: "M6 2a4 4 0 100 8 4 4 0 000-8z" },
  finished: { word: "Finished", tone: styles["good"], path: "M2.5 6.5 5 9l4.5-6" },
  failed: { word: "Failed", tone: styles["bad"], path: "M3 3l6 6M9 3 3 9" },
  crashed: { word: "Crashed", tone: styles["bad"], path: "M6 1.5 11 10H1zM6 5v2M6 8.6v.1" },
  killed: { word: "Killed", tone: styles["quiet"], path: "M3 3h6v6H3z" },
  preempted: { word: "Preempted", tone: styles["warn"], path: "M4 2.5v7M8 2.5v7" },
  preempting: { word: "Preempting", tone: styles["warn"], path: "M4 2.5v7M8 2.5v7" },
  unknown: { word: "State unknown", tone: styles["quiet"], path: "M3 6h6" },
};

interface StateGlyphProps {
  state: RunState;
  /** The word beside the shape; otherwise it is only named. */
  withWord?: boolean;
}

export function StateGlyph({ state, withWord = false }: StateGlyphProps) {
  const look = LOOKS[state];
  return (
    <span className={`${styles["glyph"]} ${look.tone}`} title={withWord ? undefined : look.word}>
      <svg
        width={12}
        height={12}
        viewBox="0 0 12 12"
        fill={state === "running" || state === "killed" ? "currentColor" : "none"}
        stroke="currentColor"
        strokeWidth={1.5}
        strokeLinecap="round"
        strokeLinejoin="round"
        aria-hidden="true"
      >
        <path d={look.path} />
      </svg>
      {withWord ? look.word : <span className="visually-hidden">{look.word}</span>}
    </span>
  );
}
