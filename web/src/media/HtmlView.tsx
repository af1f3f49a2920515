import { Broken } from "./Broken";
import styles from "./Media.module.css";
import type { ItemViewProps } from "./registry";

/**
 * A document that somebody logged. It has no origin, so it can't act as this page or ask its
 * server for anything, and its policy lets it reach no host.
 */
export default function HtmlView({ item, urlOf, label }: ItemViewProps) {
  const url = urlOf(item.path);
  if (url === null) return <Broken>The document’s file is not known.</Broken>;
  // A frame of its own for each document: one that is led on while it still loads may stay where it
  // was, and each step would be one to go back by.
  return (
    <iframe
      key={url}
      className={styles["frame"]}
      src={url}
      title={label}
      sandbox="allow-scripts"
      referrerPolicy="no-referrer"
      loading="lazy"
    />
  );
}
