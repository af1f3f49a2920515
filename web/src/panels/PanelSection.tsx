import { useCallback } from "react";
import type { DrawnRun } from "../state/runSet";
import type { Section } from "../state/sections";
import { useView } from "../state/useView";
import { toggled } from "../state/view";
import { Icon } from "../ui";
import type { ProjectPath, StreamName } from "../wire/api";
import { LinePanel } from "./LinePanel";
import styles from "./PanelSection.module.css";

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
      {!folded && (
        <div className={styles["grid"]}>
          {section.panels.map((panel) => (
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
    </section>
  );
}
