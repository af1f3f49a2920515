import { useState } from "react";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { Button } from "../ui";
import type { ProjectPath } from "../wire/api";
import { MediaPanel } from "./MediaPanel";
import styles from "./MediaPanels.module.css";

interface MediaPanelsProps {
  panels: readonly Panel[];
  path: ProjectPath;
  drawn: DrawnRun[];
  onFill: (key: string) => void;
}

/** A page of keys: some runs log an image under each of thousands. */
const PANELS_AT_ONCE = 60;

/** The media of a section, below its charts. */
export default function MediaPanels({ panels, path, drawn, onFill }: MediaPanelsProps) {
  const [most, setMost] = useState(PANELS_AT_ONCE);
  return (
    <>
      <div className={styles["grid"]}>
        {panels.slice(0, most).map((panel) => (
          <MediaPanel key={panel.key} panel={panel} path={path} drawn={drawn} onFill={onFill} />
        ))}
      </div>
      {panels.length > most && (
        <p className={styles["more"]}>
          {most} of {panels.length} keys are shown.{" "}
          <Button onClick={() => setMost(most + PANELS_AT_ONCE)}>
            Show {Math.min(panels.length - most, PANELS_AT_ONCE)} more
          </Button>
        </p>
      )}
    </>
  );
}
