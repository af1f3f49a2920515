/** How a workspace is looked at. All of it is in the URL, so that back and reload restore it. */

export type XChoice = "auto" | "step" | "relative" | "wall";

export interface Zoom {
  /** The x key that is zoomed; charts over other keys are not. */
  x: string;
  min: number;
  max: number;
}

export interface Limits {
  min: number;
  max: number;
}

export interface View {
  x: XChoice;
  /** 0 for none, up to 0.99. */
  smoothing: number;
  logY: ReadonlySet<string>;
  zoom: Zoom | null;
  /** Limits of single charts' y axes, by key. */
  yZoom: ReadonlyMap<string, Limits>;
  folded: ReadonlySet<string>;
  /** Runs shown though they are not among the first, and runs hidden though they are. */
  shown: ReadonlySet<string>;
  hidden: ReadonlySet<string>;
  panelSearch: string;
  runSearch: string;
  /** Order of the runs table: a column's field after + or -. */
  sort: string;
  columnSearch: string;
  /** Only columns in which the runs differ. */
  differing: boolean;
  /** The chart that fills the window. */
  full: string | null;
  /** The step that media are shown at, or the last one before it; null for the latest. */
  mediaStep: number | null;
}

export const NEWEST_FIRST = "-created_at";

const X_CHOICES: readonly XChoice[] = ["auto", "step", "relative", "wall"];
const MOST_SMOOTHING = 0.99;

function zoomOf(text: string | null): Zoom | null {
  if (text === null) return null;
  const parts = text.split(",");
  const max = Number(parts.pop());
  const min = Number(parts.pop());
  const x = parts.join(",");
  return x !== "" && Number.isFinite(min) && Number.isFinite(max) && min < max
    ? { x, min, max }
    : null;
}

function yZoomOf(texts: readonly string[]): Map<string, Limits> {
  const zooms = texts.map(zoomOf).filter((zoom) => zoom !== null);
  return new Map(zooms.map(({ x: key, min, max }) => [key, { min, max }]));
}

function stepOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}

export function viewOf(query: string): View {
  const search = new URLSearchParams(query);
  const smoothing = Number(search.get("smooth") ?? 0);
  return {
    x: X_CHOICES.find((choice) => choice === search.get("x")) ?? "auto",
    smoothing: smoothing > 0 ? Math.min(smoothing, MOST_SMOOTHING) : 0,
    logY: new Set(search.getAll("logy")),
    zoom: zoomOf(search.get("zoom")),
    yZoom: yZoomOf(search.getAll("yzoom")),
    folded: new Set(search.getAll("fold")),
    shown: new Set(search.getAll("show")),
    hidden: new Set(search.getAll("hide")),
    panelSearch: search.get("panels") ?? "",
    runSearch: search.get("runs") ?? "",
    sort: search.get("sort") ?? NEWEST_FIRST,
    columnSearch: search.get("columns") ?? "",
    differing: search.get("differing") === "1",
    full: search.get("full"),
    mediaStep: stepOf(search.get("at")),
  };
}

/** The query of a view. Parameters that are none of a view's stay as they are. */
export function queryOf(view: View, query: string): string {
  const search = new URLSearchParams(query);
  const put = (name: string, values: Iterable<string>): void => {
    search.delete(name);
    for (const value of values) search.append(name, value);
  };
  const one = (value: string): string[] => (value === "" ? [] : [value]);
  put("x", view.x === "auto" ? [] : [view.x]);
  put("smooth", view.smoothing > 0 ? [String(Number(view.smoothing.toFixed(3)))] : []);
  put("logy", view.logY);
  put("zoom", view.zoom ? [`${view.zoom.x},${view.zoom.min},${view.zoom.max}`] : []);
  put(
    "yzoom",
    [...view.yZoom].map(([key, { min, max }]) => `${key},${min},${max}`),
  );
  put("fold", view.folded);
  put("show", view.shown);
  put("hide", view.hidden);
  put("panels", one(view.panelSearch));
  put("runs", one(view.runSearch));
  put("sort", view.sort === NEWEST_FIRST ? [] : [view.sort]);
  put("columns", one(view.columnSearch));
  put("differing", view.differing ? ["1"] : []);
  put("full", view.full === null ? [] : [view.full]);
  put("at", view.mediaStep === null ? [] : [String(view.mediaStep)]);
  return search.toString();
}

const X_KEYS: Record<Exclude<XChoice, "auto">, string> = {
  step: "_step",
  relative: "_runtime",
  wall: "_timestamp",
};

/** The key that a metric is drawn over. */
export const xKeyOf = (choice: XChoice, defaultX: string): string =>
  choice === "auto" ? defaultX : X_KEYS[choice];

/** A copy of the set with the item put in or taken out. */
export function toggled(set: ReadonlySet<string>, item: string): ReadonlySet<string> {
  const next = new Set(set);
  if (!next.delete(item)) next.add(item);
  return next;
}

export const FIRST_RUNS = 10;
/** More lines than this in one chart can't be told apart, and cost too much. */
export const MOST_RUNS = 1000;

/** The runs that charts draw: the first ones, but for what the viewer switched. */
export function visibleRuns(
  ids: readonly string[],
  view: Pick<View, "shown" | "hidden">,
): string[] {
  return ids
    .filter((id, at) => (at < FIRST_RUNS || view.shown.has(id)) && !view.hidden.has(id))
    .slice(0, MOST_RUNS);
}

/** Runs that are to be drawn though the list has not come to them. */
export function farRuns(ids: readonly string[], view: Pick<View, "shown" | "hidden">): string[] {
  if (view.shown.size === 0) return [];
  const near = new Set(ids);
  return [...view.shown].filter((id) => !near.has(id) && !view.hidden.has(id)).sort();
}

/** The view after a run's eye was clicked. */
export function withRunToggled(view: View, ids: readonly string[], id: string): View {
  const first = ids.indexOf(id) >= 0 && ids.indexOf(id) < FIRST_RUNS;
  return first
    ? { ...view, hidden: toggled(view.hidden, id) }
    : {
        ...view,
        shown: toggled(view.shown, id),
        hidden: new Set([...view.hidden].filter((h) => h !== id)),
      };
}
