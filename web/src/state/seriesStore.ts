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

/** Lines, kept fresh while the component is shown; the same array as long as the wishes stay. */
export function useLines(path: ProjectPath, requests: readonly LineRequest[]): Line[] {
  const { entity, project } = path;
  const store = useMemo(() => seriesStoreOf({ entity, project }), [entity, project]);
  const version = useRef(0);
  const subscribe = useCallback(
    (changed: () => void) =>
      store.watch(requests, () => {
        version.current += 1;
        changed();
      }),
    [store, requests],
  );
  const now = useSyncExternalStore(subscribe, () => version.current);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the version tells of changed lines
  return useMemo(() => store.lines(requests), [store, requests, now]);
}
