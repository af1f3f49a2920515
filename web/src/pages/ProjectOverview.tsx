import { useProjects, useRuns } from "../state/queries";
import { NEWEST_FIRST } from "../state/view";
import { Ago } from "../ui";
import { formatDuration, formatValue } from "../ui/format";
import { FirstRun } from "./FirstRun";
import styles from "./ProjectOverview.module.css";

interface ProjectOverviewProps {
  entity: string;
  project: string;
}

export function ProjectOverview({ entity, project }: ProjectOverviewProps) {
  const projects = useProjects();
  const facts = projects.data?.find((each) => each.entity === entity && each.name === project);
  const pages = useRuns({ entity, project }, "", NEWEST_FIRST);
  const total = pages.data?.pages[0]?.total;
  const runs = pages.data?.pages.flatMap((page) => page.runs) ?? [];
  const secs = runs.reduce((sum, run) => sum + (run.duration ?? 0), 0);
  return (
    <div className={styles["page"]}>
      <h2 className={styles["title"]}>{project}</h2>
      <dl className={styles["facts"]}>
        <dt>Owner</dt>
        <dd>{entity}</dd>
        <dt>Runs</dt>
        <dd>{total === undefined ? "–" : formatValue(total)}</dd>
        <dt>Running now</dt>
        <dd>{facts?.running ?? runs.filter((run) => run.state === "running").length}</dd>
        <dt>Time spent</dt>
        <dd>
          {formatDuration(secs)}
          {pages.hasNextPage && ` in the newest ${runs.length} runs`}
        </dd>
        <dt>Created</dt>
        <dd>
          <Ago at={facts?.created_at ?? null} />
        </dd>
        <dt>Last update</dt>
        <dd>
          <Ago at={facts?.updated_at ?? null} />
        </dd>
      </dl>
      <h2 className={styles["title"]}>Log another run</h2>
      <FirstRun entity={entity} project={project} />
    </div>
  );
}
