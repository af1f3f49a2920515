import { baseName } from "../state/fileTree";
import { Icon } from "../ui";
import { Broken } from "./Broken";
import styles from "./FileView.module.css";
import type { ItemViewProps } from "./registry";

/** What this page has no viewer for: its name, and the file to open with something else. */
export default function FileView({ item, urlOf }: ItemViewProps) {
  const url = urlOf(item.path);
  if (url === null || item.path === null) return <Broken>The value has no file of its own.</Broken>;
  const name = baseName(item.path);
  return (
    <a className={styles["file"]} href={url} download={name}>
      <Icon name="download" size={15} />
      <span>{name}</span>
    </a>
  );
}
