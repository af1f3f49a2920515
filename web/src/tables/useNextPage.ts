import { useEffect } from "react";
import type { RunSet } from "../state/runSet";

/** Rows from the end at which the next page is asked for. */
const AHEAD = 10;

/** Asks for the next page as the end of the list comes on screen. */
export function useNextPage(query: RunSet["query"], lastShown: number, count: number): void {
  const { hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage } = query;
  // After a failure only "Try again" or the next refresh asks: an effect would ask without end.
  const wanted =
    lastShown >= count - AHEAD && hasNextPage && !isFetchingNextPage && !isFetchNextPageError;
  useEffect(() => {
    if (wanted) void fetchNextPage();
  }, [wanted, fetchNextPage]);
}
