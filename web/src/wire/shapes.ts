/** What the read endpoints answer. */

import {
  boolean,
  list,
  nullable,
  number,
  object,
  optional,
  record,
  type Shape,
  type Shaped,
  string,
} from "./check";

export const RUN_STATES = [
  "running",
  "pending",
  "finished",
  "failed",
  "crashed",
  "killed",
  "preempted",
  "preempting",
] as const;
export type RunState = (typeof RUN_STATES)[number] | "unknown";

const runState: Shape<RunState> = (value) =>
  RUN_STATES.find((state) => state === value) ?? "unknown";

const strings = list(string);

export const me = object({
  name: string,
  entity: string,
  admin: optional(boolean, false),
  entities: optional(strings, []),
  server: object({
    id: string,
    version: optional(string, ""),
    local: optional(boolean, false),
  }),
});
export type Me = Shaped<typeof me>;

export const project = object({
  entity: string,
  name: string,
  created_at: nullable(string),
  updated_at: nullable(string),
  runs: optional(number, 0),
  running: optional(number, 0),
});
export type Project = Shaped<typeof project>;
export const projects = object({ projects: list(project) });

const runFields = {
  id: string,
  display_name: optional(string, ""),
  state: runState,
  created_at: nullable(string),
  heartbeat_at: nullable(string),
  duration: nullable(number),
  user: nullable(string),
  tags: optional(strings, []),
  group: nullable(string),
  job_type: nullable(string),
  notes: nullable(string),
  host: nullable(string),
  exit_code: nullable(number),
  last_step: optional(number, -1),
  rows: optional(number, 0),
  config: optional(record, {}),
  summary: optional(record, {}),
};
export const run = object(runFields);
export type Run = Shaped<typeof run>;

export const runsPage = object({
  total: number,
  next: nullable(string),
  runs: list(run),
});
export type RunsPage = Shaped<typeof runsPage>;

export const runDetail = object({
  ...runFields,
  metadata: nullable(record),
  config_internal: optional(record, {}),
  files: optional(number, 0),
  console_lines: optional(number, 0),
  warnings: optional(strings, []),
  commit: nullable(string),
  program: nullable(string),
  description: nullable(string),
});
export type RunDetail = Shaped<typeof runDetail>;

const keyFacts = object({
  name: string,
  numbers: optional(number, 0),
  others: optional(number, 0),
  kinds: optional(strings, []),
  last_value: nullable(number),
  min: nullable(number),
  max: nullable(number),
  last_step: nullable(number),
  runs: optional(strings, []),
});
export type KeyFacts = Shaped<typeof keyFacts>;

const metricFacts = object({
  name: string,
  step_metric: nullable(string),
  hidden: optional(boolean, false),
  goal: nullable(string),
});
export type MetricFacts = Shaped<typeof metricFacts>;

export const keyList = object({
  keys: list(keyFacts),
  metrics: optional(list(metricFacts), []),
});
export type KeyList = Shaped<typeof keyList>;

const logLine = object({
  number: number,
  text: string,
  level: nullable(string),
  timestamp: nullable(string),
  label: nullable(string),
});
export type LogLine = Shaped<typeof logLine>;
export const logPage = object({ total: number, lines: list(logLine) });
export type LogPage = Shaped<typeof logPage>;

const runFile = object({
  name: string,
  size: optional(number, 0),
  updated_at: nullable(string),
  url: string,
});
export type RunFile = Shaped<typeof runFile>;
export const fileList = object({ files: list(runFile) });

export const runEvent = object({
  run: string,
  entity: string,
  project: string,
  last_step: optional(number, -1),
  rows: optional(number, 0),
  console_lines: optional(number, 0),
  state: runState,
  summary_changed: optional(boolean, false),
});
export type RunEvent = Shaped<typeof runEvent>;
