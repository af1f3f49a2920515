import styles from "./Mark.module.css";

interface MarkProps {
  size: number;
}

/** The mark: a pencil's band. */
export function Mark({ size }: MarkProps) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <path d="M4 5h5v14H5.5a1.5 1.5 0 0 1-1.5-1.5z" className={styles["eraser"]} />
      <path d="M9 3.5h7v17H9z" className={styles["band"]} />
      <path d="M11 3.5h1v17h-1zM13.5 3.5h1v17h-1z" className={styles["groove"]} />
      <path d="M16 5h5v14h-5z" className={styles["shaft"]} />
    </svg>
  );
}
