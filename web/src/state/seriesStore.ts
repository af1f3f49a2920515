/** The lines of the project on screen. */

import { useCallback, useMemo, useRef, useSyncExternalStore } from "react";
import { type ProjectPath, readSeries } from "../wire/api";
import { type Line, type LineRequest, SeriesStore } from "./series";

const MOST_PROJECTS = 3;
const stores = new Map<string, SeriesStore>();

export function seriesStoreOf(path: ProjectPath): SeriesStore {
  const name = `${path.entity}/${path.project}`;
  const found = stores.get(name) ?? new SeriesStore(path, readSeries);
  // Most recent last; the ones left longest ago go first.
  stores.delete(name);
  stores.set(name, found);
  for (const old of [...stores.keys()].slice(0, -MOST_PROJECTS)) stores.delete(old);
  return found;
}

/** Lines, kept fresh while the component is shown. `requests` may be a new array every time. */
export function useLines(path: ProjectPath, requests: readonly LineRequest[]): Line[] {
  const { entity, project } = path;
  const store = useMemo(() => seriesStoreOf({ entity, project }), [entity, project]);
  const name = JSON.stringify(requests);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `name` spells the requests out
  const same = useMemo(() => requests, [name]);
  const version = useRef(0);
  const subscribe = useCallback(
    (changed: () => void) =>
      store.watch(same, () => {
        version.current += 1;
        changed();
      }),
    [store, same],
  );
  const now = useSyncExternalStore(subscribe, () => version.current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version tells of changed lines
  return useMemo(() => store.lines(same), [store, same, now]);
}
