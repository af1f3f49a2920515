import { memo, useRef } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { shortcutsOn } from "../app/shortcuts";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { IconButton } from "../ui";
import { useOnScreen } from "../ui/useOnScreen";
import type { ProjectPath, StreamName } from "../wire/api";
import styles from "./LinePanel.module.css";
import { LinePlot } from "./LinePlot";

interface LinePanelProps {
  panel: Panel;
  path: ProjectPath;
  drawn: DrawnRun[];
  stream: StreamName;
  logY: boolean;
  onToggleLog: (key: string) => void;
  onFill: (key: string) => void;
}

/** One metric's chart in its frame. Off screen it is an empty box that asks for nothing. */
export const LinePanel = memo(function LinePanel(props: LinePanelProps) {
  const { panel, path, drawn, stream, logY, onToggleLog, onFill } = props;
  const frame = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(frame);
  return (
    <article
      ref={frame}
      className={styles["panel"]}
      aria-label={panel.title}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey || !shortcutsOn()) return;
        if (event.key === "y") onToggleLog(panel.key);
        if (event.key === "f") onFill(panel.key);
      }}
    >
      <header className={styles["head"]}>
        <h3 title={panel.title}>{panel.label}</h3>
        <div className={styles["tools"]}>
          <button
            type="button"
            className={styles["log"]}
            aria-pressed={logY}
            title="Logarithmic y axis"
            aria-label={`Logarithmic y axis of ${panel.title}`}
            onClick={() => onToggleLog(panel.key)}
          >
            log
          </button>
          <IconButton
            icon="expand"
            size={14}
            label={`Enlarge ${panel.title}`}
            onClick={() => onFill(panel.key)}
          />
        </div>
      </header>
      <div className={styles["body"]}>
        {onScreen && (
          <ErrorBoundary what="This chart">
            <LinePlot panel={panel} path={path} drawn={drawn} stream={stream} />
          </ErrorBoundary>
        )}
      </div>
    </article>
  );
});
