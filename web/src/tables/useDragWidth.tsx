import { type ReactNode, useState } from "react";
import styles from "./useDragWidth.module.css";

const LEAST = 180;
const MOST = 560;
const KEY_STEP = 16;

const clamp = (width: number): number => Math.min(Math.max(width, LEAST), MOST);

/** A width that a handle at the right edge changes, by pointer or arrow keys; kept in the browser. */
export function useDragWidth(stored: string, usual: number): [number, ReactNode] {
  const [width, setWidth] = useState(() => clamp(Number(localStorage.getItem(stored)) || usual));
  const change = (next: number): void => {
    setWidth(clamp(next));
    localStorage.setItem(stored, String(clamp(next)));
  };
  const handle = (
    <div
      className={styles["handle"]}
      role="separator"
      aria-label="Width of the list"
      aria-orientation="vertical"
      aria-valuenow={width}
      aria-valuemin={LEAST}
      aria-valuemax={MOST}
      tabIndex={0}
      onKeyDown={(event) => {
        if (event.key === "ArrowLeft") change(width - KEY_STEP);
        if (event.key === "ArrowRight") change(width + KEY_STEP);
      }}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => {
        if (!event.currentTarget.hasPointerCapture(event.pointerId)) return;
        const edge = event.currentTarget.parentElement?.getBoundingClientRect().left ?? 0;
        change(event.clientX - edge);
      }}
    />
  );
  return [width, handle];
}
