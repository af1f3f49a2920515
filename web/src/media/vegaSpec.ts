/** From what a client logged of a custom chart to a specification with its data. */

import { isRecord } from "../wire/check";

/** The key of the table that a chart's query names; null where it asks for something else. */
export function tableKeyOf(query: unknown, depth = 0): string | null {
  if (depth > 24) return null;
  if (Array.isArray(query)) {
    for (const each of query) {
      const found = tableKeyOf(each, depth + 1);
      if (found !== null) return found;
    }
    return null;
  }
  if (!isRecord(query)) return null;
  if (query["name"] === "tableKey" && typeof query["value"] === "string") return query["value"];
  return tableKeyOf(Object.values(query), depth + 1);
}

type Texts = Readonly<Record<string, unknown>>;

const textOf = (texts: Texts, name: string): string | null => {
  const found = Object.hasOwn(texts, name) ? texts[name] : null;
  return typeof found === "string" ? found : null;
};

/** Names of columns are paths to Vega, unless their dots and brackets are escaped. */
const escaped = (column: string): string => column.replace(/[.[\]\\]/g, "\\$&");

/** Puts the client's columns and words where a specification has places for them. */
export function filled(spec: unknown, fields: Texts, strings: Texts): unknown {
  if (typeof spec === "string") {
    return spec
      .replace(/\$\{field:([^}]*)\}/g, (_, name: string) => escaped(textOf(fields, name) ?? "name"))
      .replace(/\$\{string:([^}]*)\}/g, (_, name: string) => textOf(strings, name) ?? "");
  }
  if (Array.isArray(spec)) return spec.map((each) => filled(each, fields, strings));
  if (!isRecord(spec)) return spec;
  return Object.fromEntries(
    Object.entries(spec).map(([name, inner]) => [name, filled(inner, fields, strings)]),
  );
}

export type DataRow = Record<string, unknown>;

/** The name that specifications have for the rows of the runs. */
const DATA = "wandb";

export function withData(spec: Record<string, unknown>, rows: readonly DataRow[]): DataRow {
  const data = spec["data"];
  if (Array.isArray(data)) {
    return {
      ...spec,
      data: data.map((one) =>
        isRecord(one) && one["name"] === DATA ? { name: DATA, values: rows } : one,
      ),
    };
  }
  const datasets = isRecord(spec["datasets"]) ? spec["datasets"] : {};
  return { ...spec, data: data ?? { name: DATA }, datasets: { ...datasets, [DATA]: rows } };
}

/** How many rows of each table are drawn, of all together no more than some: small ones whole. */
export function sharesOf(counts: readonly number[], most: number): number[] {
  const shares = counts.map(() => 0);
  const ascending = [...counts.keys()].sort((a, b) => (counts[a] ?? 0) - (counts[b] ?? 0));
  let left = most;
  ascending.forEach((table, before) => {
    const fair = Math.floor(left / (counts.length - before));
    const share = Math.min(counts[table] ?? 0, fair);
    shares[table] = share;
    left -= share;
  });
  return shares;
}

const recordOf = (value: unknown): Texts => (isRecord(value) ? value : {});

/** A whole specification: the preset's, with the client's words and the runs' rows in it. */
export function chartOf(
  preset: Record<string, unknown>,
  config: Readonly<Record<string, unknown>>,
  rows: readonly DataRow[],
): DataRow {
  const spec = filled(
    preset,
    recordOf(config["fieldSettings"]),
    recordOf(config["stringSettings"]),
  );
  return withData(recordOf(spec) as Record<string, unknown>, rows);
}
