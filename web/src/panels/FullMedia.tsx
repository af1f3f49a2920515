import { ErrorBoundary } from "../app/ErrorBoundary";
import { useShortcuts } from "../app/shortcuts";
import type { DrawnRun } from "../state/runSet";
import type { Panel } from "../state/sections";
import { useView } from "../state/useView";
import { Dialog } from "../ui";
import type { ProjectPath } from "../wire/api";
import { MediaBody } from "./MediaBody";
import { arrows } from "./OneMedia";
import { Stage } from "./Stage";

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
  const go = (to: number): void => {
    const next = panels[to];
    if (next) change({ full: next.key });
  };
  const close = () => change({ full: null });
  useShortcuts({ f: close, ...arrows(at, go) });
  if (!panel) return null;
  return (
    <Dialog title={panel.title} wide onClose={close}>
      <Stage word="panel" at={at} count={panels.length} onGo={go}>
        <ErrorBoundary what="This panel" key={panel.key}>
          <MediaBody panel={panel} path={path} drawn={drawn} large />
        </ErrorBoundary>
      </Stage>
    </Dialog>
  );
}
