/** What components know of news: who follows what, and which runs are on screen. */

import { useEffect, useSyncExternalStore } from "react";
import type { ProjectPath } from "../wire/api";
import { type LiveState, live } from "../wire/live";
import { followerOf } from "./news";

/** Follows a project, or one run of it, while the component is shown and it is not missing. */
export function useLive({ entity, project }: ProjectPath, there: boolean, run?: string): void {
  useEffect(() => {
    if (!there) return;
    const topic = run ? `run:${entity}/${project}/${run}` : `project:${entity}/${project}`;
    live.follow([topic]);
    const stop = live.listen({
      onRun: (event) => followerOf(event).hear(event),
      onGap: () => followerOf({ entity, project }).catchUp(),
    });
    return () => {
      stop();
      live.follow([]);
    };
  }, [entity, project, there, run]);
}

/** Keeps a list's runs fresh, as far as they are on screen. */
export function useFreshRuns({ entity, project }: ProjectPath, shown: readonly string[]): void {
  const spelled = shown.join("\n");
  useEffect(() => {
    followerOf({ entity, project }).freshRuns.show(spelled.split("\n"));
  }, [entity, project, spelled]);
  useEffect(() => () => followerOf({ entity, project }).freshRuns.show([]), [entity, project]);
}

export const useLiveState = (): LiveState =>
  useSyncExternalStore(
    (changed) => live.watch(changed),
    () => live.state,
  );
