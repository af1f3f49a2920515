/** How a table is looked at; it is in the URL, as all that one would want back. */

import { useCallback, useMemo } from "react";
import { navigate, useSearch } from "wouter/use-browser-location";
import { isRecord } from "../wire/check";
import type { Condition, TableOrder } from "../wire/media";

export interface TableView {
  conditions: readonly Condition[];
  /** Whether all conditions have to be met, or any of them. */
  any: boolean;
  /** Conditions as a text, such as `row["loss"] > 1`. */
  expression: string;
  sort: readonly TableOrder[];
  group: readonly string[];
  /** Whether histograms count by the logarithm. */
  log: boolean;
}

export const PLAIN_TABLE: TableView = {
  conditions: [],
  any: false,
  expression: "",
  sort: [],
  group: [],
  log: false,
};

const recordsOf = (value: unknown): Record<string, unknown>[] =>
  Array.isArray(value) ? value.filter(isRecord) : [];

function conditionOf(value: Record<string, unknown>): Condition[] {
  const { column, op } = value;
  return typeof column === "string" && typeof op === "string"
    ? [{ column, op, value: value["value"] ?? null }]
    : [];
}

function orderOf(value: Record<string, unknown>): TableOrder[] {
  const { column, descending } = value;
  return typeof column === "string" || column === null
    ? [{ column, descending: descending === true }]
    : [];
}

/** Reads a view from the URL; what can't be read is left out. */
export function tableViewOf(text: string | null): TableView {
  let read: unknown;
  try {
    read = JSON.parse(text ?? "null");
  } catch {
    read = null;
  }
  if (!isRecord(read)) return PLAIN_TABLE;
  const group = Array.isArray(read["group"]) ? read["group"] : [];
  return {
    conditions: recordsOf(read["conditions"]).flatMap(conditionOf),
    any: read["any"] === true,
    expression: typeof read["expression"] === "string" ? read["expression"] : "",
    sort: recordsOf(read["sort"]).flatMap(orderOf),
    group: group.filter((name): name is string => typeof name === "string"),
    log: read["log"] === true,
  };
}

/** Writes only what is not as usual; empty for a view that is. */
export function textOfTableView(view: TableView): string {
  const changed = Object.entries(view).filter(([, value]) =>
    Array.isArray(value) ? value.length > 0 : value !== false && value !== "",
  );
  return changed.length === 0 ? "" : JSON.stringify(Object.fromEntries(changed));
}

/** The filter that the server takes. */
export function filterOf({ conditions, any }: TableView): unknown {
  return conditions.length === 0 ? null : { [any ? "or" : "and"]: conditions };
}

export type ChangeTable = (change: Partial<TableView>) => void;

export function useTableView(name: string): [TableView, ChangeTable] {
  const search = useSearch();
  const parameter = `table:${name}`;
  const text = new URLSearchParams(search).get(parameter);
  const view = useMemo(() => tableViewOf(text), [text]);
  const change = useCallback<ChangeTable>(
    (wanted) => {
      const { pathname, search: now, hash } = window.location;
      const query = new URLSearchParams(now);
      const next = textOfTableView({ ...tableViewOf(query.get(parameter)), ...wanted });
      if (next === "") query.delete(parameter);
      else query.set(parameter, next);
      const asked = query.toString();
      navigate(`${pathname}${asked === "" ? "" : `?${asked}`}${hash}`, { replace: true });
    },
    [parameter],
  );
  return [view, change];
}

/** The order after a click on a column: ascending, descending, none. */
export function sortedBy(sort: readonly TableOrder[], column: string | null): TableOrder[] {
  const [first] = sort;
  if (first?.column !== column || !first) return [{ column, descending: false }];
  return first.descending ? [] : [{ column, descending: true }];
}

/** What can be asked of a column, by what it holds. */
export const OPERATORS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  number: [
    ["is", "is"],
    ["is_not", "is not"],
    ["lt", "<"],
    ["le", "≤"],
    ["gt", ">"],
    ["ge", "≥"],
    ["missing", "is missing"],
    ["exists", "is there"],
  ],
  boolean: [
    ["is", "is"],
    ["missing", "is missing"],
    ["exists", "is there"],
  ],
  text: [
    ["contains", "contains"],
    ["not_contains", "does not contain"],
    ["is", "is"],
    ["is_not", "is not"],
    ["matches", "matches"],
    ["missing", "is missing"],
    ["exists", "is there"],
  ],
};

const OTHERS = [
  ["contains", "contains"],
  ["missing", "is missing"],
  ["exists", "is there"],
] as const;

export const operatorsOf = (kind: string): readonly (readonly [string, string])[] =>
  OPERATORS[kind] ?? OTHERS;

export const WITHOUT_VALUE: ReadonlySet<string> = new Set(["missing", "exists"]);

/** What was typed, as a value of the column's kind; null where it is none. */
export function typedValue(kind: string, text: string): unknown {
  if (kind === "boolean") return text === "true";
  if (kind !== "number") return text;
  const value = Number(text.trim());
  return text.trim() !== "" && Number.isFinite(value) ? value : null;
}

/**
 * Where a logged table is: whole in its artifact, if that is there, or else in the run's file.
 * Tables that are made of others have no such file.
 */
export function tableSourceOf(
  run: string,
  value: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const artifact = value["artifact_path"];
  if (typeof value["path"] !== "string") return { artifact };
  return { run, path: value["path"], ...(typeof artifact === "string" ? { artifact } : {}) };
}
