import { useMemo } from "react";
import { useFileText } from "../state/queries";
import { ErrorNote } from "../ui";
import { isRecord } from "../wire/check";
import { Broken } from "./Broken";
import { FrameView } from "./FrameView";
import styles from "./Media.module.css";
import type { ItemViewProps } from "./registry";

/** A plot of Bokeh’s. It brings its own ground, which is white. */
export default function BokehView({ item, urlOf, label }: ItemViewProps) {
  const url = urlOf(item.path);
  const text = useFileText(url ?? "", url !== null);
  const document = useMemo(
    () => (text.data === undefined ? undefined : documentOf(text.data)),
    [text.data],
  );
  if (url === null) return <Broken>The plot’s file is not known.</Broken>;
  if (text.error) {
    return (
      <ErrorNote small error={text.error} what="The plot" onRetry={() => void text.refetch()} />
    );
  }
  if (document === undefined)
    return <div className={styles["wait"]} role="status" aria-label={`Loading ${label}`} />;
  if (document === null) return <Broken url={url}>The file is no document of Bokeh’s.</Broken>;
  return <FrameView name="bokeh" content={document} label={label} url={url} />;
}

function documentOf(text: string): Record<string, unknown> | null {
  try {
    const document: unknown = JSON.parse(text);
    return isRecord(document) && "roots" in document ? document : null;
  } catch {
    return null;
  }
}
