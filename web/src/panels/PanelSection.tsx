import { lazy, Suspense, useCallback, useMemo } from "react";
import type { DrawnRun } from "../state/runSet";
import type { Section } from "../state/sections";
import { useView } from "../state/useView";
import { toggled } from "../state/view";
import { Icon } from "../ui";
import type { ProjectPath, StreamName } from "../wire/api";
import { LinePanel } from "./LinePanel";
import styles from "./PanelSection.module.css";

// Most workspaces draw lines only: what media need comes with the first of them.
const MediaPanels = lazy(() => import("./MediaPanels"));

interface PanelSectionProps {
  section: Section;
  path: ProjectPath;
  drawn: DrawnRun[];
  stream: StreamName;
}

/** A folded section has no charts, and so asks for nothing. */
export function PanelSection({ section, path, drawn, stream }: PanelSectionProps) {
  const [view, change] = useView();
  // Stable, so that a change of the view draws only the charts that it concerns.
  const toggleLog = useCallback(
    (key: string) => change((now) => ({ logY: toggled(now.logY, key) })),
    [change],
  );
  const fill = useCallback(
    (key: string) => change(() => ({ full: key }), { push: true }),
    [change],
  );
  const folded = view.folded.has(section.name);
  const lines = useMemo(() => section.panels.filter((one) => !one.media), [section.panels]);
  const media = useMemo(() => section.panels.filter((one) => one.media), [section.panels]);
  return (
    <section className={styles["section"]} aria-label={section.name}>
      <h2 className={styles["head"]}>
        <button
          type="button"
          aria-expanded={!folded}
          onClick={() => change({ folded: toggled(view.folded, section.name) })}
        >
          <Icon name="chevron" size={14} className={styles["chevron"]} />
          {section.name}
          <span className={styles["count"]}>{section.panels.length}</span>
        </button>
      </h2>
      {!folded && lines.length > 0 && (
        <div className={styles["grid"]}>
          {lines.map((panel) => (
            <LinePanel
              key={panel.key}
              panel={panel}
              path={path}
              drawn={drawn}
              stream={stream}
              logY={view.logY.has(panel.key)}
              onToggleLog={toggleLog}
              onFill={fill}
            />
          ))}
        </div>
      )}
      {!folded && media.length > 0 && (
        <Suspense fallback={null}>
          <MediaPanels panels={media} path={path} drawn={drawn} onFill={fill} />
        </Suspense>
      )}
    </section>
  );
}
