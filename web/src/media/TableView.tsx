import { useQueries } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { EmptyNote, ErrorNote } from "../ui";
import { plural } from "../ui/format";
import { useDelayed } from "../ui/time";
import { readTable, type TableQuery } from "../wire/media";
import { Broken } from "./Broken";
import type { ItemViewProps } from "./registry";
import { TableGroups } from "./TableGroups";
import { TableRows } from "./TableRows";
import { TableToolbar } from "./TableToolbar";
import styles from "./TableView.module.css";
import { filterOf, sortedBy, tableSourceOf, useTableView } from "./tableState";

export const PAGE = 100;

type TableViewProps = Pick<ItemViewProps, "item" | "path" | "run" | "keyName" | "label">;

/** A table that a run logged or saved, a page at a time: the server sorts, filters and groups. */
export default function TableView({ item, path, run, keyName, label }: TableViewProps) {
  const [view, change] = useTableView(`${run}/${keyName}`);
  const [pages, setPages] = useState<readonly number[]>([0]);
  const question = useMemo<Omit<TableQuery, "offset" | "limit">>(
    () => ({
      source: tableSourceOf(run, item.fields),
      filter: filterOf(view),
      expression: view.expression,
      sort: view.sort,
      group: view.group,
    }),
    [run, item.fields, view],
  );
  // One that is made of other tables has no file of its own.
  const there = item.path !== null || typeof item.fields["artifact_path"] === "string";
  const queries = useQueries({
    queries: pages.map((page) => ({
      queryKey: ["table", path.entity, path.project, question, page],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        readTable(path, { ...question, offset: page * PAGE, limit: PAGE }, signal),
      enabled: there,
      staleTime: 1_800_000,
    })),
  });
  const found = queries.map((query) => query.data);
  const head = found.find((page) => page !== undefined);
  const waiting = useDelayed(queries.some((query) => query.isLoading));
  const failed = queries.find((query) => query.error);
  if (!there) return <Broken>The table’s file is not known.</Broken>;
  const loaded = new Map(found.flatMap((page) => (page ? [[page.offset / PAGE, page]] : [])));
  const grouped = view.group.length > 0;
  const sort = (column: string | null) => change({ sort: sortedBy(view.sort, column) });
  return (
    <div className={styles["view"]} aria-busy={waiting}>
      <TableToolbar head={head ?? null} view={view} change={change} />
      {failed?.error && (
        <ErrorNote
          small
          error={failed.error}
          what="The table"
          onRetry={() => void failed.refetch()}
        />
      )}
      {!head && !failed && (
        <div className={styles["wait"]} role="status" aria-label={`Loading ${label}`} />
      )}
      {head && head.matching === 0 && (
        <EmptyNote title={head.total === 0 ? "This table has no rows" : "No row fits"}>
          {head.total > 0 && (
            <p>
              The filter leaves none of {plural(head.total, "row")}.{" "}
              <button
                type="button"
                className={styles["link"]}
                onClick={() => change({ conditions: [], expression: "" })}
              >
                Clear the filter
              </button>
            </p>
          )}
        </EmptyNote>
      )}
      {head && head.matching > 0 && !grouped && (
        <TableRows
          head={head}
          pages={loaded}
          view={view}
          onSort={sort}
          onPages={setPages}
          source={question.source}
          path={path}
          run={run}
          label={label}
        />
      )}
      {head && head.matching > 0 && grouped && (
        <TableGroups
          head={head}
          pages={loaded}
          view={view}
          change={change}
          onSort={sort}
          onMore={() => setPages([...pages, pages.length])}
          question={question}
          path={path}
          run={run}
        />
      )}
    </div>
  );
}
