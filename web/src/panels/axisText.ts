/** Names of x axes and their values in words. */

import { formatClock, formatDate, formatDuration, formatValue, isDate } from "../ui/format";

export function xName(xKey: string): string {
  if (xKey === "_step") return "Step";
  if (xKey === "_runtime") return "Relative time";
  if (xKey === "_timestamp") return "Wall time";
  return xKey;
}

export function xText(xKey: string, x: number): string {
  if (xKey === "_runtime") return formatDuration(x);
  if (xKey === "_timestamp" && isDate(x * 1000))
    return `${formatDate(x * 1000)} (${formatClock(x * 1000)})`;
  return `${xName(xKey)} ${formatValue(Math.round(x * 1000) / 1000)}`;
}
