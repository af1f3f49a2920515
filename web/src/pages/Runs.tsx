import { useMemo, useState } from "react";
import { useRunSet } from "../state/runSet";
import { useView } from "../state/useView";
import { columnMaker } from "../tables/columns";
import { RunsError } from "../tables/RunsError";
import { RunsTable } from "../tables/RunsTable";
import { EmptyNote, SearchBox, Skeleton } from "../ui";
import { plural } from "../ui/format";
import { EmptyProject } from "./EmptyProject";
import styles from "./Runs.module.css";

interface RunsPageProps {
  entity: string;
  project: string;
}

export default function RunsPage({ entity, project }: RunsPageProps) {
  const [view, change] = useView();
  const set = useRunSet({ entity, project }, view.sort);
  const { runs, query, total } = set;
  const [columnsOf] = useState(columnMaker);
  const columns = useMemo(
    () => columnsOf(runs, { search: view.columnSearch, differing: view.differing }),
    [columnsOf, runs, view.columnSearch, view.differing],
  );
  if (total === 0 && view.runSearch === "") {
    return <EmptyProject entity={entity} project={project} />;
  }
  return (
    <div className={styles["page"]}>
      <div className={styles["bar"]}>
        <div className={styles["search"]}>
          <SearchBox
            label="Search runs"
            value={view.runSearch}
            onChange={(runSearch) => change({ runSearch })}
            shortcut
          />
        </div>
        <div className={styles["search"]}>
          <SearchBox
            label="Search columns"
            value={view.columnSearch}
            onChange={(columnSearch) => change({ columnSearch })}
          />
        </div>
        <label className={styles["switch"]}>
          <input
            type="checkbox"
            checked={view.differing}
            onChange={(event) => change({ differing: event.target.checked })}
          />
          Differing only
        </label>
        <span className={styles["sum"]} aria-live="polite">
          {total !== null && `${plural(total, "run")}, ${plural(columns.length, "column")}`}
        </span>
      </div>
      <RunsError query={query} />
      {!query.data && !query.error && <Skeleton rows={14} rowHeight={34} label="Loading runs" />}
      {total === 0 && (
        <EmptyNote title={`No run matches “${view.runSearch}”`}>
          <p>The search looks at names, ids, tags and notes.</p>
        </EmptyNote>
      )}
      {runs.length > 0 && <RunsTable path={{ entity, project }} set={set} columns={columns} />}
    </div>
  );
}
