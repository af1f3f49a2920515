/** Columns of the runs table. */

import { leavesOf, valueAt } from "../state/flatten";
import { matcher } from "../state/sections";
import { formatCell, formatDuration, formatValue } from "../ui/format";
import type { Run } from "../wire/shapes";

export interface Column {
  id: string;
  title: string;
  group: "" | "config" | "summary";
  width: number;
  numeric: boolean;
  /** What the server sorts by; null for what can't be sorted. */
  field: string | null;
  /** The runs don't all have the same here. */
  differing: boolean;
  /** Times are shown as how long ago. */
  time?: "created_at" | "heartbeat_at";
  text: (run: Run) => string;
}

type Fixed = Omit<Column, "group" | "differing">;

const ofRun = (column: Fixed): Column => ({ ...column, group: "", differing: true });

const FIXED: readonly Column[] = (
  [
    {
      id: "state",
      title: "State",
      width: 112,
      numeric: false,
      field: "state",
      text: (run) => run.state,
    },
    {
      id: "created",
      title: "Created",
      width: 108,
      numeric: false,
      field: "created_at",
      time: "created_at",
      text: (run) => run.created_at ?? "",
    },
    {
      id: "duration",
      title: "Duration",
      width: 92,
      numeric: true,
      field: "duration",
      text: (run) => (run.duration === null ? "" : formatDuration(run.duration)),
    },
    {
      id: "steps",
      title: "Steps",
      width: 80,
      numeric: true,
      field: null,
      text: (run) => (run.last_step < 0 ? "" : formatValue(run.last_step + 1)),
    },
    {
      id: "user",
      title: "User",
      width: 90,
      numeric: false,
      field: "username",
      text: (run) => run.user ?? "",
    },
    {
      id: "tags",
      title: "Tags",
      width: 140,
      numeric: false,
      field: null,
      text: (run) => run.tags.join(", "),
    },
  ] satisfies Fixed[]
).map(ofRun);

const LAST: readonly Column[] = (
  [
    {
      id: "group",
      title: "Group",
      width: 110,
      numeric: false,
      field: "group",
      text: (run) => run.group ?? "",
    },
    {
      id: "notes",
      title: "Notes",
      width: 180,
      numeric: false,
      field: null,
      text: (run) => run.notes ?? "",
    },
  ] satisfies Fixed[]
).map(ofRun);

const CHARACTER = 7.4;
const PADDING = 34;

function widthOf(title: string, texts: readonly string[]): number {
  const longest = Math.max(title.length, ...texts.map((text) => text.length));
  return Math.round(Math.min(Math.max(longest * CHARACTER + PADDING, 76), 220));
}

/** Numbers that JSON, or a browser, can't hold come as they are written. */
const WRITTEN = /^(NaN|-?Infinity|-?\d{16,})$/;

function isNumeric(value: unknown): boolean {
  return typeof value === "number" || (typeof value === "string" && WRITTEN.test(value));
}

type Values = Record<string, unknown>;

function leafColumns(objects: readonly Values[], group: "config" | "summary"): Column[] {
  const samples = new Map<string, unknown[]>();
  for (const object of objects) {
    for (const { path, value } of leavesOf(object)) {
      if (group === "summary" && path.startsWith("_")) continue;
      const found = samples.get(path);
      if (found) found.push(value);
      else samples.set(path, [value]);
    }
  }
  const paths = [...samples.keys()].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return paths.map((path) => {
    const values = samples.get(path) ?? [];
    return {
      id: `${group}.${path}`,
      title: path,
      group,
      width: widthOf(path, values.slice(0, 20).map(formatCell)),
      numeric: values.every(isNumeric),
      field: `${group === "config" ? "config" : "summary_metrics"}.${path}`,
      differing: values.length < objects.length || new Set(values.map(formatCell)).size > 1,
      text: (run) => formatCell(valueAt(run[group], path)),
    };
  });
}

/** The last answer again while the very same objects are asked about. */
function lastOf<T>(make: (objects: readonly Values[]) => T): (objects: readonly Values[]) => T {
  let last: { objects: readonly Values[]; made: T } | null = null;
  return (objects) => {
    const same =
      last?.objects.length === objects.length &&
      last.objects.every((object, at) => object === objects[at]);
    if (!last || !same) last = { objects, made: make(objects) };
    return last.made;
  };
}

export interface ColumnWish {
  search: string;
  differing: boolean;
}

/**
 * Makes columns that the loaded runs fill.
 *
 * News change a run's state and steps many times a second, its config hardly ever: hundreds of
 * columns over a thousand runs are looked through only when some config or summary is another.
 */
export function columnMaker(): (runs: readonly Run[], wish: ColumnWish) => Column[] {
  const configColumns = lastOf((objects) => leafColumns(objects, "config"));
  const summaryColumns = lastOf((objects) => leafColumns(objects, "summary"));
  return (runs, { search, differing }) => {
    const wanted = matcher(search);
    // Tags, notes and groups that nobody gave take no room.
    const own = (columns: readonly Column[]): Column[] =>
      columns.filter((column) => runs.some((run) => column.text(run) !== ""));
    const leaves = (columns: readonly Column[]): Column[] =>
      differing ? columns.filter((column) => column.differing) : [...columns];
    const all = [
      ...own(FIXED),
      ...leaves(summaryColumns(runs.map((run) => run.summary))),
      ...leaves(configColumns(runs.map((run) => run.config))),
      ...own(LAST),
    ];
    return all.filter((column) => wanted(column.title) || wanted(column.id));
  };
}

/** The order after a click on a column: first highest first, then lowest, then as it was. */
export function nextSort(sort: string, field: string, usual: string): string {
  if (sort === `-${field}`) return `+${field}`;
  if (sort === `+${field}`) return usual;
  return `-${field}`;
}
