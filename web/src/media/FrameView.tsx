import { useEffect, useRef, useState } from "react";
import { useDark } from "../state/theme";
import { isRecord } from "../wire/check";
import { Broken } from "./Broken";
import styles from "./Media.module.css";

interface FrameViewProps {
  /** Which frame the server has: what it draws. */
  name: "vega" | "plotly" | "molecule" | "bokeh";
  /** What to draw, as the frame takes it. */
  content: unknown;
  options?: Readonly<Record<string, unknown>>;
  label: string;
  /** Where the content is, for a look with something else. */
  url?: string | null;
}

const NONE = {};
/** Frames share a process of the browser's: a document that never ends keeps all of them waiting. */
const PATIENCE_MS = 15_000;

/**
 * Something that a library draws from what somebody logged. It is drawn in a frame without an
 * origin, which reaches no host and knows nothing of this page but what is sent to it.
 */
export function FrameView({ name, content, options = NONE, label, url = null }: FrameViewProps) {
  const frame = useRef<HTMLIFrameElement>(null);
  const [ready, setReady] = useState(false);
  const [drawn, setDrawn] = useState(false);
  const [failed, setFailed] = useState<string | null>(null);
  const [late, setLate] = useState(false);
  const dark = useDark();
  useEffect(() => {
    const hear = (event: MessageEvent<unknown>): void => {
      if (event.source !== frame.current?.contentWindow || !isRecord(event.data)) return;
      if (event.data["ready"] === true) setReady(true);
      if (event.data["drawn"] === true) {
        setDrawn(true);
        setFailed(null);
      }
      if (typeof event.data["failed"] === "string") setFailed(event.data["failed"].slice(0, 300));
    };
    window.addEventListener("message", hear);
    return () => window.removeEventListener("message", hear);
  }, []);
  useEffect(() => {
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, []);
  useEffect(() => {
    if (!ready) return;
    try {
      frame.current?.contentWindow?.postMessage({ drawing: { content, options, dark } }, "*");
    } catch (cause) {
      // What is nested thousands of times can't be sent.
      setFailed(cause instanceof Error ? cause.message : String(cause));
    }
  }, [ready, content, options, dark]);
  return (
    <>
      <iframe
        ref={frame}
        className={`${styles["frame"]} ${styles["themed"]}`}
        src={`/frames/${name}`}
        title={label}
        sandbox="allow-scripts"
        referrerPolicy="no-referrer"
        hidden={failed !== null || (late && !drawn)}
        // Until it is told of the theme, it is white.
        data-drawn={drawn}
      />
      {failed !== null && <Broken url={url}>{`It can’t be drawn: ${failed}`}</Broken>}
      {failed === null && late && !drawn && (
        <Broken url={url}>
          It isn’t drawn yet. Another document on this page may be keeping the browser busy: search
          for other charts and load the page again.
        </Broken>
      )}
    </>
  );
}
