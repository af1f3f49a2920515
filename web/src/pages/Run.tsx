import { lazy, Suspense, useMemo } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { projectHref, type RunTab, runHref } from "../app/routes";
import { PanelArea } from "../panels/PanelArea";
import { PanelSkeleton } from "../panels/PanelSkeleton";
import { useLive } from "../state/live";
import { useRun } from "../state/queries";
import { nameOf, useInkOf } from "../state/runSet";
import { ErrorNote, StateGlyph, Tabs } from "../ui";
import { Swatch } from "../ui/Swatch";
import { ServerError } from "../wire/http";
import { MissingPage } from "./Missing";
import styles from "./Run.module.css";
import { RunFiles } from "./RunFiles";
import { RunOverview } from "./RunOverview";

const RunLogs = lazy(() => import("../logs/RunLogs"));

interface RunPageProps {
  entity: string;
  project: string;
  run: string;
  tab: RunTab;
}

export default function RunPage({ entity, project, run: id, tab }: RunPageProps) {
  const path = useMemo(() => ({ entity, project, run: id }), [entity, project, id]);
  const query = useRun(path);
  const missing = query.error instanceof ServerError && query.error.missing;
  useLive({ entity, project }, !missing, id);
  const inkOf = useInkOf(`${entity}/${project}`);
  const run = query.data;
  const name = run ? nameOf(run) : id;
  const drawn = useMemo(() => [{ id, name, ink: inkOf(id) }], [id, name, inkOf]);
  if (query.error && !run) {
    if (missing) {
      return (
        <MissingPage
          what={`There is no run “${id}” in ${entity}/${project}.`}
          instead={{ text: `Runs of ${project}`, href: projectHref(entity, project, "runs") }}
        />
      );
    }
    return <ErrorNote error={query.error} what="The run" onRetry={() => void query.refetch()} />;
  }
  const href = (to: RunTab) => runHref(entity, project, id, to);
  return (
    <div className={styles["page"]}>
      <header className={styles["head"]}>
        <Swatch ink={inkOf(id)} />
        <h1 title={name}>{name}</h1>
        {run && <StateGlyph state={run.state} withWord />}
      </header>
      <Tabs
        label="Run"
        current={tab}
        tabs={[
          { name: "overview", title: "Overview", href: href("overview") },
          { name: "workspace", title: "Charts", href: href("workspace") },
          { name: "logs", title: "Logs", href: href("logs") },
          { name: "system", title: "System", href: href("system") },
          { name: "files", title: "Files", href: href("files"), count: run?.files },
        ]}
      />
      <ErrorBoundary what="This tab" resetOn={tab}>
        {tab === "overview" && <RunOverview path={path} run={run ?? null} />}
        {tab === "workspace" && <PanelArea path={path} drawn={drawn} stream="history" />}
        {tab === "system" && <PanelArea path={path} drawn={drawn} stream="events" />}
        {tab === "files" && <RunFiles path={path} />}
        {tab === "logs" && (
          <Suspense fallback={<PanelSkeleton />}>
            <RunLogs
              path={path}
              running={run?.state === "running"}
              startedAt={run?.created_at ?? null}
            />
          </Suspense>
        )}
      </ErrorBoundary>
    </div>
  );
}
