import { type RefObject, useEffect, useState } from "react";
import { IconButton } from "../ui";

/** Lets an element fill the whole screen, and no longer; nothing where the browser can't. */
export function FullScreenButton({ of: ref }: { of: RefObject<HTMLElement | null> }) {
  const [on, setOn] = useState(false);
  useEffect(() => {
    const hear = () => setOn(ref.current !== null && document.fullscreenElement === ref.current);
    document.addEventListener("fullscreenchange", hear);
    return () => document.removeEventListener("fullscreenchange", hear);
  }, [ref]);
  if (!document.fullscreenEnabled) return null;
  const toggle = () => {
    // It may be refused, by a policy or by the user: then the window stays as it is.
    const done = document.fullscreenElement
      ? document.exitFullscreen()
      : ref.current?.requestFullscreen();
    done?.catch(() => undefined);
  };
  return (
    <IconButton
      icon="fullScreen"
      label={on ? "Leave the full screen" : "Full screen"}
      pressed={on}
      onClick={toggle}
    />
  );
}
