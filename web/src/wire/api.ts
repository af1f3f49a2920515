/** The read endpoints, one function each. */

import { getJson, pathOf, postForBytes, postJson, request } from "./http";
import { decodeSeries, type SeriesBlock, type SeriesRequest } from "./series";
import * as shapes from "./shapes";

const API = "/api/v1";

export type StreamName = "history" | "events";

export interface ProjectPath {
  entity: string;
  project: string;
}

export interface RunPath extends ProjectPath {
  run: string;
}

export const readMe = (signal?: AbortSignal) => getJson(`${API}/me`, shapes.me, signal);

export async function readProjects(signal?: AbortSignal): Promise<shapes.Project[]> {
  return (await getJson(`${API}/projects`, shapes.projects, signal)).projects;
}

export interface RunsQuery extends ProjectPath {
  search: string;
  order: string;
  after: string | null;
  limit: number;
}

export const readRuns = (query: RunsQuery, signal?: AbortSignal) =>
  postJson(`${API}/runs/query`, { ...query, filters: {} }, shapes.runsPage, signal);

/** Some runs by their ids; those that are not there, or that a search doesn't find, are left out. */
export const readRunsOf = (
  { entity, project }: ProjectPath,
  runs: readonly string[],
  search = "",
  signal?: AbortSignal,
) =>
  postJson(
    `${API}/runs/query`,
    { entity, project, search, filters: { name: { $in: runs } }, limit: Math.max(runs.length, 1) },
    shapes.runsPage,
    signal,
  );

export const readRun = ({ entity, project, run }: RunPath, signal?: AbortSignal) =>
  getJson(`${API}/runs/${pathOf(entity, project, run)}`, shapes.runDetail, signal);

export interface KeysQuery extends ProjectPath {
  runs: string[] | null;
  stream: StreamName;
}

export const readKeys = (query: KeysQuery, signal?: AbortSignal) =>
  postJson(`${API}/keys`, query, shapes.keyList, signal);

export interface SeriesQuery extends ProjectPath {
  series: SeriesRequest[];
  stream: StreamName;
  x_min: number | null;
  x_max: number | null;
  buckets: number;
}

export async function readSeries(query: SeriesQuery, signal?: AbortSignal): Promise<SeriesBlock[]> {
  return decodeSeries(await postForBytes(`${API}/series`, query, signal));
}

export const readLogs = (
  { entity, project, run }: RunPath,
  first: number,
  limit: number,
  signal?: AbortSignal,
) =>
  getJson(
    `${API}/logs/${pathOf(entity, project, run)}?first=${first}&limit=${limit}`,
    shapes.logPage,
    signal,
  );

export async function readFiles(
  { entity, project, run }: RunPath,
  signal?: AbortSignal,
): Promise<shapes.RunFile[]> {
  const path = `${API}/files/${pathOf(entity, project, run)}`;
  return (await getJson(path, shapes.fileList, signal)).files;
}

/** Text of a run's file, for a look without a download. */
/** More than this would take the page's memory; it can be downloaded. */
const MOST_FILE_BYTES = 256 * 2 ** 20;

/** A file to be drawn here, however large somebody made it. */
export async function readFile(url: string, signal?: AbortSignal): Promise<Response> {
  const response = await request(url, signal ? { signal } : {});
  const size = Number(response.headers.get("content-length"));
  if (size <= MOST_FILE_BYTES) return response;
  await response.body?.cancel();
  throw new Error(`It has ${Math.round(size / 2 ** 20)} MiB, which is more than this page draws.`);
}

export async function readFileText(url: string, signal?: AbortSignal): Promise<string> {
  return (await readFile(url, signal)).text();
}

export async function logIn(apiKey: string): Promise<void> {
  await request(`${API}/session`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ api_key: apiKey }),
  });
}

export async function logOut(): Promise<void> {
  await request(`${API}/session`, { method: "DELETE" });
}
