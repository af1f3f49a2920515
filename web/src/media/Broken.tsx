import styles from "./Media.module.css";

interface BrokenProps {
  /** A sentence: what is the matter. */
  children: string;
  /** Where the file is, for a look with something else. */
  url?: string | null;
}

/** In the place of what can't be shown. */
export function Broken({ children, url = null }: BrokenProps) {
  return (
    <div className={styles["broken"]} role="note">
      <span>{children}</span>
      {url && (
        <a href={url} download="">
          Download the file
        </a>
      )}
    </div>
  );
}
