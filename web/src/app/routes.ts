/** Paths, in the shapes that printed links and bookmarks have. */

export const PROJECT_TABS = ["workspace", "runs", "overview"] as const;
export type ProjectTab = (typeof PROJECT_TABS)[number];
export const RUN_TABS = ["overview", "workspace", "logs", "system", "files"] as const;
export type RunTab = (typeof RUN_TABS)[number];

export type Route =
  | { page: "home"; entity: string | null }
  | { page: "login" }
  | { page: "authorize" }
  | { page: "project"; entity: string; project: string; tab: ProjectTab }
  | { page: "run"; entity: string; project: string; run: string; tab: RunTab }
  /** A path that W&B has and this version has no page for. */
  | { page: "later"; entity: string; project: string; what: string }
  | { page: "unknown"; path: string };

const LATER = new Set(["sweeps", "artifacts", "reports", "groups", "automations", "jobs", "query"]);
const RUN_TABS_LATER = new Set(["code", "artifacts", "model"]);

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

function projectRoute(entity: string, project: string, rest: string[]): Route | null {
  const [first = "workspace", second, third = "workspace", ...more] = rest;
  const tab = first === "table" ? "runs" : PROJECT_TABS.find((name) => name === first);
  if (first === "runs" && second !== undefined) {
    const runTab = RUN_TABS.find((name) => name === third);
    if (runTab && more.length === 0)
      return { page: "run", entity, project, run: second, tab: runTab };
    if (RUN_TABS_LATER.has(third))
      return { page: "later", entity, project, what: `${third} of runs` };
    return null;
  }
  if (tab && second === undefined) return { page: "project", entity, project, tab };
  return LATER.has(first) ? { page: "later", entity, project, what: first } : null;
}

export function routeOf(pathname: string): Route {
  const parts = pathname
    .split("/")
    .filter((part) => part !== "")
    .map(decoded);
  const [entity, project, ...rest] = parts;
  const unknown: Route = { page: "unknown", path: pathname };
  if (entity === undefined || (entity === "home" && project === undefined)) {
    return { page: "home", entity: null };
  }
  if (project === undefined) {
    if (entity === "login" || entity === "signup") return { page: "login" };
    if (entity === "authorize") return { page: "authorize" };
    return { page: "home", entity };
  }
  if (project === "projects" && rest.length === 0) return { page: "home", entity };
  return projectRoute(entity, project, rest) ?? unknown;
}

const escaped = (...parts: string[]): string => `/${parts.map(encodeURIComponent).join("/")}`;

export const projectHref = (entity: string, project: string, tab: ProjectTab = "workspace") =>
  escaped(entity, project, tab);

export const runHref = (entity: string, project: string, run: string, tab?: RunTab) =>
  tab ? escaped(entity, project, "runs", run, tab) : escaped(entity, project, "runs", run);
