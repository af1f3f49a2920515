import { lazy, Suspense, useState } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { type ProjectTab, projectHref } from "../app/routes";
import { useLive } from "../state/live";
import { nearestName } from "../state/nearestName";
import { useProjects, useRuns } from "../state/queries";
import { NEWEST_FIRST } from "../state/view";
import { ErrorNote, Tabs } from "../ui";
import { ServerError } from "../wire/http";
import { MissingPage } from "./Missing";
import styles from "./Project.module.css";
import { ProjectOverview } from "./ProjectOverview";
import { Workspace } from "./Workspace";

const RunsPage = lazy(() => import("./Runs"));

interface ProjectPageProps {
  entity: string;
  project: string;
  tab: ProjectTab;
}

export function ProjectPage({ entity, project, tab }: ProjectPageProps) {
  // Here, for it to outlast a look at another tab.
  const [listOpen, setListOpen] = useState<boolean | null>(null);
  const runs = useRuns({ entity, project }, "", NEWEST_FIRST);
  const missing = runs.error instanceof ServerError && runs.error.missing;
  useLive({ entity, project }, !missing);
  const projects = useProjects();
  if (missing && !runs.data) {
    const near = nearestName(
      `${entity}/${project}`,
      (projects.data ?? []).map((other) => `${other.entity}/${other.name}`),
    );
    const [nearEntity = "", nearProject = ""] = near?.split("/") ?? [];
    return (
      <MissingPage
        what={`There is no project “${project}” in “${entity}”.`}
        {...(near && {
          nearest: { text: near, href: projectHref(nearEntity, nearProject) },
        })}
      />
    );
  }
  const href = (name: ProjectTab) => projectHref(entity, project, name);
  const there = !runs.error || runs.data !== undefined;
  const total = runs.data?.pages[0]?.total;
  return (
    <div className={styles["page"]}>
      <h1 className="visually-hidden">{project}</h1>
      <Tabs
        label="Project"
        current={tab}
        tabs={[
          { name: "workspace", title: "Workspace", href: href("workspace") },
          { name: "runs", title: "Runs", href: href("runs"), count: total },
          { name: "overview", title: "Overview", href: href("overview") },
        ]}
      />
      {runs.error && !runs.data && (
        <ErrorNote error={runs.error} what="The runs" onRetry={() => void runs.refetch()} />
      )}
      <ErrorBoundary what="This tab" resetOn={tab}>
        <Suspense fallback={null}>
          {tab === "workspace" && there && (
            <Workspace
              entity={entity}
              project={project}
              listOpen={listOpen}
              onListOpen={setListOpen}
            />
          )}
          {tab === "runs" && there && <RunsPage entity={entity} project={project} />}
          {tab === "overview" && there && <ProjectOverview entity={entity} project={project} />}
        </Suspense>
      </ErrorBoundary>
    </div>
  );
}
