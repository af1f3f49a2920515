import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useMemo, useRef } from "react";
import { Icon } from "../ui";
import type { ProjectPath } from "../wire/api";
import { readTable, type TableColumn, type TableOrder, type TablePage } from "../wire/media";
import { type CellContext, TableCell } from "./TableCell";
import styles from "./TableView.module.css";
import { filterOf, type TableView } from "./tableState";

const PAGE = 100;
const LOW_ROW = 30;
const TALL_ROW = 104;
const HEAD = 31;

const WIDTHS: Readonly<Record<string, string>> = {
  number: "minmax(110px, 1fr)",
  boolean: "minmax(80px, 1fr)",
  text: "minmax(180px, 3fr)",
  media: "minmax(130px, 1fr)",
};

/** As a grid's columns: by what each holds. */
export const templateOf = (columns: readonly TableColumn[]): string =>
  columns.map(({ kind }) => WIDTHS[kind] ?? "minmax(150px, 2fr)").join(" ");

const LEAST: Readonly<Record<string, number>> = { number: 110, boolean: 80, text: 180, media: 130 };

/** How wide a table is at least: wider ones than the panel scroll. */
export const leastWidthOf = (columns: readonly TableColumn[]): number =>
  columns.reduce((sum, { kind }) => sum + (LEAST[kind] ?? 150), 0);

interface TableRowsProps {
  head: TablePage;
  pages: ReadonlyMap<number, TablePage>;
  view: TableView;
  onSort: (column: string) => void;
  /** Which pages are on screen. */
  onPages: (pages: readonly number[]) => void;
  source: Record<string, unknown>;
  path: ProjectPath;
  run: string;
  label: string;
}

/** Rows on screen, and a place for all the others. */
export function TableRows({
  head,
  pages,
  view,
  onSort,
  onPages,
  source,
  path,
  run,
  label,
}: TableRowsProps) {
  const frame = useRef<HTMLDivElement>(null);
  const tall = head.columns.some(({ kind }) => kind === "media");
  const virtual = useVirtualizer({
    count: head.matching,
    getScrollElement: () => frame.current,
    estimateSize: () => (tall ? TALL_ROW : LOW_ROW),
    scrollMargin: HEAD,
    overscan: 8,
  });
  const shown = virtual.getVirtualItems();
  const first = Math.floor((shown[0]?.index ?? 0) / PAGE);
  const last = Math.floor((shown.at(-1)?.index ?? 0) / PAGE);
  useEffect(() => {
    const seen = Array.from({ length: last - first + 1 }, (_, at) => first + at);
    // The first page stays: it says what the table is, while others come.
    onPages([...new Set([0, ...seen])]);
  }, [first, last, onPages]);
  const template = useMemo(() => templateOf(head.columns), [head.columns]);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
    <div className={styles["scroll"]} ref={frame} tabIndex={0}>
      <div
        className={styles["table"]}
        role="table"
        aria-label={label}
        aria-rowcount={head.matching + 1}
        style={{ height: virtual.getTotalSize() + HEAD, minWidth: leastWidthOf(head.columns) }}
      >
        <TableHead columns={head.columns} template={template} sort={view.sort} onSort={onSort} />
        {shown.map(({ index, start, size }) => {
          const page = pages.get(Math.floor(index / PAGE));
          const row = page?.rows[index % PAGE];
          const context: CellContext = { path, run, files: page?.files ?? {} };
          return (
            <div
              key={index}
              className={styles["row"]}
              role="row"
              aria-rowindex={index + 2}
              data-virtual="true"
              data-tall={tall}
              style={{
                height: size,
                gridTemplateColumns: template,
                transform: `translateY(${start}px)`,
              }}
            >
              {row &&
                head.columns.map((column, at) => (
                  <div
                    // biome-ignore lint/suspicious/noArrayIndexKey: two columns may share a name
                    key={at}
                    className={styles["cell"]}
                    role="cell"
                    data-kind={column.kind}
                  >
                    <TableCell
                      value={row.cells[at]}
                      kind={column.kind}
                      column={column.name}
                      context={{
                        ...context,
                        readWhole: () => wholeText(path, source, view, index, at),
                      }}
                    />
                  </div>
                ))}
            </div>
          );
        })}
      </div>
    </div>
  );
}

async function wholeText(
  path: ProjectPath,
  source: Record<string, unknown>,
  view: TableView,
  index: number,
  column: number,
): Promise<string> {
  const page = await readTable(path, {
    source,
    filter: filterOf(view),
    expression: view.expression,
    sort: view.sort,
    group: [],
    offset: index,
    limit: 1,
    whole: true,
  });
  const value = page.rows[0]?.cells[column];
  return typeof value === "string" ? value : JSON.stringify(value);
}

interface TableHeadProps {
  columns: readonly TableColumn[];
  template: string;
  sort: readonly TableOrder[];
  onSort: (column: string) => void;
  sortable?: (column: string) => boolean;
}

export function TableHead({
  columns,
  template,
  sort,
  onSort,
  sortable = () => true,
}: TableHeadProps) {
  const [by] = sort;
  return (
    <div
      className={`${styles["row"]} ${styles["head"]}`}
      role="row"
      style={{ gridTemplateColumns: template }}
    >
      {columns.map((column, at) => {
        const sorted =
          by?.column === column.name ? (by.descending ? "descending" : "ascending") : "none";
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: two columns may share a name
          <div key={at} role="columnheader" aria-sort={sorted} data-kind={column.kind}>
            {sortable(column.name) ? (
              <button type="button" title={column.name} onClick={() => onSort(column.name)}>
                <span>{column.name}</span>
                {sorted !== "none" && (
                  <Icon name={sorted === "ascending" ? "sortUp" : "sortDown"} size={12} />
                )}
              </button>
            ) : (
              <div className={styles["name"]} title={column.name}>
                <span>{column.name}</span>
              </div>
            )}
          </div>
        );
      })}
    </div>
  );
}
