import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect, useRef } from "react";
import { usePathname } from "wouter/use-browser-location";
import { AuthorizePage } from "../pages/Authorize";
import { HomePage } from "../pages/Home";
import { LoginPage } from "../pages/Login";
import { LaterPage, MissingPage } from "../pages/Missing";
import { ProjectPage } from "../pages/Project";
import { queryClient } from "../state/queries";
import { ErrorBoundary } from "./ErrorBoundary";
import { type ProjectTab, type Route, type RunTab, routeOf } from "./routes";
import { Session } from "./Session";
import { Shell } from "./Shell";

const RunPage = lazy(() => import("../pages/Run"));

/** The workspace is what a project or a run is first of all. */
const TAB_WORDS: Record<ProjectTab | RunTab, string> = {
  workspace: "",
  runs: "Runs",
  overview: "Overview",
  logs: "Logs",
  system: "System",
  files: "Files",
};

function titleOf(route: Route): string {
  switch (route.page) {
    case "project":
      return [TAB_WORDS[route.tab], route.project, route.entity].filter(Boolean).join(" · ");
    case "run":
      return [TAB_WORDS[route.tab], route.run, route.project].filter(Boolean).join(" · ");
    case "login":
      return "Log in";
    case "later":
      return route.project;
    case "unknown":
      return "Not found";
    default:
      return "Projects";
  }
}

function Page({ route }: { route: Route }) {
  switch (route.page) {
    case "home":
      return <HomePage entity={route.entity} />;
    case "authorize":
      return <AuthorizePage />;
    case "project":
      return <ProjectPage {...route} key={`${route.entity}/${route.project}`} />;
    case "run":
      return <RunPage {...route} key={`${route.entity}/${route.project}/${route.run}`} />;
    case "later":
      return <LaterPage {...route} />;
    case "unknown":
      return <MissingPage what={`There is no page at ${route.path}.`} />;
    case "login":
      return null;
  }
}

/** The browser does this for pages that it loads: the focus goes to the new one. */
function useFocusOnNewPage(pathname: string): void {
  const last = useRef(pathname);
  useEffect(() => {
    if (pathname === last.current) return;
    last.current = pathname;
    const content = document.getElementById("content");
    content?.focus({ preventScroll: true });
    content?.scrollTo(0, 0);
  }, [pathname]);
}

export function App() {
  const pathname = usePathname();
  const route = routeOf(pathname);
  const title = titleOf(route);
  useEffect(() => {
    document.title = `${title} · Ferrule`;
  }, [title]);
  useFocusOnNewPage(pathname);
  return (
    <QueryClientProvider client={queryClient}>
      <ErrorBoundary resetOn={pathname}>
        {route.page === "login" ? (
          <LoginPage />
        ) : (
          <Session>
            <Shell route={route} title={title}>
              <Suspense fallback={null}>
                <Page route={route} />
              </Suspense>
            </Shell>
          </Session>
        )}
      </ErrorBoundary>
    </QueryClientProvider>
  );
}
