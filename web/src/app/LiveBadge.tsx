import { useLiveState } from "../state/live";
import { formatAgo } from "../ui/format";
import { useNow } from "../ui/time";
import { type LiveState, live } from "../wire/live";
import styles from "./LiveBadge.module.css";

const WORDS: Record<Exclude<LiveState, "off">, string> = {
  live: "Live",
  connecting: "Connecting",
  polling: "Polling",
  paused: "Paused",
};

const STALE_MS = 20_000;

/** How fresh the page is. Quiet while all is well. */
export function LiveBadge() {
  const state = useLiveState();
  const now = useNow();
  if (state === "off") return null;
  const silent = live.heardAt > 0 && now - live.heardAt > STALE_MS;
  return (
    <span className={styles["badge"]} data-state={state} role="status">
      <span className={styles["dot"]} aria-hidden="true" />
      {WORDS[state]}
      {silent && (
        <span className={styles["since"]}>last update {formatAgo(live.heardAt, now)}</span>
      )}
    </span>
  );
}
