import { useMemo } from "react";
import { leavesOf } from "../state/flatten";
import { matcher } from "../state/sections";
import { Icon } from "../ui";
import { formatCell } from "../ui/format";
import styles from "./ValueTable.module.css";

interface ValueTableProps {
  title: string;
  values: Record<string, unknown>;
  search: string;
  /** What to say when there is nothing at all. */
  none: string;
}

/** A nested object as rows of path and value. */
export function ValueTable({ title, values, search, none }: ValueTableProps) {
  const leaves = useMemo(() => leavesOf(values), [values]);
  const shown = useMemo(() => {
    const wanted = matcher(search);
    return leaves.filter((leaf) => wanted(leaf.path) || wanted(formatCell(leaf.value)));
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
              <td data-kind={typeof value}>{formatCell(value)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  );
}
