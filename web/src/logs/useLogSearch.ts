import { useEffect, useState } from "react";
import { queryClient } from "../state/queries";
import { matcher } from "../state/sections";
import type { RunPath } from "../wire/api";
import { LINES_PER_PAGE } from "../wire/limits";
import { plainText } from "./ansi";
import { logQuery, type PlacedLine } from "./useLogPages";

export interface LogSearch {
  matches: PlacedLine[];
  /** Lines looked through so far. */
  searched: number;
  done: boolean;
  error: Error | null;
}

const NOTHING: LogSearch = { matches: [], searched: 0, done: true, error: null };
const MOST_MATCHES = 5_000;

/** Looks through the log page by page; null while nothing is looked for. */
export function useLogSearch(path: RunPath, search: string, errorsOnly: boolean): LogSearch | null {
  const active = search.trim() !== "" || errorsOnly;
  const [found, setFound] = useState<LogSearch>(NOTHING);
  const { entity, project, run } = path;
  useEffect(() => {
    if (!active) return;
    let dropped = false;
    const wanted = matcher(search);
    const lookThrough = async (): Promise<void> => {
      const matches: PlacedLine[] = [];
      let total = 1;
      for (let page = 0; page * LINES_PER_PAGE < total; page += 1) {
        const answer = await queryClient.fetchQuery(logQuery({ entity, project, run }, page));
        if (dropped) return;
        total = answer.total;
        for (const line of answer.lines) {
          if ((!errorsOnly || line.level === "error") && wanted(plainText(line.text))) {
            matches.push(line);
          }
        }
        const searched = Math.min((page + 1) * LINES_PER_PAGE, total);
        const done = searched >= total || matches.length >= MOST_MATCHES;
        setFound({ matches: [...matches], searched, done, error: null });
        if (done) return;
      }
    };
    setFound({ ...NOTHING, done: false });
    lookThrough().catch((cause: unknown) => {
      const error = cause instanceof Error ? cause : new Error(String(cause));
      if (!dropped) setFound((old) => ({ ...old, done: true, error }));
    });
    return () => {
      dropped = true;
    };
  }, [active, search, errorsOnly, entity, project, run]);
  return active ? found : null;
}
