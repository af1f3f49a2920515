import type { RunSet } from "../state/runSet";
import { ErrorNote } from "../ui";

interface RunsErrorProps {
  query: RunSet["query"];
}

/** Why runs are missing, or older than they could be. */
export function RunsError({ query }: RunsErrorProps) {
  if (!query.error) return null;
  const loaded = query.data !== undefined;
  const next = query.isFetchNextPageError;
  return (
    <ErrorNote
      small={loaded}
      older={loaded && !next}
      error={query.error}
      what={next ? "More runs" : "The runs"}
      onRetry={() => void query.refetch()}
    />
  );
}
