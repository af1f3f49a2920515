import { useState } from "react";
import { EmptyNote, ErrorNote, IconButton, SearchBox } from "../ui";
import { plural } from "../ui/format";
import type { RunPath } from "../wire/api";
import { LogList, type TimeMode } from "./LogList";
import styles from "./RunLogs.module.css";
import { useLogPages } from "./useLogPages";
import { useLogSearch } from "./useLogSearch";

interface RunLogsProps {
  path: RunPath;
  running: boolean;
  startedAt: string | null;
}

const TIME_MODES: readonly (readonly [TimeMode, string])[] = [
  ["off", "No times"],
  ["clock", "Clock"],
  ["relative", "Since start"],
];

/** What a run wrote to its terminal. */
export default function RunLogs({ path, running, startedAt }: RunLogsProps) {
  const [search, setSearch] = useState("");
  const [errorsOnly, setErrorsOnly] = useState(false);
  const [wrap, setWrap] = useState(false);
  const [follow, setFollow] = useState(window.location.hash === "");
  const [times, setTimes] = useState<TimeMode>("off");
  const [range, setRange] = useState<[number, number]>([0, 0]);
  const pages = useLogPages(path, range[0], range[1], running);
  const found = useLogSearch(path, search, errorsOnly);
  const count = found ? found.matches.length : (pages.total ?? 0);
  const lineAt = found ? (index: number) => found.matches[index] : pages.lineAt;
  return (
    <div className={styles["page"]}>
      <div className={styles["bar"]}>
        <div className={styles["search"]}>
          <SearchBox label="Search the log" value={search} onChange={setSearch} shortcut />
        </div>
        <label className={styles["switch"]}>
          <input
            type="checkbox"
            checked={errorsOnly}
            onChange={(event) => setErrorsOnly(event.target.checked)}
          />
          Errors only
        </label>
        <span className={styles["sum"]} role="status">
          {found
            ? `${plural(found.matches.length, "match", "matches")}${found.done ? "" : ` in ${plural(found.searched, "line")} so far`}`
            : pages.total !== null && plural(pages.total, "line")}
        </span>
        <label className={styles["field"]}>
          <span className="visually-hidden">Times</span>
          <select
            value={times}
            onChange={(event) =>
              setTimes(TIME_MODES.find(([mode]) => mode === event.target.value)?.[0] ?? "off")
            }
          >
            {TIME_MODES.map(([mode, word]) => (
              <option key={mode} value={mode}>
                {word}
              </option>
            ))}
          </select>
        </label>
        <IconButton
          icon="wrap"
          label="Wrap long lines"
          pressed={wrap}
          onClick={() => setWrap(!wrap)}
        />
        <IconButton
          icon="sortDown"
          label="Follow the end"
          pressed={follow}
          onClick={() => setFollow(!follow)}
        />
      </div>
      {(found?.error ?? pages.error) && (
        <ErrorNote
          small
          error={found?.error ?? pages.error ?? new Error()}
          what="The log"
          onRetry={pages.retry}
        />
      )}
      {pages.total === 0 && (
        <EmptyNote title="No output">
          <p>
            {running
              ? "The run has printed nothing so far. Lines appear here as they come."
              : "The run printed nothing, or its console was switched off."}
          </p>
        </EmptyNote>
      )}
      {pages.total !== 0 && (
        <LogList
          count={count}
          lineAt={lineAt}
          wrap={wrap}
          follow={follow && !found}
          times={times}
          startedAt={startedAt}
          onRange={(first, last) => {
            if (!found && (first !== range[0] || last !== range[1])) setRange([first, last]);
          }}
          onFollow={setFollow}
          onPick={
            found
              ? () => {
                  setSearch("");
                  setErrorsOnly(false);
                  setFollow(false);
                }
              : null
          }
        />
      )}
    </div>
  );
}
