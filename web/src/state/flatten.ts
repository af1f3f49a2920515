/** Nested configs and summaries as rows: `model.depth`. */

import { isRecord } from "../wire/check";

export interface Leaf {
  path: string;
  value: unknown;
}

/** Leaves in the order of the object; empty objects and lists are leaves. */
export function leavesOf(values: Record<string, unknown>, prefix = ""): Leaf[] {
  return Object.entries(values).flatMap(([name, value]) => {
    const path = prefix === "" ? name : `${prefix}.${name}`;
    const nested = isRecord(value) && Object.keys(value).length > 0 && !("_type" in value);
    return nested ? leavesOf(value, path) : [{ path, value }];
  });
}

/** The value at a dotted path; a key that has dots itself is found as well. */
export function valueAt(values: Record<string, unknown>, path: string): unknown {
  if (Object.hasOwn(values, path)) return values[path];
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const inner = values[path.slice(0, dot)];
    if (!isRecord(inner)) continue;
    const found = valueAt(inner, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}
