/** Which charts a workspace has, and in which sections. */

import { tableKeyOf } from "../media/vegaSpec";
import type { CustomChart } from "../wire/media";
import type { KeyFacts, MetricFacts } from "../wire/shapes";
import { type MediaName, mediaNameOf } from "./mediaTypes";

export interface Panel {
  /** The key as the server names it: dots of a literal name are escaped. */
  key: string;
  /** The key as people wrote it. */
  title: string;
  /** The part of the title after the section's name. */
  label: string;
  /** What the metric is drawn over when the viewer didn't choose: from define_metric, or steps. */
  defaultX: string;
  /** What its values are shown as; null for numbers, which are drawn as lines. */
  media: MediaName | null;
  /** The runs that logged it, and how far they have come. */
  runs: readonly string[];
  lastStep: number;
  /** What a custom chart is drawn by; null for what is none. */
  chart: CustomChart | null;
}

export interface Section {
  name: string;
  panels: Panel[];
}

const CHARTS = "Charts";
const MEDIA = "Media";
/** `a\.b` is the literal key `a.b`. */
export const unescapeKey = (name: string): string => name.replace(/\\(.)/g, "$1");

function matches(rule: string, title: string): boolean {
  const star = rule.indexOf("*");
  return star < 0 ? rule === title : title.startsWith(rule.slice(0, star));
}

/** The rule that fits closest: the name itself before the longest pattern. */
export function ruleFor(metrics: readonly MetricFacts[], title: string): MetricFacts | null {
  let best: MetricFacts | null = null;
  for (const rule of metrics) {
    if (rule.name === title) return rule;
    if (matches(rule.name, title) && rule.name.length > (best?.name.length ?? -1)) best = rule;
  }
  return best;
}

function sectionOf(title: string, media: MediaName | null): string {
  const slash = title.lastIndexOf("/");
  return slash > 0 ? title.slice(0, slash) : media ? MEDIA : CHARTS;
}

/** Charts without a prefix come first, media without one last. */
const RANKS: Readonly<Record<string, number>> = { [CHARTS]: 0, [MEDIA]: 2 };
const rankOf = (name: string): number => RANKS[name] ?? 1;

const byName = new Intl.Collator("en", { numeric: true, sensitivity: "base" }).compare;

/** Groups the keys that can be drawn. Sections and charts are sorted as people would. */
export function sectionsOf(
  keys: readonly KeyFacts[],
  metrics: readonly MetricFacts[],
  search = "",
): Section[] {
  const wanted = matcher(search);
  const sections = new Map<string, Panel[]>();
  for (const key of keys) {
    const title = unescapeKey(key.name);
    const media = key.numbers === 0 ? mediaNameOf(key.kinds) : null;
    if ((key.numbers === 0 && !media) || title.startsWith("_")) continue;
    const rule = ruleFor(metrics, title);
    if (rule?.hidden || !wanted(title)) continue;
    const name = sectionOf(title, media);
    const panel: Panel = {
      key: key.name,
      title,
      label: title.startsWith(`${name}/`) ? title.slice(name.length + 1) : title,
      defaultX: rule?.step_metric || "_step",
      media,
      runs: key.runs,
      lastStep: key.last_step ?? -1,
      chart: null,
    };
    const panels = sections.get(name);
    if (panels) panels.push(panel);
    else sections.set(name, [panel]);
  }
  return [...sections.entries()]
    .sort(([a], [b]) => rankOf(a) - rankOf(b) || byName(a, b))
    .map(([name, panels]) => ({ name, panels: panels.sort(byKindAndName) }));
}

/** Lines before media, each by name. */
const byKindAndName = (a: Panel, b: Panel): number =>
  Number(a.media !== null) - Number(b.media !== null) || byName(a.title, b.title);

const CUSTOM = "Custom charts";

