import { Suspense, useState } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import type { ItemViewProps, MediaKind } from "../media/registry";
import type { DrawnRun } from "../state/runSet";
import { Button, IconButton } from "../ui";
import { formatValue, plural } from "../ui/format";
import { Swatch } from "../ui/Swatch";
import styles from "./MediaRun.module.css";
import { Keep } from "./OneMedia";

interface MediaRunProps {
  run: DrawnRun;
  /** The step that is shown, where it is not the one that was chosen. */
  step: number | null;
  items: readonly ItemViewProps[];
  kind: MediaKind;
  named: boolean;
  large: boolean;
  onOpen: (index: number) => void;
  /** Whether an item is among those to be compared. */
  isPicked: (index: number) => boolean;
  onPick: (one: ItemViewProps) => void;
}

const ITEMS_AT_ONCE = 24;

/** What one run logged at a step: a tile for each item. */
export function MediaRun(props: MediaRunProps) {
  const { run, step, items, kind, named, large, onOpen, isPicked, onPick } = props;
  const [most, setMost] = useState(ITEMS_AT_ONCE);
  const Item = kind.Item;
  if (!Item || items.length === 0) return null;
  const shown = items.slice(0, most);
  return (
    <section className={styles["run"]} aria-label={run.name} data-width={kind.width}>
      {(named || step !== null) && (
        <h4 className={styles["head"]}>
          {named && <Swatch ink={run.ink} />}
          {named && <span title={run.name}>{run.name}</span>}
          {step !== null && <small>step {formatValue(step)}</small>}
        </h4>
      )}
      <ul className={styles["tiles"]} data-large={large} data-count={Math.min(items.length, 3)}>
        {shown.map((one) => (
          <li key={one.item.index} className={styles["tile"]}>
            <div className={styles["view"]}>
              <ErrorBoundary what={`This ${kind.word}`}>
                <Suspense fallback={<div className={styles["wait"]} />}>
                  <Item {...one} large={false} />
                </Suspense>
              </ErrorBoundary>
            </div>
            {kind.width === "panel" && (
              <div className={styles["caption"]}>
                <span title={one.item.caption ?? undefined}>{one.item.caption}</span>
                <span className={styles["tools"]}>
                  <IconButton
                    icon="compare"
                    size={13}
                    label={`Compare ${one.label}`}
                    pressed={isPicked(one.item.index)}
                    onClick={() => onPick(one)}
                  />
                  <Keep one={one} quiet />
                  <IconButton
                    icon="expand"
                    size={13}
                    label={`Enlarge ${one.label}`}
                    onClick={() => onOpen(one.item.index)}
                  />
                </span>
              </div>
            )}
          </li>
        ))}
      </ul>
      {items.length > most && (
        <Button onClick={() => setMost(most + 4 * ITEMS_AT_ONCE)}>
          Show {plural(Math.min(items.length - most, 4 * ITEMS_AT_ONCE), `more ${kind.word}`)}
        </Button>
      )}
    </section>
  );
}
