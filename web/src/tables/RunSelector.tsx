import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useRef } from "react";
import { runHref } from "../app/routes";
import { useShortcuts } from "../app/shortcuts";
import { useFreshRuns } from "../state/live";
import { nameOf, type RunSet } from "../state/runSet";
import { useView } from "../state/useView";
import { withRunToggled } from "../state/view";
import { IconButton, Link, SearchBox, Skeleton, StateGlyph } from "../ui";
import { formatValue } from "../ui/format";
import { Swatch } from "../ui/Swatch";
import type { Run } from "../wire/shapes";
import styles from "./RunSelector.module.css";
import { RunsError } from "./RunsError";
import { useDragWidth } from "./useDragWidth";
import { useNextPage } from "./useNextPage";
import { useRowKeys } from "./useRowKeys";

const ROW = 30;

interface RunSelectorProps {
  entity: string;
  project: string;
  set: RunSet;
  /** Over the charts, where there is no room beside them. */
  floating: boolean;
  onClose: () => void;
}

export function RunSelector({ entity, project, set, floating, onClose }: RunSelectorProps) {
  const [view, change] = useView();
  const { runs, visible, total, query } = set;
  const scroller = useRef<HTMLDivElement>(null);
  const [width, dragger] = useDragWidth("ferrule.selector", 280);
  const rows = useVirtualizer({
    count: runs.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  const lastShown = items[items.length - 1]?.index ?? -1;
  useNextPage(query, lastShown, runs.length);
  useFreshRuns(
    { entity, project },
    items.flatMap((item) => runs[item.index]?.id ?? []),
  );
  const toggle = useCallback(
    (run: Run) =>
      change(
        withRunToggled(
          view,
          runs.map((each) => each.id),
          run.id,
        ),
      ),
    [change, view, runs],
  );
  useRowKeys({
    scroller,
    count: runs.length,
    scrollTo: (at) => rows.scrollToIndex(at),
    onSpace: (at) => runs[at] && toggle(runs[at]),
  });
  useShortcuts(floating ? { Escape: onClose } : {});
  return (
    <aside
      className={styles["selector"]}
      aria-label="Runs"
      data-floating={floating}
      style={floating ? undefined : { width }}
    >
      <div className={styles["head"]}>
        <SearchBox
          label="Search runs"
          value={view.runSearch}
          onChange={(runSearch) => change({ runSearch })}
          shortcut
        />
        <IconButton icon={floating ? "close" : "panel"} label="Hide the runs" onClick={onClose} />
      </div>
      <div className={styles["sum"]}>
        <span>
          {total === null
            ? "Loading"
            : `${formatValue(visible.size)} of ${formatValue(total)} shown`}
        </span>
        <span className={styles["busy"]}>{query.isFetching && query.data ? "Refreshing" : ""}</span>
      </div>
      {!query.data && !query.error && <Skeleton rows={12} rowHeight={ROW} label="Loading runs" />}
      <RunsError query={query} />
      {total === 0 && (
        <p className={styles["none"]}>
          No run matches “{view.runSearch}”.{" "}
          <button type="button" onClick={() => change({ runSearch: "" })}>
            Clear the search
          </button>
        </p>
      )}
      <div className={styles["scroller"]} ref={scroller}>
        <ul style={{ height: rows.getTotalSize() }} className={styles["rows"]}>
          {items.map((item) => {
            const run = runs[item.index];
            return (
              run && (
                <li
                  key={run.id}
                  data-index={item.index}
                  className={styles["row"]}
                  data-visible={visible.has(run.id)}
                  style={{ transform: `translateY(${item.start}px)`, height: ROW }}
                >
                  <RunRow
                    run={run}
                    href={runHref(entity, project, run.id)}
                    shown={visible.has(run.id)}
                    ink={set.inkOf(run.id)}
                    onToggle={toggle}
                  />
                </li>
              )
            );
          })}
        </ul>
      </div>
      {!floating && dragger}
    </aside>
  );
}

interface RunRowProps {
  run: Run;
  href: string;
  shown: boolean;
  ink: ReturnType<RunSet["inkOf"]>;
  onToggle: (run: Run) => void;
}

function RunRow({ run, href, shown, ink, onToggle }: RunRowProps) {
  return (
    <>
      <IconButton
        icon={shown ? "eye" : "eyeOff"}
        label={`Show ${nameOf(run)} in charts`}
        pressed={shown}
        size={15}
        className={styles["eye"]}
        onClick={() => onToggle(run)}
      />
      <Swatch ink={ink} faint={!shown} />
      <Link href={href} className={styles["name"]} title={nameOf(run)} data-row-link>
        {nameOf(run)}
      </Link>
      <StateGlyph state={run.state} />
    </>
  );
}
