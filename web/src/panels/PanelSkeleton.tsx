import { useDelayed } from "../ui/time";
import styles from "./PanelSkeleton.module.css";

/** Boxes where charts will be, after a moment. */
export function PanelSkeleton() {
  const shown = useDelayed(true);
  return (
    <div className={styles["area"]} role="status" aria-label="Loading charts">
      {shown &&
        ["a", "b", "c", "d", "e", "f"].map((name) => <div key={name} className={styles["box"]} />)}
    </div>
  );
}
