import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import type { ProjectPath } from "../wire/api";
import { MediaPanel } from "./MediaPanel";
import styles from "./MediaPanels.module.css";

interface MediaPanelsProps {
  panels: readonly Panel[];
  path: ProjectPath;
  drawn: DrawnRun[];
  onFill: (key: string) => void;
}

/** The media of a section, below its charts. */
export default function MediaPanels({ panels, path, drawn, onFill }: MediaPanelsProps) {
  return (
    <div className={styles["grid"]}>
      {panels.map((panel) => (
        <MediaPanel key={panel.key} panel={panel} path={path} drawn={drawn} onFill={onFill} />
      ))}
    </div>
  );
}