/** All sections; the table that a chart is drawn from was not logged for itself, and follows it. */
export function workspaceOf(
  keys: readonly KeyFacts[],
  metrics: readonly MetricFacts[],
  charts: readonly CustomChart[],
  search = "",
): Section[] {
  const sections = sectionsOf(keys, metrics, search);
  const [custom] = customSectionOf(charts, keys, search);
  if (!custom) return sections;
  const tables = new Set(charts.map((chart) => tableKeyOf(chart.config["userQuery"])));
  const follows = (panel: Panel) => panel.media !== null && tables.has(panel.title);
  const media = sections.find((section) => section.name === MEDIA);
  custom.panels.push(...(media?.panels.filter(follows) ?? []));
  return [...sections.map((one) => (one === media ? without(one, follows) : one)), custom].filter(
    ({ panels }) => panels.length > 0,
  );
}

const without = ({ name, panels }: Section, unwanted: (panel: Panel) => boolean): Section => ({
  name,
  panels: panels.filter((panel) => !unwanted(panel)),
});

/** The section of charts that runs have logged with a specification of their own, if any. */
function customSectionOf(
  charts: readonly CustomChart[],
  keys: readonly KeyFacts[],
  search: string,
): Section[] {
  const wanted = matcher(search);
  const furthest = Math.max(-1, ...keys.map((key) => key.last_step ?? -1));
  const panels = charts
    .filter((chart) => wanted(chart.key))
    .map((chart) => ({
      key: `chart:${chart.key}`,
      title: chart.key,
      label: chart.key,
      defaultX: "_step",
      media: "vega" as const,
      runs: chart.runs,
      lastStep: furthest,
      chart,
    }));
  return panels.length === 0 ? [] : [{ name: CUSTOM, panels: panels.sort(byKindAndName) }];
}

/** A search of names: a regular expression where it is one, text otherwise; case doesn't matter. */
export function matcher(search: string): (name: string) => boolean {
  const trimmed = search.trim();
  if (trimmed === "") return () => true;
  try {
    const pattern = new RegExp(trimmed, "i");
    return (name) => pattern.test(name);
  } catch {
    const lower = trimmed.toLowerCase();
    return (name) => name.toLowerCase().includes(lower);
  }
}

const DEVICES: readonly (readonly [RegExp, string])[] = [
  [/^system\.gpu\.(?:process\.)?(\d+)/, "GPU $1"],
  [/^system\.(tpu|ipu|trn|hpu)/, "Accelerator"],
  [/^system\.(?:proc\.)?memory/, "Memory"],
  [/^system\.(?:proc\.)?cpu/, "CPU"],
  [/^system\.disk/, "Disk"],
  [/^system\.network/, "Network"],
];
const DEVICE_ORDER = ["CPU", "Memory", "GPU", "Accelerator", "Network", "Disk", "Other"];

function deviceOf(title: string): string {
  for (const [pattern, name] of DEVICES) {
    const found = pattern.exec(title);
    if (found) return name.replace("$1", found[1] ?? "");
  }
  return "Other";
}

/** Groups system metrics by device. */
export function systemSectionsOf(keys: readonly KeyFacts[], search = ""): Section[] {
  const wanted = matcher(search);
  const sections = new Map<string, Panel[]>();
  for (const key of keys) {
    const title = unescapeKey(key.name);
    if (key.numbers === 0 || title.startsWith("_") || !wanted(title)) continue;
    const name = deviceOf(title);
    const label = title.replace(/^system\./, "");
    const panel: Panel = {
      key: key.name,
      title,
      label,
      defaultX: "_runtime",
      media: null,
      runs: key.runs,
      lastStep: key.last_step ?? -1,
      chart: null,
    };
    sections.set(name, [...(sections.get(name) ?? []), panel]);
  }
  const rank = (name: string): number => DEVICE_ORDER.indexOf(name.replace(/ \d+$/, ""));
  return [...sections.entries()]
    .sort(([a], [b]) => rank(a) - rank(b) || byName(a, b))
    .map(([name, panels]) => ({ name, panels: panels.sort((a, b) => byName(a.title, b.title)) }));
}
