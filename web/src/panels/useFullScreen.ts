import { type RefObject, useCallback, useEffect, useState } from "react";

export interface FullScreen {
  /** Whether the browser can do it at all. */
  able: boolean;
  on: boolean;
  toggle: () => void;
}

/** Whether an element fills the whole screen, and a switch for it. */
export function useFullScreen(ref: RefObject<HTMLElement | null>): FullScreen {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const hear = () => setOn(ref.current !== null && document.fullscreenElement === ref.current);
    document.addEventListener("fullscreenchange", hear);
    return () => document.removeEventListener("fullscreenchange", hear);
  }, [ref]);
  const toggle = useCallback(() => {
    // It may be refused, by a policy or by the user: then the window stays as it is.
    const done = document.fullscreenElement
      ? document.exitFullscreen()
      : ref.current?.requestFullscreen();
    done?.catch(() => undefined);
  }, [ref]);
  return { able: document.fullscreenEnabled, on, toggle };
}
