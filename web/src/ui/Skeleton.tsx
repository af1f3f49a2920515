import styles from "./Skeleton.module.css";
import { useDelayed } from "./time";

interface SkeletonProps {
  rows: number;
  /** Height of a row with the space below it. */
  rowHeight: number;
  label: string;
}

/** Rows of the size of what will come, after a moment. */
export function Skeleton({ rows, rowHeight, label }: SkeletonProps) {
  const shown = useDelayed(true);
  return (
    <div role="status" aria-label={label} style={{ minHeight: rows * rowHeight }}>
      {shown &&
        Array.from({ length: rows }, (_, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: they are all alike and never move
          <div key={at} className={styles["row"]} style={{ height: rowHeight }}>
            <span className={styles["bar"]} style={{ width: `${40 + ((at * 37) % 45)}%` }} />
          </div>
        ))}
    </div>
  );
}
