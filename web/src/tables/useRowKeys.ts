import type { RefObject } from "react";
import { useShortcuts } from "../app/shortcuts";

interface RowKeys {
  scroller: RefObject<HTMLElement | null>;
  count: number;
  scrollTo: (index: number) => void;
  onSpace?: (index: number) => void;
}

/** j and k move the focus from row to row; rows bear `data-index`, their link `data-row-link`. */
export function useRowKeys({ scroller, count, scrollTo, onSpace }: RowKeys): void {
  const current = (): number => {
    const row = document.activeElement?.closest("[data-index]");
    if (!row || !scroller.current?.contains(row)) return -1;
    return Number(row.getAttribute("data-index"));
  };
  const move = (by: number): void => {
    const next = Math.min(Math.max(current() + by, 0), count - 1);
    if (next < 0) return;
    scrollTo(next);
    // The row may not be there before the list has drawn itself.
    requestAnimationFrame(() => {
      const link = scroller.current?.querySelector<HTMLElement>(
        `[data-index="${next}"] [data-row-link]`,
      );
      link?.focus();
    });
  };
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    ...(onSpace && {
      Space: (event: KeyboardEvent) => {
        if (event.target instanceof HTMLButtonElement || current() < 0) return;
        event.preventDefault();
        onSpace(current());
      },
    }),
  });
}
