import { lazy, Suspense, useState } from "react";
import type { LayerChoice } from "../media/layers";
import type { MediaKind } from "../media/registry";
import { Button } from "../ui";
import { plural } from "../ui/format";
import styles from "./CompareBar.module.css";
import { LEAST_PICKS, MOST_PICKS, type Pick } from "./picks";

const CompareMedia = lazy(() => import("./CompareMedia"));

interface CompareBarProps {
  picks: readonly Pick[];
  kind: MediaKind;
  choice: LayerChoice;
  onChoose: (choice: LayerChoice) => void;
  onClear: () => void;
}

/** What is picked to be compared, and the way there. */
export function CompareBar({ picks, kind, choice, onChoose, onClear }: CompareBarProps) {
  const [open, setOpen] = useState(false);
  if (picks.length === 0) return null;
  return (
    <div className={styles["bar"]}>
      <span role="status">
        {plural(picks.length, kind.word)} picked
        <small>
          {picks.length < MOST_PICKS
            ? ", of this step or of others"
            : ", which is as many as can be"}
        </small>
      </span>
      <Button look="primary" disabled={picks.length < LEAST_PICKS} onClick={() => setOpen(true)}>
        Compare
      </Button>
      <Button onClick={onClear}>Clear</Button>
      {open && (
        <Suspense fallback={null}>
          <CompareMedia
            picks={picks}
            kind={kind}
            choice={choice}
            onChoose={onChoose}
            onClose={() => setOpen(false)}
          />
        </Suspense>
      )}
    </div>
  );
}
