import { type ReactNode, useRef } from "react";
import { IconButton } from "../ui";
import { FullScreenButton } from "./FullScreenButton";
import styles from "./Stage.module.css";

interface StageProps {
  /** What it is one of, such as a panel or an image. */
  word: string;
  at: number;
  count: number;
  onGo: (to: number) => void;
  /** Further buttons. */
  tools?: ReactNode;
  children: ReactNode;
}

/** One of several things in a dialog: with a way to its neighbours, and to the whole screen. */
export function Stage({ word, at, count, onGo, tools, children }: StageProps) {
  const ref = useRef<HTMLDivElement>(null);
  return (
    <div className={styles["stage"]} ref={ref}>
      <div className={styles["tools"]}>
        <IconButton
          icon="arrowLeft"
          label={`Previous ${word}`}
          disabled={at === 0}
          onClick={() => onGo(at - 1)}
        />
        <IconButton
          icon="arrowLeft"
          label={`Next ${word}`}
          className={styles["next"]}
          disabled={at === count - 1}
          onClick={() => onGo(at + 1)}
        />
        <span className={styles["place"]}>
          {at + 1} of {count}
        </span>
        {tools}
        <FullScreenButton of={ref} />
      </div>
      {children}
    </div>
  );
}
