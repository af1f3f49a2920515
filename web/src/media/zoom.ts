/** How far images are zoomed in: all of a panel alike, by whole pixels of the screen. */

export interface Zoom {
  /** How many of the screen's pixels one of the image's takes; null for what fits. */
  scale: number | null;
  /** What is in the middle, in parts of the image. */
  x: number;
  y: number;
}

export interface Size {
  width: number;
  height: number;
}

export interface Rect extends Size {
  left: number;
  top: number;
}

export const FITTED: Zoom = { scale: null, x: 0.5, y: 0.5 };

/** At each of these an image's pixels are all of one size, or it leaves out evenly. */
const SCALES = [1 / 16, 1 / 8, 1 / 4, 1 / 2, 1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 48, 64] as const;

/** The scale at which all of an image is seen. */
export const fittingScale = (image: Size, room: Size, ratio: number): number =>
  Math.min(room.width / image.width, room.height / image.height) * ratio;

/** What is drawn at least so much larger has pixels that one can see; those between get jagged. */
const SEEN = 2;

/** Whether pixels are drawn as they are: those that one zoomed to, and those that are large. */
export const isSharp = (zoom: Zoom, drawn: number): boolean =>
  zoom.scale === null ? drawn >= SEEN : zoom.scale >= 1;

/** The next larger scale, or the next smaller one; the last stays as it is. */
export function nextScale(scale: number, by: 1 | -1): number {
  // A scale that fits is rarely one of these: those next to it are, but for roundings.
  const found =
    by > 0
      ? SCALES.find((one) => one > scale * 1.001)
      : SCALES.findLast((one) => one < scale / 1.001);
  return found ?? scale;
}

/** The middle that leaves no room empty which the image could fill. */
function held(middle: number, drawn: number, room: number): number {
  if (drawn <= room) return 0.5;
  const half = room / drawn / 2;
  return Math.min(Math.max(middle, half), 1 - half);
}

/** Where an image is drawn in its room. Its edges lie on pixels of the screen. */
export function rectOf(zoom: Zoom, image: Size, room: Size, ratio: number): Rect {
  const scale = (zoom.scale ?? fittingScale(image, room, ratio)) / ratio;
  const [width, height] = [image.width * scale, image.height * scale];
  const snapped = (value: number): number => Math.round(value * ratio) / ratio;
  return {
    left: snapped(room.width / 2 - held(zoom.x, width, room.width) * width),
    top: snapped(room.height / 2 - held(zoom.y, height, room.height) * height),
    width,
    height,
  };
}

export interface Place {
  x: number;
  y: number;
}

/** Zooms so that what is at a place of the room stays there. */
export function zoomedAt(
  zoom: Zoom,
  scale: number,
  place: Place,
  image: Size,
  room: Size,
  ratio: number,
): Zoom {
  const now = rectOf(zoom, image, room, ratio);
  const part = {
    x: (place.x - now.left) / now.width,
    y: (place.y - now.top) / now.height,
  };
  const [width, height] = [(image.width * scale) / ratio, (image.height * scale) / ratio];
  return {
    scale,
    x: held(part.x + (room.width / 2 - place.x) / width, width, room.width),
    y: held(part.y + (room.height / 2 - place.y) / height, height, room.height),
  };
}

/** Moves what is seen by a way on the screen. */
export function moved(zoom: Zoom, way: Place, image: Size, room: Size, ratio: number): Zoom {
  const { width, height } = rectOf(zoom, image, room, ratio);
  return {
    scale: zoom.scale,
    x: held(held(zoom.x, width, room.width) - way.x / width, width, room.width),
    y: held(held(zoom.y, height, room.height) - way.y / height, height, room.height),
  };
}

/** How large the images of a key that are on screen are drawn where they fit; the last counts. */
const fits = new Map<string, { scale: number }[]>();

/** Tells how large one is drawn, until what is returned is called. */
export function tellFit(key: string, scale: number): () => void {
  const entry = { scale };
  fits.set(key, [...(fits.get(key) ?? []), entry]);
  return () =>
    void fits.set(
      key,
      (fits.get(key) ?? []).filter((one) => one !== entry),
    );
}

export const scaleOfFit = (key: string): number => fits.get(key)?.at(-1)?.scale ?? 1;
