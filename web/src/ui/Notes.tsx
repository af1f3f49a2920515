import { type ReactNode, useState } from "react";
import { ServerError } from "../wire/http";
import { Button } from "./Button";
import { Icon } from "./Icon";
import styles from "./Notes.module.css";

interface EmptyNoteProps {
  title: string;
  children?: ReactNode;
}

/** Why there is nothing, and what to do about it. */
export function EmptyNote({ title, children }: EmptyNoteProps) {
  return (
    <div className={styles["empty"]}>
      <h2>{title}</h2>
      {children}
    </div>
  );
}

interface ErrorNoteProps {
  error: Error;
  /** What could not be shown, as in "The runs". */
  what: string;
  onRetry: () => void;
  small?: boolean;
  /** It is there, only not as it is now. */
  older?: boolean;
}

export function ErrorNote({ error, what, onRetry, small = false, older = false }: ErrorNoteProps) {
  const requestId = error instanceof ServerError ? error.requestId : null;
  return (
    <div className={`${styles["error"]} ${small ? styles["small"] : ""}`} role="alert">
      <p>
        <strong>
          {what} can’t be {older ? "brought up to date" : "shown"}.
        </strong>{" "}
        {error.message}
      </p>
      <div className={styles["actions"]}>
        <Button onClick={onRetry}>Try again</Button>
        {requestId && (
          <span className={styles["request"]}>
            Request <code>{requestId}</code>
          </span>
        )}
      </div>
    </div>
  );
}

interface SnippetProps {
  text: string;
  label: string;
}

/** Text to copy into a terminal or a script. */
export function Snippet({ text, label }: SnippetProps) {
  const [copied, setCopied] = useState(false);
  const copy = async (): Promise<void> => {
    await copyText(text);
    setCopied(true);
    setTimeout(() => setCopied(false), 1_500);
  };
  return (
    <figure className={styles["snippet"]}>
      <figcaption>
        {label}
        <Button look="quiet" onClick={() => void copy()}>
          <Icon name={copied ? "check" : "copy"} size={14} />
          {copied ? "Copied" : "Copy"}
        </Button>
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: wide text scrolls, by keyboard too */}
      <pre tabIndex={0}>{text}</pre>
    </figure>
  );
}

/** The clipboard is only there on https and loopback; elsewhere a selection does. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  document.body.append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}
