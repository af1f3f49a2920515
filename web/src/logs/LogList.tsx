import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useRef, useState } from "react";
import { formatClock, formatDuration, formatUtc } from "../ui/format";
import type { LogLine } from "../wire/shapes";
import styles from "./LogList.module.css";
import { LogText } from "./LogText";
import type { PlacedLine } from "./useLogPages";

export type TimeMode = "off" | "clock" | "relative";

interface LogListProps {
  count: number;
  lineAt: (index: number) => PlacedLine | undefined;
  wrap: boolean;
  follow: boolean;
  times: TimeMode;
  startedAt: string | null;
  /** Which lines are on screen. */
  onRange: (first: number, last: number) => void;
  onFollow: (follow: boolean) => void;
  /** A line of a search was picked; null when all lines are shown. */
  onPick: (() => void) | null;
}

const LINE = 19;
const AT_END = 40;

/** `#L120` is the line shown as 120, whose position is 119: people count from one. */
function lineInAddress(): number | null {
  const found = /^#L(\d+)$/.exec(window.location.hash);
  return found ? Math.max(Number(found[1]) - 1, 0) : null;
}

/** Lines on screen, and no others. */
export function LogList(props: LogListProps) {
  const { count, lineAt, wrap, follow, times, startedAt, onRange, onFollow, onPick } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const [marked, setMarked] = useState(lineInAddress);
  const jump = useRef(marked);
  const lastTop = useRef(0);
  const rows = useVirtualizer({
    count,
    getScrollElement: () => scroller.current,
    estimateSize: () => LINE,
    overscan: 20,
  });
  const items = rows.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items[items.length - 1]?.index ?? 0;
  const tell = useRef(onRange);
  useEffect(() => {
    tell.current = onRange;
  });
  useEffect(() => {
    if (last >= first && count > 0) tell.current(first, last);
  }, [first, last, count]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: lines of another height are measured anew
  useEffect(() => rows.measure(), [wrap]);
  useEffect(() => {
    if (count === 0) return;
    if (jump.current !== null) {
      rows.scrollToIndex(Math.min(jump.current, count - 1), { align: "center" });
      if (jump.current < count) jump.current = null;
    } else if (follow) rows.scrollToIndex(count - 1, { align: "end" });
  }, [count, follow, rows]);
  // Of a search only some lines are there, with the places that they have.
  const digits = String(Math.max(count, (lineAt(count - 1)?.position ?? 0) + 1)).length;
  return (
    <div
      ref={scroller}
      className={styles["scroller"]}
      data-wrap={wrap}
      role="log"
      aria-label="Console output"
      aria-live="off"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too
      tabIndex={0}
      onScroll={(event) => {
        const box = event.currentTarget;
        const up = box.scrollTop < lastTop.current;
        lastTop.current = box.scrollTop;
        if (up && follow) onFollow(false);
        const atEnd = box.scrollHeight - box.scrollTop - box.clientHeight < AT_END;
        if (atEnd && !up && !follow && !onPick && jump.current === null && marked === null)
          onFollow(true);
      }}
    >
      <div className={styles["lines"]} style={{ height: rows.getTotalSize() }}>
        <div
          className={styles["window"]}
          style={{ transform: `translateY(${items[0]?.start ?? 0}px)` }}
        >
          {items.map((item) => {
            const line = lineAt(item.index);
            return (
              <div
                key={item.key}
                ref={wrap ? rows.measureElement : undefined}
                data-index={item.index}
                data-level={line?.level ?? undefined}
                data-marked={line !== undefined && line.position === marked}
                className={styles["line"]}
              >
                <a
                  className={styles["number"]}
                  style={{ minWidth: `${digits + 1}ch` }}
                  href={line ? `#L${line.position + 1}` : undefined}
                  onClick={() => {
                    if (!line) return;
                    setMarked(line.position);
                    if (!onPick) return;
                    jump.current = line.position;
                    onPick();
                  }}
                >
                  {line ? line.position + 1 : item.index + 1}
                </a>
                {times !== "off" && (
                  <span
                    className={styles["time"]}
                    title={line?.timestamp ? formatUtc(Date.parse(line.timestamp)) : undefined}
                  >
                    {line ? timeText(line, times, startedAt) : ""}
                  </span>
                )}
                {line?.label && <span className={styles["label"]}>{line.label}</span>}
                <span className={styles["text"]}>{line ? <LogText text={line.text} /> : "…"}</span>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function timeText(line: LogLine, mode: TimeMode, startedAt: string | null): string {
  const at = line.timestamp === null ? Number.NaN : Date.parse(line.timestamp);
  if (Number.isNaN(at)) return "";
  if (mode === "clock" || startedAt === null) return formatClock(at);
  return formatDuration(Math.max(0, (at - Date.parse(startedAt)) / 1000));
}
