/** Numbers, durations, sizes and dates as people read them. */

const MINUS = "−";

function signed(text: string): string {
  return text.replace("-", MINUS);
}

/** A logged value in about five significant digits. */
export function formatValue(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : `${MINUS}∞`;
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e7) return signed(value.toLocaleString("en-US"));
  if (size < 1e-4 || size >= 1e7) {
    const [digits = "", exponent = "0"] = value.toExponential(3).split("e");
    return signed(`${Number(digits)}e${Number(exponent)}`);
  }
  const decimals = Math.min(Math.max(4 - Math.floor(Math.log10(size)), 0), 6);
  return signed(Number(value.toFixed(decimals)).toString());
}

const SI: readonly (readonly [number, string])[] = [
  [1e12, "T"],
  [1e9, "G"],
  [1e6, "M"],
  [1e3, "k"],
];

/** A count in few letters: 12.3k, 4M. */
export function formatCount(value: number): string {
  const size = Math.abs(value);
  for (const [unit, letter] of SI) {
    if (size >= unit) return signed(`${Number((value / unit).toPrecision(3))}${letter}`);
  }
  return signed(Number(value.toPrecision(4)).toString());
}

/** How many decimals write a distance between ticks in full: 2 for 0.25. */
function decimalsOf(step: number): number {
  let decimals = Math.max(0, Math.ceil(-Math.log10(step) - 1e-9));
  while (decimals < 8) {
    const scaled = step * 10 ** decimals;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) break;
    decimals += 1;
  }
  return decimals;
}

/** Labels of an axis whose ticks lie `step` apart: as many decimals as tell them apart. */
export function formatTick(value: number, step: number): string {
  const size = Math.abs(value);
  if (value === 0) return "0";
  if (size >= 1e4 || size < 1e-4) {
    for (const [unit, letter] of SI) {
      if (size >= unit) {
        return signed(`${(value / unit).toFixed(decimalsOf(step / unit))}${letter}`);
      }
    }
    const [digits = "", exponent = "0"] = value.toExponential(2).split("e");
    return signed(`${Number(digits)}e${Number(exponent)}`);
  }
  return signed(value.toFixed(decimalsOf(step)));
}

/** Seconds as the two largest units that matter. */
export function formatDuration(secs: number): string {
  if (!Number.isFinite(secs)) return "–";
  const whole = Math.abs(secs);
  const sign = secs < 0 ? MINUS : "";
  if (whole < 1) return secs === 0 ? "0 s" : `${sign}${Number((whole * 1000).toPrecision(3))} ms`;
  if (whole < 60) return `${sign}${Number(whole.toPrecision(whole < 10 ? 2 : 3))} s`;
  const rounded = Math.round(whole);
  const days = Math.floor(rounded / 86_400);
  const hours = Math.floor((rounded % 86_400) / 3_600);
  const minutes = Math.floor((rounded % 3_600) / 60);
  const seconds = rounded % 60;
  const parts: [number, string][] = [
    [days, "d"],
    [hours, "h"],
    [minutes, "m"],
    [seconds, "s"],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  return (
    sign +
    parts
      .slice(first, first + 2)
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count}${unit}`)
      .join(" ")
  );
}

export function formatBytes(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let at = 0;
  while (size >= 1024 && at < units.length - 1) {
    size /= 1024;
    at += 1;
  }
  return `${Number(size.toPrecision(3))} ${units[at] ?? "B"}`;
}

/** How long ago, in one unit. */
export function formatAgo(then: number, now: number): string {
  const secs = Math.max(0, (now - then) / 1000);
  if (secs < 5) return "now";
  if (secs < 60) return `${Math.floor(secs)} s ago`;
  if (secs < 3_600) return `${Math.floor(secs / 60)} min ago`;
  if (secs < 86_400) return `${Math.floor(secs / 3_600)} h ago`;
  const days = Math.floor(secs / 86_400);
  if (days < 60) return days === 1 ? "yesterday" : `${days} days ago`;
  if (days < 730) return `${Math.floor(days / 30.44)} months ago`;
  return `${Math.floor(days / 365.25)} years ago`;
}

const FURTHEST_MS = 8.64e15;

/** Whether milliseconds since the epoch are a date at all: clients may log anything as a time. */
export const isDate = (at: number): boolean => Math.abs(at) <= FURTHEST_MS;

/** Writes dates; of what is none, a dash. `Intl` would throw. */
export function dateWriter(options: Intl.DateTimeFormatOptions): (at: number) => string {
  const format = new Intl.DateTimeFormat(undefined, options);
  return (at) => (isDate(at) ? format.format(at) : "–");
}

export const formatDate = dateWriter({ dateStyle: "medium", timeStyle: "short" });
export const formatClock = dateWriter({
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
export const formatUtc = (at: number): string =>
  isDate(at) ? `${new Date(at).toISOString().replace("T", " ").slice(0, 19)} UTC` : "–";

/** A value of a config or summary, in one line. */
export function formatCell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number") return formatValue(value);
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  return JSON.stringify(value);
}

/** `1 run`, `3 runs`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}
