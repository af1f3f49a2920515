import { EmptyNote } from "../ui";
import { FirstRun } from "./FirstRun";

interface EmptyProjectProps {
  entity: string;
  project: string;
}

export function EmptyProject({ entity, project }: EmptyProjectProps) {
  return (
    <EmptyNote title="No runs yet">
      <p>
        Nothing has been logged to {project}. Charts appear here with the first point of the first
        run; the page needs no reload. This logs one:
      </p>
      <FirstRun entity={entity} project={project} />
    </EmptyNote>
  );
}
