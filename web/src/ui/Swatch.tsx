import styles from "./Swatch.module.css";

interface SwatchProps {
  ink: { color: string; dash: readonly number[] };
  faint?: boolean;
}

/** A run's line as charts draw it: its colour and its dashes. */
export function Swatch({ ink, faint = false }: SwatchProps) {
  return (
    <svg
      className={styles["swatch"]}
      width="16"
      height="10"
      viewBox="0 0 16 10"
      aria-hidden="true"
      opacity={faint ? 0.45 : 1}
    >
      <path
        d="M1 5h14"
        stroke={ink.color}
        strokeWidth={ink.dash.length === 0 ? 4 : 3}
        strokeDasharray={ink.dash.length === 0 ? undefined : ink.dash.join(" ")}
        strokeLinecap={ink.dash.length === 0 ? "round" : "butt"}
      />
    </svg>
  );
}
