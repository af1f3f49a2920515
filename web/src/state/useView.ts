import { useCallback, useMemo } from "react";
import { navigate, useSearch } from "wouter/use-browser-location";
import { queryOf, type View, viewOf } from "./view";

export type ChangeView = (change: Partial<View>, options?: { push?: boolean }) => void;

/** The view in the URL. Small changes replace the entry in the history, big ones add one. */
export function useView(): [View, ChangeView] {
  const search = useSearch();
  const view = useMemo(() => viewOf(search), [search]);
  const change = useCallback<ChangeView>((wanted, { push = false } = {}) => {
    // Read anew: two changes may come before the next drawing.
    const { pathname, search: now, hash } = window.location;
    const query = queryOf({ ...viewOf(now), ...wanted }, now);
    if (query === now.replace(/^\?/, "")) return;
    navigate(`${pathname}${query === "" ? "" : `?${query}`}${hash}`, { replace: !push });
  }, []);
  return [view, change];
}
