/** Files by folder, in the order people look for them. */

import type { RunFile } from "../wire/shapes";

export interface Folder {
  /** Empty for the top. */
  path: string;
  files: RunFile[];
  bytes: number;
}

const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;

export const baseName = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

/** Folders with their own files, the top first. */
export function foldersOf(files: readonly RunFile[]): Folder[] {
  const folders = new Map<string, Folder>();
  for (const file of files) {
    const path = file.name.includes("/") ? file.name.slice(0, file.name.lastIndexOf("/")) : "";
    const folder = folders.get(path) ?? { path, files: [], bytes: 0 };
    folder.files.push(file);
    folder.bytes += file.size;
    folders.set(path, folder);
  }
  const sorted = [...folders.values()].sort((a, b) => byName(a.path, b.path));
  for (const folder of sorted) folder.files.sort((a, b) => byName(a.name, b.name));
  return sorted;
}

export type Preview = "text" | "image" | "table" | null;

const TEXT = /\.(txt|log|md|json|jsonl|ya?ml|toml|ini|cfg|py|sh|patch|diff|js|ts|c|h|cpp|rs)$/i;
const IMAGE = /\.(png|jpe?g|gif|webp|avif|bmp|svg)$/i;
/** What the server reads as a table, a page at a time. */
const TABLE = /\.(parquet|csv|tsv|table\.json)$/i;
const MOST_TEXT_BYTES = 2 * 1024 * 1024;

/** How a file can be looked at without a download. */
export function previewOf(file: RunFile): Preview {
  if (IMAGE.test(file.name)) return "image";
  if (TABLE.test(file.name)) return "table";
  return TEXT.test(file.name) && file.size <= MOST_TEXT_BYTES ? "text" : null;
}
