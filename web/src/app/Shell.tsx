import { type ReactNode, useState } from "react";
import { navigate } from "wouter/use-browser-location";
import { useMe } from "../state/queries";
import { Icon, IconButton, Link } from "../ui";
import { Mark } from "../ui/Mark";
import { LiveBadge } from "./LiveBadge";
import { projectHref, type Route } from "./routes";
import styles from "./Shell.module.css";
import { ShortcutHelp } from "./ShortcutHelp";
import { useShortcuts } from "./shortcuts";
import { ThemeButton } from "./ThemeButton";
import { UserMenu } from "./UserMenu";

interface ShellProps {
  route: Route;
  title: string;
  children: ReactNode;
}

interface Crumb {
  text: string;
  href: string;
}

function crumbsOf(route: Route): Crumb[] {
  if (route.page === "home") {
    return route.entity
      ? [{ text: route.entity, href: `/${encodeURIComponent(route.entity)}` }]
      : [];
  }
  if (route.page !== "project" && route.page !== "run" && route.page !== "later") return [];
  return [
    { text: route.entity, href: `/${encodeURIComponent(route.entity)}` },
    { text: route.project, href: projectHref(route.entity, route.project) },
  ];
}

export function Shell({ route, title, children }: ShellProps) {
  const [help, setHelp] = useState(false);
  const me = useMe();
  const crumbs = crumbsOf(route);
  const inProject = route.page === "project" || route.page === "run" ? route : null;
  useShortcuts({
    "?": () => setHelp(true),
    "g h": () => navigate("/"),
    "g w": () => inProject && navigate(projectHref(inProject.entity, inProject.project)),
    "g r": () => inProject && navigate(projectHref(inProject.entity, inProject.project, "runs")),
  });
  return (
    <div className={styles["shell"]}>
      <a className={styles["skip"]} href="#content">
        Skip to content
      </a>
      <header className={styles["bar"]}>
        <Link href="/" className={styles["brand"]} aria-label="Ferrule, all projects">
          <Mark size={22} />
          <span className={styles["name"]}>Ferrule</span>
        </Link>
        <nav className={styles["crumbs"]} aria-label="Where you are">
          {crumbs.map((crumb, at) => (
            <span className={styles["crumb"]} key={crumb.href}>
              <Icon name="chevron" size={12} />
              <Link href={crumb.href} aria-current={at === crumbs.length - 1 ? "page" : undefined}>
                {crumb.text}
              </Link>
            </span>
          ))}
        </nav>
        <LiveBadge />
        <IconButton
          icon="help"
          label="Keyboard shortcuts"
          className={styles["wide"]}
          onClick={() => setHelp(true)}
        />
        <ThemeButton />
        {me.data && <UserMenu me={me.data} />}
      </header>
      <main id="content" className={styles["content"]} tabIndex={-1}>
        {children}
      </main>
      <p className="visually-hidden" role="status">
        {title}
      </p>
      {help && <ShortcutHelp onClose={() => setHelp(false)} />}
    </div>
  );
}
