import { memo } from "react";
import { classesOf, foldReturns, parseAnsi } from "./ansi";
import styles from "./LogText.module.css";

interface LogTextProps {
  text: string;
}

/** One line as a terminal would show it: text only, colours by class. */
export const LogText = memo(function LogText({ text }: LogTextProps) {
  const [spans] = parseAnsi(foldReturns(text));
  return spans.map((span, at) => {
    const names = classesOf(span.style);
    if (names.length === 0) return span.text;
    const classes = names.map((name) => styles[name] ?? "").join(" ");
    return (
      // biome-ignore lint/suspicious/noArrayIndexKey: spans of a line never move
      <span key={at} className={classes}>
        {span.text}
      </span>
    );
  });
});
