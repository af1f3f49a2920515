import { lazy, Suspense, useMemo } from "react";
import { useCustomCharts, useKeys } from "../state/queries";
import type { DrawnRun } from "../state/runSet";
import { systemSectionsOf, workspaceOf } from "../state/sections";
import { useView } from "../state/useView";
import { EmptyNote, ErrorNote } from "../ui";
import type { ProjectPath, StreamName } from "../wire/api";
import styles from "./PanelArea.module.css";
import { PanelSection } from "./PanelSection";
import { PanelSkeleton } from "./PanelSkeleton";
import { Toolbar } from "./Toolbar";

const FullPanel = lazy(() => import("./FullPanel"));
const FullMedia = lazy(() => import("./FullMedia"));

interface PanelAreaProps {
  path: ProjectPath;
  drawn: DrawnRun[];
  stream: StreamName;
  /** Brings the list of runs back; null while it is there. */
  onOpenRuns?: (() => void) | null;
}

/** Sections of charts, one for each metric of the runs shown. */
export function PanelArea({ path, drawn, stream, onOpenRuns = null }: PanelAreaProps) {
  const [view, change] = useView();
  const ids = useMemo(() => drawn.map((run) => run.id), [drawn]);
  const keys = useKeys({ ...path, runs: ids, stream }, ids.length > 0);
  const charts = useCustomCharts(path, ids, stream === "history");
  const sections = useMemo(() => {
    if (!keys.data) return [];
    if (stream === "events") return systemSectionsOf(keys.data.keys, view.panelSearch);
    const { keys: all, metrics } = keys.data;
    return workspaceOf(all, metrics, charts.data ?? [], view.panelSearch);
  }, [keys.data, charts.data, stream, view.panelSearch]);
  const panels = useMemo(() => sections.flatMap((section) => section.panels), [sections]);
  const full = panels.findIndex((panel) => panel.key === view.full);
  return (
    <div className={styles["area"]}>
      <Toolbar count={panels.length} onOpenRuns={onOpenRuns} />
      <div className={styles["scroller"]}>
        {keys.error && !keys.data && (
          <ErrorNote error={keys.error} what="The charts" onRetry={() => void keys.refetch()} />
        )}
        {keys.isLoading && <PanelSkeleton />}
        {ids.length === 0 && (
          <EmptyNote title="No run is shown">
            <p>Switch on a run’s eye in the list to draw it here.</p>
          </EmptyNote>
        )}
        {ids.length > 0 && keys.data && panels.length === 0 && (
          <NoPanels search={view.panelSearch} onClear={() => change({ panelSearch: "" })} />
        )}
        {ids.length > 0 &&
          sections.map((section) => (
            <PanelSection
              key={section.name}
              section={section}
              path={path}
              drawn={drawn}
              stream={stream}
            />
          ))}
      </div>
      {full >= 0 && (
        <Suspense fallback={null}>
          {panels[full]?.media ? (
            <FullMedia path={path} panels={panels} at={full} drawn={drawn} />
          ) : (
            <FullPanel path={path} panels={panels} at={full} drawn={drawn} stream={stream} />
          )}
        </Suspense>
      )}
    </div>
  );
}

interface NoPanelsProps {
  search: string;
  onClear: () => void;
}

function NoPanels({ search, onClear }: NoPanelsProps) {
  if (search === "") {
    return (
      <EmptyNote title="Nothing to draw yet">
        <p>The runs shown have logged neither numbers nor media. Panels appear with the first.</p>
      </EmptyNote>
    );
  }
  return (
    <EmptyNote title={`No chart matches “${search}”`}>
      <p>The search takes part of a metric’s name, or a regular expression.</p>
      <p>
        <button type="button" className={styles["clear"]} onClick={onClear}>
          Clear the search
        </button>
      </p>
    </EmptyNote>
  );
}
