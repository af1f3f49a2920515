/** One frame on or back in a video: browsers tell neither its rate nor its frames. */

/** Frames are told apart by their times; at 120 a second the shortest is longer than this. */
const TICK = 1 / 120;
const MOST_TICKS = 120;
/** Less than any frame is long. */
const MOMENT = 0.001;

/**
 * Where to look for the frame next to the one at `time`, one place after the other until one is
 * found. `length` is how long a frame is, as far as is known.
 */
export function* placesOf(time: number, by: 1 | -1, length: number | null): Generator<number> {
  if (by < 0 && time > 0) yield Math.max(time - MOMENT, 0);
  if (by > 0 && length !== null) yield time + length + MOMENT;
  for (let tick = 1; tick <= MOST_TICKS; tick += 1) {
    const place = time + by * tick * TICK;
    if (place < 0) return;
    yield place;
  }
}

/** The time of the frame that is shown after a look at a place; null where it is the same one. */
type Look = (place: number) => Promise<number | null>;

/** Steps to the next frame; returns its time, the old one where there is none. */
export async function step(
  time: number,
  by: 1 | -1,
  length: number | null,
  end: number,
  look: Look,
): Promise<number> {
  for (const place of placesOf(time, by, length)) {
    if (place > end) return time;
    const found = await look(place);
    if (found !== null && found !== time) return found;
  }
  return time;
}

/** A frame that is shown already is not told of again. */
const NO_NEWS_MS = 80;

function lookIn(video: HTMLVideoElement): Look {
  return (place) =>
    new Promise((resolve) => {
      const none = () => setTimeout(() => resolve(null), NO_NEWS_MS);
      video.requestVideoFrameCallback((_, { mediaTime }) => resolve(mediaTime));
      video.addEventListener("seeked", none, { once: true });
      video.currentTime = place;
    });
}

const known = new WeakMap<HTMLVideoElement, { src: string; time: number; length: number | null }>();

/** Stops a video, and shows its next frame or the one before. */
export async function stepFrame(video: HTMLVideoElement, by: 1 | -1): Promise<void> {
  video.pause();
  const before = known.get(video);
  const same = before?.src === video.currentSrc;
  // Where it stands on a frame that was stepped to, that frame's own time counts.
  const near = same && before && Math.abs(before.time - video.currentTime) <= 2 * MOMENT;
  const time = near ? before.time : video.currentTime;
  const length = same && before ? before.length : null;
  const found = await step(time, by, length, video.duration, lookIn(video));
  // Within the frame, not at its end: the next step starts from there.
  if (found !== time) video.currentTime = found + MOMENT;
  const apart = Math.abs(found - time);
  known.set(video, {
    src: video.currentSrc,
    time: found,
    length: near && apart > 0 ? apart : length,
  });
}
