import { useMemo } from "react";
import { type Leaf, leavesOf } from "../state/flatten";
import { matcher } from "../state/sections";
import { Icon } from "../ui";
import { formatCell, formatDate, formatDuration, isDate } from "../ui/format";
import styles from "./ValueTable.module.css";

/** Clocks are written as such, other numbers with all their digits. */
function valueText(path: string, value: unknown): string {
  if (typeof value === "number") {
    if (path === "_timestamp" && isDate(value * 1000)) return formatDate(value * 1000);
    if (path === "_runtime" || path === "_wandb.runtime") return formatDuration(value);
    return String(value);
  }
  return formatCell(value);
}

const byPath = new Intl.Collator("en", { numeric: true }).compare;

/** By name; what clients add themselves comes last. */
function inOrder(leaves: readonly Leaf[]): Leaf[] {
  const own = (leaf: Leaf): number => Number(leaf.path.startsWith("_"));
  return [...leaves].sort((a, b) => own(a) - own(b) || byPath(a.path, b.path));
}

interface ValueTableProps {
  title: string;
  values: Record<string, unknown>;
  search: string;
  /** What to say when there is nothing at all. */
  none: string;
}

/** A nested object as rows of path and value. */
export function ValueTable({ title, values, search, none }: ValueTableProps) {
  const leaves = useMemo(() => inOrder(leavesOf(values)), [values]);
  const shown = useMemo(() => {
    const wanted = matcher(search);
    return leaves.filter((leaf) => wanted(leaf.path) || wanted(valueText(leaf.path, leaf.value)));
  }, [leaves, search]);
  return (
    <details className={styles["box"]} open>
      <summary>
        <Icon name="chevron" size={14} className={styles["chevron"]} />
        <h2>{title}</h2>
        <span className={styles["count"]}>
          {search === "" ? leaves.length : `${shown.length} of ${leaves.length}`}
        </span>
      </summary>
      {leaves.length === 0 && <p className={styles["none"]}>{none}</p>}
      {leaves.length > 0 && shown.length === 0 && (
        <p className={styles["none"]}>Nothing here matches “{search}”.</p>
      )}
      <table className={styles["table"]}>
        <caption className="visually-hidden">{title}</caption>
        <tbody>
          {shown.map(({ path, value }) => (
            <tr key={path}>
              <th scope="row">{path}</th>
              <td>{valueText(path, value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
