import { Link } from "../ui";
import styles from "./Page.module.css";

interface Way {
  text: string;
  href: string;
}

interface MissingPageProps {
  /** A sentence that names it. */
  what: string;
  /** What was probably meant. */
  nearest?: Way;
  /** Where one may go from here. */
  instead?: Way;
}

export function MissingPage({ what, nearest, instead }: MissingPageProps) {
  return (
    <div className={styles["narrow"]}>
      <p className={styles["code"]}>404</p>
      <h1>Not found</h1>
      <p className={styles["lead"]}>{what} It may have been deleted, or you may not see it.</p>
      <p className={styles["ways"]}>
        {nearest && (
          <span>
            Did you mean{" "}
            <Link className={styles["link"]} href={nearest.href}>
              {nearest.text}
            </Link>
            ?
          </span>
        )}
        {instead && (
          <Link className={styles["link"]} href={instead.href}>
            {instead.text}
          </Link>
        )}
        <Link className={styles["link"]} href="/">
          All projects
        </Link>
      </p>
    </div>
  );
}

interface LaterPageProps {
  entity: string;
  project: string;
  what: string;
}

/** A W&B address whose page this version doesn't have. */
export function LaterPage({ entity, project, what }: LaterPageProps) {
  return (
    <div className={styles["narrow"]}>
      <h1>No page for {what} yet</h1>
      <p className={styles["lead"]}>
        This version of Ferrule keeps what runs log, and shows projects, runs and charts. It has no
        page for {what}.
      </p>
      <p className={styles["ways"]}>
        <Link className={styles["link"]} href={`/${entity}/${project}`}>
          Go to {project}
        </Link>
      </p>
    </div>
  );
}
