/** Columns of the runs table. */

import { leavesOf, valueAt } from "../state/flatten";
import { matcher } from "../state/sections";
import { formatCell, formatCount, formatDuration } from "../ui/format";
import type { Run } from "../wire/shapes";

export interface Column {
  id: string;
  title: string;
  group: "" | "config" | "summary";
  width: number;
  numeric: boolean;
  /** What the server sorts by; null for what can't be sorted. */
  field: string | null;
  /** Times are shown as how long ago. */
  time?: "created_at" | "heartbeat_at";
  text: (run: Run) => string;
}

type Fixed = Omit<Column, "group">;

const FIXED: readonly Fixed[] = [
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
    text: (run) => (run.last_step < 0 ? "" : formatCount(run.last_step + 1)),
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
];

const LAST: readonly Fixed[] = [
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
];

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

function leafColumns(runs: readonly Run[], group: "config" | "summary"): Column[] {
  const samples = new Map<string, unknown[]>();
  for (const run of runs) {
    for (const { path, value } of leavesOf(run[group])) {
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
      text: (run) => formatCell(valueAt(run[group], path)),
    };
  });
}

export interface ColumnWish {
  search: string;
  differing: boolean;
}

/** Columns that the loaded runs fill. */
export function columnsOf(runs: readonly Run[], { search, differing }: ColumnWish): Column[] {
  const wanted = matcher(search);
  const all: Column[] = [
    ...FIXED.map((column) => ({ ...column, group: "" as const })),
    ...leafColumns(runs, "summary"),
    ...leafColumns(runs, "config"),
    ...LAST.map((column) => ({ ...column, group: "" as const })),
  ];
  return all.filter((column) => {
    if (!wanted(column.title) && !wanted(column.id)) return false;
    // Tags, notes and groups that nobody gave take no room.
    if (column.group === "") return runs.some((run) => column.text(run) !== "");
    return !differing || new Set(runs.map(column.text)).size > 1;
  });
}

/** The order after a click on a column: first highest first, then lowest, then as it was. */
export function nextSort(sort: string, field: string, usual: string): string {
  if (sort === `-${field}`) return `+${field}`;
  if (sort === `+${field}`) return usual;
  return `-${field}`;
}
