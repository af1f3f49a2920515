import type { ReactNode } from "react";
import { formatValue } from "./format";
import { Link } from "./Link";
import styles from "./Tabs.module.css";

export interface Tab {
  name: string;
  title: string;
  href: string;
  count?: number | undefined;
}

interface TabsProps {
  tabs: readonly Tab[];
  current: string;
  label: string;
  children?: ReactNode;
}

/** Pages of one thing, as links; what stands at the right end are `children`. */
export function Tabs({ tabs, current, label, children }: TabsProps) {
  return (
    <div className={styles["tabs"]}>
      <nav aria-label={label} className={styles["links"]}>
        {tabs.map((tab) => (
          <Link
            key={tab.name}
            href={tab.href}
            aria-current={tab.name === current ? "page" : undefined}
          >
            {tab.title}
            {tab.count !== undefined && (
              <span className={styles["count"]}>{formatValue(tab.count)}</span>
            )}
          </Link>
        ))}
      </nav>
      {children}
    </div>
  );
}
