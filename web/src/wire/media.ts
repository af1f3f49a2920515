/** Media and tables: at which steps, what values, and pages of a table. */

import type { ProjectPath } from "./api";
import {
  list,
  nullable,
  number,
  object,
  optional,
  record,
  type Shaped,
  string,
  unknown,
} from "./check";
import { getJson, pathOf, postJson } from "./http";

const API = "/api/v1";

const stepList = object({
  series: list(object({ run: string, key: string, steps: list(number), next: nullable(number) })),
});
export type StepList = Shaped<typeof stepList>["series"][number];

export interface StepsRequest {
  run: string;
  key: string;
  after?: number;
}

export async function readMediaSteps(
  path: ProjectPath,
  series: readonly StepsRequest[],
  signal?: AbortSignal,
): Promise<StepList[]> {
  const body = { entity: path.entity, project: path.project, series };
  return (await postJson(`${API}/media/steps`, body, stepList, signal)).series;
}

const mediaValue = object({ step: number, value: unknown, files: optional(record, {}) });
export type MediaValue = Shaped<typeof mediaValue>;

const valueList = object({
  series: list(object({ run: string, key: string, values: list(mediaValue) })),
});
export type ValueList = Shaped<typeof valueList>["series"][number];

export interface ValuesRequest {
  run: string;
  key: string;
  min_step?: number;
  max_step?: number;
  limit?: number;
}

export async function readMediaValues(
  path: ProjectPath,
  series: readonly ValuesRequest[],
  signal?: AbortSignal,
): Promise<ValueList[]> {
  const body = { entity: path.entity, project: path.project, series };
  return (await postJson(`${API}/media/values`, body, valueList, signal)).series;
}

export interface Condition {
  column: string;
  op: string;
  value: unknown;
}

export interface TableOrder {
  /** Null for the size of groups. */
  column: string | null;
  descending: boolean;
}

export interface TableQuery {
  source: Record<string, unknown>;
  filter: unknown;
  /** Conditions as a text; empty for none. */
  expression?: string;
  sort: readonly TableOrder[];
  group: readonly string[];
  offset: number;
  limit: number;
  whole?: boolean;
}

const tableColumn = object({ name: string, kind: string });
export type TableColumn = Shaped<typeof tableColumn>;

const tableRow = object({ at: number, cells: list(unknown) });
export type TableRow = Shaped<typeof tableRow>;

const tableGroup = object({ key: list(unknown), count: number, cells: list(unknown) });
export type TableGroup = Shaped<typeof tableGroup>;

const tablePage = object({
  columns: list(tableColumn),
  total: number,
  matching: number,
  offset: number,
  rows: optional(list(tableRow), []),
  groups: optional(list(tableGroup), []),
  total_groups: optional(number, 0),
  files: optional(record, {}),
});
export type TablePage = Shaped<typeof tablePage>;

export const readTable = (path: ProjectPath, query: TableQuery, signal?: AbortSignal) =>
  postJson(
    `${API}/tables/query`,
    { entity: path.entity, project: path.project, ...query },
    tablePage,
    signal,
  );

const customChart = object({
  key: string,
  panel_type: optional(string, ""),
  config: optional(record, {}),
  runs: optional(list(string), []),
});
export type CustomChart = Shaped<typeof customChart>;
const chartList = object({ charts: list(customChart) });

/** The custom charts that runs have logged. */
export async function readCustomCharts(
  path: ProjectPath,
  runs: readonly string[],
  signal?: AbortSignal,
): Promise<CustomChart[]> {
  const body = { entity: path.entity, project: path.project, runs };
  return (await postJson(`${API}/media/charts`, body, chartList, signal)).charts;
}

const preset = object({ displayName: optional(string, ""), spec: record });
export type ChartPreset = Shaped<typeof preset>;

/** How charts of a name are drawn; `entity/name`, where the name may have slashes of its own. */
export function readChartPreset(id: string, signal?: AbortSignal): Promise<ChartPreset> {
  return getJson(`${API}/charts/${pathOf(...id.split("/"))}`, preset, signal);
}
