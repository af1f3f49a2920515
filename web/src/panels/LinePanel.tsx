import { memo, useRef } from "react";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { useView } from "../state/useView";
import { toggled } from "../state/view";
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
}

/** One metric's chart in its frame. Off screen it is an empty box that asks for nothing. */
export const LinePanel = memo(function LinePanel({ panel, path, drawn, stream }: LinePanelProps) {
  const frame = useRef<HTMLElement>(null);
  const onScreen = useOnScreen(frame);
  const [view, change] = useView();
  const logY = view.logY.has(panel.key);
  const toggleLog = () => change({ logY: toggled(view.logY, panel.key) });
  const fill = () => change({ full: panel.key }, { push: true });
  return (
    <article
      ref={frame}
      className={styles["panel"]}
      aria-label={panel.title}
      onKeyDown={(event) => {
        if (event.ctrlKey || event.metaKey || event.altKey) return;
        if (event.key === "y") toggleLog();
        if (event.key === "f") fill();
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
            onClick={toggleLog}
          >
            log
          </button>
          <IconButton icon="expand" size={14} label={`Enlarge ${panel.title}`} onClick={fill} />
        </div>
      </header>
      <div className={styles["body"]}>
        {onScreen && <LinePlot panel={panel} path={path} drawn={drawn} stream={stream} />}
      </div>
    </article>
  );
});
