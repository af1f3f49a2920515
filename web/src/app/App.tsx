import { QueryClientProvider } from "@tanstack/react-query";
import { lazy, Suspense, useEffect } from "react";
import { usePathname } from "wouter/use-browser-location";
import { AuthorizePage } from "../pages/Authorize";
import { HomePage } from "../pages/Home";
import { LoginPage } from "../pages/Login";
import { LaterPage, MissingPage } from "../pages/Missing";
import { ProjectPage } from "../pages/Project";
import { queryClient } from "../state/queries";
import { ErrorBoundary } from "./ErrorBoundary";
import { type Route, routeOf } from "./routes";
import { Session } from "./Session";
import { Shell } from "./Shell";

const RunPage = lazy(() => import("../pages/Run"));

function titleOf(route: Route): string {
  switch (route.page) {
    case "project":
      return `${route.project} · ${route.entity}`;
    case "run":
      return `${route.run} · ${route.project}`;
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

export function App() {
  const pathname = usePathname();
  const route = routeOf(pathname);
  const title = titleOf(route);
  useEffect(() => {
    document.title = `${title} · Ferrule`;
  }, [title]);
  return (
    <QueryClientProvider client={queryClient}>
      <ErrorBoundary key={pathname}>
        {route.page === "login" ? (
          <LoginPage />
        ) : (
          <Session>
            <Shell route={route}>
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
