import { ErrorBoundary } from "../app/ErrorBoundary";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { useView } from "../state/useView";
import { Dialog, IconButton } from "../ui";
import type { ProjectPath } from "../wire/api";
import styles from "./FullPanel.module.css";
import { MediaBody } from "./MediaBody";

interface FullMediaProps {
  path: ProjectPath;
  panels: readonly Panel[];
  at: number;
  drawn: DrawnRun[];
}

/** One key's media in the whole window. */
export default function FullMedia({ path, panels, at, drawn }: FullMediaProps) {
  const [, change] = useView();
  const panel = panels[at];
  if (!panel) return null;
  const go = (to: number): void => {
    const next = panels[to];
    if (next) change({ full: next.key });
  };
  return (
    <Dialog title={panel.title} wide onClose={() => change({ full: null })}>
      <div className={styles["tools"]}>
        <IconButton
          icon="arrowLeft"
          label="Previous panel"
          disabled={at === 0}
          onClick={() => go(at - 1)}
        />
        <IconButton
          icon="arrowLeft"
          label="Next panel"
          className={styles["next"]}
          disabled={at === panels.length - 1}
          onClick={() => go(at + 1)}
        />
        <span className={styles["place"]}>
          {at + 1} of {panels.length}
        </span>
      </div>
      <div className={styles["media"]} key={panel.key}>
        <ErrorBoundary what="This panel">
          <MediaBody panel={panel} path={path} drawn={drawn} large />
        </ErrorBoundary>
      </div>
    </Dialog>
  );
}
