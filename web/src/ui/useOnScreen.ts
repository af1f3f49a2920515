import { type RefObject, useEffect, useState } from "react";

const MARGIN = "160px 0px";
const callbacks = new WeakMap<Element, (shown: boolean) => void>();
let observer: IntersectionObserver | null = null;

function theObserver(): IntersectionObserver {
  observer ??= new IntersectionObserver(
    (entries) => {
      for (const entry of entries) callbacks.get(entry.target)?.(entry.isIntersecting);
    },
    { rootMargin: MARGIN },
  );
  return observer;
}

/** Whether an element is on screen or about to be. */
export function useOnScreen(ref: RefObject<Element | null>): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    callbacks.set(element, setShown);
    theObserver().observe(element);
    return () => theObserver().unobserve(element);
  }, [ref]);
  return shown;
}
