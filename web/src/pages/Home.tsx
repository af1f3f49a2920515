import { projectHref } from "../app/routes";
import { useMe, useProjects } from "../state/queries";
import { Ago, EmptyNote, ErrorNote, Link, Skeleton } from "../ui";
import { plural } from "../ui/format";
import type { Project } from "../wire/shapes";
import { FirstRun } from "./FirstRun";
import styles from "./Home.module.css";
import { MissingPage } from "./Missing";

interface HomePageProps {
  /** Only this entity's projects; null for all. */
  entity: string | null;
}

export function HomePage({ entity }: HomePageProps) {
  const projects = useProjects();
  const me = useMe();
  if (projects.error && !projects.data) {
    const retry = () => void projects.refetch();
    return <ErrorNote error={projects.error} what="The projects" onRetry={retry} />;
  }
  const shown = projects.data?.filter((project) => entity === null || project.entity === entity);
  if (entity !== null && shown?.length === 0 && me.data && !me.data.entities.includes(entity)) {
    return <MissingPage what={`There is no user or team named “${entity}” here.`} />;
  }
  return (
    <div className={styles["page"]}>
      <header className={styles["head"]}>
        <h1>{entity === null ? "Projects" : entity}</h1>
        {shown && shown.length > 0 && (
          <p className={styles["sum"]}>
            {plural(shown.length, "project")},{" "}
            {plural(
              shown.reduce((sum, project) => sum + project.runs, 0),
              "run",
            )}
          </p>
        )}
      </header>
      {!shown && <Skeleton rows={6} rowHeight={56} label="Loading projects" />}
      {shown?.length === 0 && (
        <EmptyNote title="No projects yet">
          <p>A project appears here with its first run. This logs one to this server:</p>
          <FirstRun project="my-project" />
        </EmptyNote>
      )}
      {shown && shown.length > 0 && <ProjectList projects={shown} />}
    </div>
  );
}

function ProjectList({ projects }: { projects: Project[] }) {
  return (
    <ul className={styles["list"]}>
      {projects.map((project) => (
        <li key={`${project.entity}/${project.name}`}>
          <Link className={styles["row"]} href={projectHref(project.entity, project.name)}>
            <span className={styles["name"]}>
              <span className={styles["entity"]}>{project.entity} / </span>
              <strong>{project.name}</strong>
            </span>
            <span className={styles["running"]}>
              {project.running > 0 && (
                <>
                  <span className={styles["dot"]} aria-hidden="true" />
                  {project.running} running
                </>
              )}
            </span>
            <span className={styles["runs"]}>{plural(project.runs, "run")}</span>
            <span className={styles["when"]}>
              <Ago at={project.updated_at} />
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
