import { PanelArea } from "../panels/PanelArea";
import { PanelSkeleton } from "../panels/PanelSkeleton";
import { useRunSet } from "../state/runSet";
import { useView } from "../state/useView";
import { NEWEST_FIRST } from "../state/view";
import { RunSelector } from "../tables/RunSelector";
import { EmptyNote, ErrorNote } from "../ui";
import { useMedia } from "../ui/useMedia";
import { EmptyProject } from "./EmptyProject";
import styles from "./Workspace.module.css";

interface WorkspaceProps {
  entity: string;
  project: string;
  /** Null until the viewer chose: then it depends on the room. */
  listOpen: boolean | null;
  onListOpen: (open: boolean) => void;
}

export function Workspace({ entity, project, listOpen, onListOpen }: WorkspaceProps) {
  const set = useRunSet({ entity, project }, NEWEST_FIRST);
  const [view] = useView();
  const narrow = useMedia("(max-width: 760px)");
  const shown = listOpen ?? !narrow;
  if (set.query.error && !set.query.data) {
    const retry = () => void set.query.refetch();
    return <ErrorNote error={set.query.error} what="The runs" onRetry={retry} />;
  }
  if (set.total === 0 && view.runSearch === "") {
    return <EmptyProject entity={entity} project={project} />;
  }
  return (
    <div className={styles["workspace"]} data-open={shown}>
      {shown && (
        <RunSelector
          entity={entity}
          project={project}
          set={set}
          floating={narrow}
          onClose={() => onListOpen(false)}
        />
      )}
      {set.total === 0 && (
        <EmptyNote title={`No run matches “${view.runSearch}”`}>
          <p>Charts appear when the search of the list finds runs.</p>
        </EmptyNote>
      )}
      {set.total !== 0 && set.query.data && (
        <PanelArea
          path={{ entity, project }}
          drawn={set.drawn}
          stream="history"
          onOpenRuns={shown ? null : () => onListOpen(true)}
        />
      )}
      {!set.query.data && <PanelSkeleton />}
    </div>
  );
}
