import { memo, useRef } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { shortcutsOn } from "../app/shortcuts";
import { MEDIA } from "../media/registry";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { IconButton } from "../ui";
import { useOnScreen } from "../ui/useOnScreen";
import type { ProjectPath } from "../wire/api";
import { MediaBody } from "./MediaBody";
import styles from "./MediaPanel.module.css";

interface MediaPanelProps {
  panel: Panel;
  path: ProjectPath;
  drawn: DrawnRun[];
  onFill: (key: string) => void;
}

/** What runs logged under one key that are no numbers. Off screen it asks for nothing. */
export const MediaPanel = memo(function MediaPanel({
  panel,
  path,
  drawn,
  onFill,
}: MediaPanelProps) {
  const frame = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(frame);
  const kind = panel.media ? MEDIA[panel.media] : null;
  return (
    <article
      ref={frame}
      className={styles["panel"]}
      data-width={kind?.width}
      aria-label={panel.title}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !shortcutsOn()) return;
        if (event.key === "f" && event.target === event.currentTarget) onFill(panel.key);
      }}
    >
      <header className={styles["head"]}>
        <h3 title={panel.title}>{panel.label}</h3>
        <IconButton
          icon="expand"
          size={14}
          label={`Enlarge ${panel.title}`}
          className={styles["tool"]}
          onClick={() => onFill(panel.key)}
        />
      </header>
      {onScreen && (
        <ErrorBoundary what="This panel">
          <MediaBody panel={panel} path={path} drawn={drawn} large={false} />
        </ErrorBoundary>
      )}
    </article>
  );
});
