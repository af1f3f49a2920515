import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef } from "react";
import { runHref } from "../app/routes";
import { useFreshRuns } from "../state/live";
import { nameOf, type RunSet } from "../state/runSet";
import { useView } from "../state/useView";
import { NEWEST_FIRST } from "../state/view";
import { Ago, Icon, Link, StateGlyph } from "../ui";
import { Swatch } from "../ui/Swatch";
import { useMedia } from "../ui/useMedia";
import type { ProjectPath } from "../wire/api";
import type { Run } from "../wire/shapes";
import { type Column, nextSort } from "./columns";
import styles from "./RunsTable.module.css";
import { useNextPage } from "./useNextPage";
import { useRowKeys } from "./useRowKeys";

const ROW = 34;
const HEAD = 46;

interface RunsTableProps {
  path: ProjectPath;
  set: RunSet;
  columns: readonly Column[];
}

/** Only the cells on screen exist: a thousand runs with hundreds of columns scroll as a page does. */
export function RunsTable({ path, set, columns }: RunsTableProps) {
  const { runs, query, total } = set;
  const [view, change] = useView();
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useMedia("(max-width: 640px)");
  const nameWidth = narrow ? 190 : 290;
  const rows = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 6,
    paddingStart: HEAD,
    scrollPaddingStart: HEAD,
  });
  const across = useVirtualizer({
    horizontal: true,
    count: columns.length,
    getScrollElement: () => scroller.current,
    estimateSize: (at) => columns[at]?.width ?? 100,
    overscan: 2,
    paddingStart: nameWidth,
  });
  // biome-ignore lint/correctness/useExhaustiveDependencies: other columns have other widths
  useEffect(() => across.measure(), [columns, nameWidth]);
  const shownRows = rows.getVirtualItems();
  const shownColumns = across.getVirtualItems();
  const lastShown = shownRows[shownRows.length - 1]?.index ?? -1;
  useNextPage(query, lastShown, runs.length);
  useFreshRuns(
    path,
    shownRows.flatMap((item) => runs[item.index]?.id ?? []),
  );
  useRowKeys({ scroller, count: runs.length, scrollTo: (at) => rows.scrollToIndex(at) });
  const width = across.getTotalSize();
  return (
    <div className={styles["scroller"]} ref={scroller}>
      <div
        role="table"
        aria-label="Runs"
        aria-rowcount={(total ?? runs.length) + 1}
        aria-colcount={columns.length + 1}
        className={styles["table"]}
        style={{ width, height: rows.getTotalSize() }}
      >
        <div
          role="row"
          aria-rowindex={1}
          className={styles["head"]}
          style={{ width, height: HEAD }}
        >
          <HeadCell
            title="Name"
            group=""
            field="display_name"
            index={0}
            numeric={false}
            sort={view.sort}
            onSort={(sort) => change({ sort })}
            className={styles["pinned"]}
            style={{ width: nameWidth }}
          />
          {shownColumns.map(({ index, start }) => {
            const column = columns[index];
            return (
              column && (
                <HeadCell
                  key={column.id}
                  title={column.title}
                  group={column.group}
                  field={column.field}
                  index={index + 1}
                  numeric={column.numeric}
                  sort={view.sort}
                  onSort={(sort) => change({ sort })}
                  className={styles["cell"]}
                  style={{ left: start, width: column.width }}
                />
              )
            );
          })}
        </div>
        {shownRows.map((item) => {
          const run = runs[item.index];
          return (
            run && (
              <div
                role="row"
                key={run.id}
                aria-rowindex={item.index + 2}
                data-index={item.index}
                className={styles["row"]}
                style={{ transform: `translateY(${item.start}px)`, height: ROW, width }}
              >
                <div role="rowheader" className={styles["pinned"]} style={{ width: nameWidth }}>
                  <Swatch ink={set.inkOf(run.id)} />
                  <Link
                    href={runHref(path.entity, path.project, run.id)}
                    className={styles["name"]}
                    title={nameOf(run)}
                    data-row-link
                  >
                    {nameOf(run)}
                  </Link>
                </div>
                {shownColumns.map(({ index, start }) => {
                  const column = columns[index];
                  return (
                    column && (
                      <div
                        role="cell"
                        key={column.id}
                        aria-colindex={index + 2}
                        className={styles["cell"]}
                        data-numeric={column.numeric}
                        style={{ left: start, width: column.width }}
                      >
                        <CellText run={run} column={column} />
                      </div>
                    )
                  );
                })}
              </div>
            )
          );
        })}
      </div>
    </div>
  );
}

function CellText({ run, column }: { run: Run; column: Column }) {
  if (column.time) return <Ago at={run[column.time]} />;
  if (column.id === "state") return <StateGlyph state={run.state} withWord />;
  const text = column.text(run);
  return <span title={text.length > 18 ? text : undefined}>{text}</span>;
}

interface HeadCellProps {
  title: string;
  group: string;
  field: string | null;
  index: number;
  numeric: boolean;
  sort: string;
  onSort: (sort: string) => void;
  className: string | undefined;
  style: { width: number; left?: number };
}

function HeadCell(props: HeadCellProps) {
  const { title, group, field, sort } = props;
  const sorted = field !== null && sort.slice(1) === field ? sort[0] : null;
  const words = (
    <>
      <span className={styles["group"]}>{group}</span>
      <span className={styles["title"]}>
        <span>{title}</span>
        {sorted && <Icon name={sorted === "-" ? "sortDown" : "sortUp"} size={12} />}
      </span>
    </>
  );
  return (
    <div
      role="columnheader"
      aria-colindex={props.index + 1}
      aria-sort={sorted === "-" ? "descending" : sorted === "+" ? "ascending" : undefined}
      className={props.className}
      data-numeric={props.numeric}
      style={props.style}
    >
      {field === null ? (
        <span className={styles["label"]}>{words}</span>
      ) : (
        <button
          type="button"
          className={styles["label"]}
          title={`Sort by ${title}`}
          onClick={() => props.onSort(nextSort(sort, field, NEWEST_FIRST))}
        >
          {words}
        </button>
      )}
    </div>
  );
}
