import { useMemo } from "react";
import { useFileText } from "../state/queries";
import { ErrorNote } from "../ui";
import { isRecord } from "../wire/check";
import { Broken } from "./Broken";
import { FrameView } from "./FrameView";
import styles from "./Media.module.css";
import type { ItemViewProps } from "./registry";

export default function PlotlyView({ item, urlOf, label }: ItemViewProps) {
  const url = urlOf(item.path);
  const text = useFileText(url ?? "", url !== null);
  const figure = useMemo(
    () => (text.data === undefined ? undefined : figureOf(text.data)),
    [text.data],
  );
  if (url === null) return <Broken>The figure’s file is not known.</Broken>;
  if (text.error) {
    return (
      <ErrorNote small error={text.error} what="The figure" onRetry={() => void text.refetch()} />
    );
  }
  if (figure === undefined)
    return <div className={styles["wait"]} role="status" aria-label={`Loading ${label}`} />;
  if (figure === null) return <Broken url={url}>The file is no figure of Plotly’s.</Broken>;
  return <FrameView name="plotly" content={figure} label={label} url={url} />;
}

function figureOf(text: string): Record<string, unknown> | null {
  try {
    const figure: unknown = JSON.parse(text);
    return isRecord(figure) && Array.isArray(figure["data"]) ? figure : null;
  } catch {
    return null;
  }
}
