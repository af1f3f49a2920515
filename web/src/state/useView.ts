import { useCallback, useMemo } from "react";
import { navigate, useSearch } from "wouter/use-browser-location";
import { queryOf, type View, viewOf } from "./view";

type Change = Partial<View> | ((now: View) => Partial<View>);
export type ChangeView = (change: Change, options?: { push?: boolean }) => void;

/** The view in the URL. Small changes replace the entry in the history, big ones add one. */
export function useView(): [View, ChangeView] {
  const search = useSearch();
  const view = useMemo(() => viewOf(search), [search]);
  const change = useCallback<ChangeView>((wanted, { push = false } = {}) => {
    // Read anew: two changes may come before the next drawing.
    const { pathname, search: now, hash } = window.location;
    const old = viewOf(now);
    const query = queryOf(
      { ...old, ...(typeof wanted === "function" ? wanted(old) : wanted) },
      now,
    );
    if (query === now.replace(/^\?/, "")) return;
    navigate(`${pathname}${query === "" ? "" : `?${query}`}${hash}`, { replace: !push });
  }, []);
  return [view, change];
}
