import { useQuery } from "@tanstack/react-query";
import { Fragment, useMemo, useState } from "react";
import { Button, ErrorNote, Icon } from "../ui";
import { plural } from "../ui/format";
import type { ProjectPath } from "../wire/api";
import {
  type Condition,
  readTable,
  type TableGroup,
  type TablePage,
  type TableQuery,
} from "../wire/media";
import { SummaryCell } from "./SummaryCell";
import { TableCell } from "./TableCell";
import { TableHead, templateOf } from "./TableRows";
import styles from "./TableView.module.css";
import { type ChangeTable, filterOf, type TableView } from "./tableState";

const INSIDE = 10;

interface TableGroupsProps {
  head: TablePage;
  pages: ReadonlyMap<number, TablePage>;
  view: TableView;
  change: ChangeTable;
  onSort: (column: string | null) => void;
  onMore: () => void;
  question: Omit<TableQuery, "offset" | "limit">;
  path: ProjectPath;
  run: string;
}

/** One row for each group: its key, its size, and for every other column what its cells are. */
export function TableGroups(props: TableGroupsProps) {
  const { head, pages, view, change, onSort, onMore, path, run } = props;
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const groups = useMemo(
    () => [...pages].sort(([a], [b]) => a - b).flatMap(([, page]) => page.groups),
    [pages],
  );
  const files = useMemo(
    () => Object.assign({}, ...[...pages.values()].map((page) => page.files)),
    [pages],
  ) as Record<string, unknown>;
  const rest = head.columns.flatMap((column, at) =>
    view.group.includes(column.name) ? [] : [{ ...column, at }],
  );
  const key = { name: view.group.join(", "), kind: "text" };
  const columns = [
    key,
    { name: "Rows", kind: "number" },
    ...rest.map(({ name }) => ({ name, kind: "text" })),
  ];
  const template = `minmax(140px, 1fr) 84px ${rest.map(() => "minmax(170px, 1.4fr)").join(" ")}`;
  const add = (condition: Condition) =>
    change({ conditions: [...view.conditions, condition], any: false });
  const [by] = view.sort;
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
    <div className={styles["scroll"]} tabIndex={0}>
      <div
        className={styles["table"]}
        role="table"
        aria-label={`Groups by ${key.name}`}
        style={{ minWidth: 224 + 170 * rest.length }}
      >
        <TableHead
          columns={columns}
          template={template}
          sort={by ? [{ ...by, column: by.column === null ? "Rows" : key.name }] : []}
          sortable={(name) => name === key.name || name === "Rows"}
          onSort={(name) => onSort(name === "Rows" ? null : (view.group[0] ?? null))}
        />
        {groups.map((group) => {
          const name = JSON.stringify(group.key);
          const shown = open.has(name);
          return (
            <Fragment key={name}>
              <div
                className={`${styles["row"]} ${styles["group"]}`}
                role="row"
                style={{ gridTemplateColumns: template }}
              >
                <div className={`${styles["cell"]} ${styles["key"]}`} role="rowheader">
                  <button
                    type="button"
                    className={styles["expand"]}
                    aria-expanded={shown}
                    aria-label={`Rows of ${keyText(group)}`}
                    onClick={() => setOpen(toggledName(open, name))}
                  >
                    <Icon name="chevron" size={13} />
                  </button>
                  <span className={styles["text"]}>{keyText(group)}</span>
                </div>
                <div className={styles["cell"]} role="cell" data-kind="number">
                  {group.count.toLocaleString("en-US")}
                </div>
                {rest.map((column) => (
                  <div key={column.at} className={styles["cell"]} role="cell">
                    <SummaryCell
                      summary={group.cells[column.at]}
                      column={column.name}
                      log={view.log}
                      onFilter={add}
                      context={{ path, run, files }}
                    />
                  </div>
                ))}
              </div>
              {shown && <GroupRows {...props} group={group} />}
            </Fragment>
          );
        })}
        {groups.length < head.total_groups && (
          <div className={styles["more"]}>
            <Button onClick={onMore}>Show more of {plural(head.total_groups, "group")}</Button>
          </div>
        )}
      </div>
    </div>
  );
}

const keyText = ({ key }: TableGroup): string =>
  key.map((one) => (one === null ? "(missing)" : String(one))).join(", ");

function toggledName(open: ReadonlySet<string>, name: string): ReadonlySet<string> {
  const next = new Set(open);
  if (!next.delete(name)) next.add(name);
  return next;
}

function conditionsOf(group: TableGroup, view: TableView): Condition[] {
  return view.group.map((column, at) => {
    const value = group.key[at] ?? null;
    return value === null ? { column, op: "missing", value: null } : { column, op: "is", value };
  });
}

/** A group's first rows, in its place. */
function GroupRows({
  group,
  view,
  change,
  question,
  path,
  run,
}: TableGroupsProps & { group: TableGroup }) {
  const inside = conditionsOf(group, view);
  const before = filterOf(view);
  const filter = { and: before === null ? inside : [before, ...inside] };
  const query = useQuery({
    queryKey: ["table", path.entity, path.project, question, "inside", filter],
    queryFn: ({ signal }) =>
      readTable(
        path,
        { ...question, filter, group: [], sort: [], offset: 0, limit: INSIDE },
        signal,
      ),
    staleTime: 1_800_000,
  });
  if (query.error) {
    return (
      <ErrorNote small error={query.error} what="The rows" onRetry={() => void query.refetch()} />
    );
  }
  const page = query.data;
  if (!page) return <div className={styles["inner"]}>…</div>;
  const template = templateOf(page.columns);
  return (
    <div className={styles["inner"]}>
      {page.rows.map((row) => (
        <div key={row.at} className={styles["row"]} style={{ gridTemplateColumns: template }}>
          {page.columns.map((column, at) => (
            <div
              // biome-ignore lint/suspicious/noArrayIndexKey: two columns may share a name
              key={at}
              className={styles["cell"]}
              data-kind={column.kind}
            >
              <TableCell
                value={row.cells[at]}
                kind={column.kind}
                column={column.name}
                context={{ path, run, files: page.files }}
              />
            </div>
          ))}
        </div>
      ))}
      <div className={styles["more"]}>
        <Button
          onClick={() =>
            change({ group: [], sort: [], any: false, conditions: [...view.conditions, ...inside] })
          }
        >
          Open {group.count === 1 ? "this row" : `all ${plural(group.count, "row")}`}
        </Button>
      </div>
    </div>
  );
}
