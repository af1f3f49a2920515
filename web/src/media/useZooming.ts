import { type RefObject, useEffect, useRef } from "react";
import type { ItemViewProps } from "./registry";
import {
  FITTED,
  fittingScale,
  moved,
  nextScale,
  type Place,
  rectOf,
  type Size,
  tellFit,
  type Zoom,
  zoomedAt,
} from "./zoom";

/** A hand that moves less than this has clicked. */
const STILL = 4;
const KEY_STEP = 60;

const ARROWS: Readonly<Record<string, Place>> = {
  ArrowLeft: { x: KEY_STEP, y: 0 },
  ArrowRight: { x: -KEY_STEP, y: 0 },
  ArrowUp: { x: 0, y: KEY_STEP },
  ArrowDown: { x: 0, y: -KEY_STEP },
};

/**
 * Wheel, drag and keys for an image that can be looked into, as handlers for its frame. All images
 * of a panel follow. `onClick` is told where, in parts of the image.
 */
export function useZooming(
  frame: RefObject<HTMLDivElement | null>,
  { choice, onChoose, keyName, large, label }: ItemViewProps,
  image: Size | null,
  room: Size,
  onClick: (x: number, y: number) => void,
) {
  const ratio = window.devicePixelRatio || 1;
  const fitting = image && room.width > 0 ? fittingScale(image, room, ratio) : null;
  const put = (zoom: Zoom): void => onChoose?.({ ...choice, zoom });
  const turn = useRef<(event: WheelEvent) => void>(undefined);
  const drag = useRef<{ at: Place; from: Place; far: boolean } | null>(null);
  const placeOf = (event: { clientX: number; clientY: number }): Place => {
    const box = frame.current?.getBoundingClientRect();
    return { x: event.clientX - (box?.left ?? 0), y: event.clientY - (box?.top ?? 0) };
  };
  const zoomBy = (by: 1 | -1, place: Place): void => {
    if (!image || fitting === null) return;
    const scale = nextScale(choice.zoom.scale ?? fitting, by);
    put(zoomedAt(choice.zoom, scale, place, image, room, ratio));
  };
  useEffect(() => {
    turn.current = (event) => {
      if ((!event.ctrlKey && !event.metaKey) || !onChoose || !image) return;
      event.preventDefault();
      if (event.deltaY !== 0) zoomBy(event.deltaY < 0 ? 1 : -1, placeOf(event));
    };
  });
  useEffect(() => {
    const element = frame.current;
    // React's own listener is passive, and the page would scroll along.
    const hear = (event: WheelEvent) => turn.current?.(event);
    element?.addEventListener("wheel", hear, { passive: false });
    return () => element?.removeEventListener("wheel", hear);
  }, [frame]);
  useEffect(() => {
    if (fitting !== null) return tellFit(keyName, fitting);
  }, [keyName, fitting]);
  const canMove = image !== null && choice.zoom.scale !== null && onChoose !== undefined;
  return {
    onPointerDown: (event: React.PointerEvent) => {
      if (event.button !== 0) return;
      drag.current = { at: placeOf(event), from: placeOf(event), far: false };
      if (canMove) event.currentTarget.setPointerCapture(event.pointerId);
    },
    onPointerMove: (event: React.PointerEvent) => {
      const held = drag.current;
      if (!held || !image) return;
      const now = placeOf(event);
      held.far ||= Math.hypot(now.x - held.from.x, now.y - held.from.y) >= STILL;
      if (!held.far || !canMove) return;
      put(moved(choice.zoom, { x: now.x - held.at.x, y: now.y - held.at.y }, image, room, ratio));
      held.at = now;
    },
    onPointerCancel: () => {
      drag.current = null;
    },
    onPointerUp: (event: React.PointerEvent) => {
      const held = drag.current;
      drag.current = null;
      if (!held || held.far || !image) return;
      const rect = rectOf(choice.zoom, image, room, ratio);
      const place = placeOf(event);
      onClick((place.x - rect.left) / rect.width, (place.y - rect.top) / rect.height);
    },
    onDoubleClick: () => put(FITTED),
    ...(large
      ? {
          tabIndex: 0,
          role: "group",
          "aria-label": `${label}: + and − zoom, arrows move`,
          "data-arrows": choice.zoom.scale === null ? undefined : "",
          onKeyDown: (event: React.KeyboardEvent) => {
            if (event.ctrlKey || event.metaKey || event.altKey || !image) return;
            const way = ARROWS[event.key];
            const middle = { x: room.width / 2, y: room.height / 2 };
            if (event.key === "+") zoomBy(1, middle);
            else if (event.key === "-") zoomBy(-1, middle);
            else if (event.key === "0") put(FITTED);
            else if (way && canMove) put(moved(choice.zoom, way, image, room, ratio));
            else return;
            event.preventDefault();
          },
        }
      : {}),
  };
}
