import { useEffect, useRef, useState } from "react";
import { IconButton } from "../ui";
import styles from "./ImageControls.module.css";
import type { ControlsProps } from "./registry";
import { MOVING_PICTURE } from "./VideoView";
import { stepFrame } from "./videoFrames";

const SPEEDS = [0.25, 0.5, 1, 1.5, 2, 4] as const;
const PLACE = "dialog, article";

/** Plays all videos of a panel together, or of the dialog that this is in. */
export default function VideoControls({ items, choice, onChoose }: ControlsProps) {
  const ref = useRef<HTMLDivElement>(null);
  const [playing, setPlaying] = useState(false);
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    const place = ref.current?.closest(PLACE);
    // These events don't bubble; they are heard on their way down.
    const hear = () => setPlaying(videosIn(place).some((video) => !video.paused));
    place?.addEventListener("play", hear, true);
    place?.addEventListener("pause", hear, true);
    return () => {
      place?.removeEventListener("play", hear, true);
      place?.removeEventListener("pause", hear, true);
    };
  }, []);
  // A moving picture is no video to the browser: nothing can stop it.
  if (items.every(({ item }) => item.path !== null && MOVING_PICTURE.test(item.path))) return null;
  const videos = () => videosIn(ref.current?.closest(PLACE));
  const play = (): void => {
    const [first, ...others] = videos();
    const running = videos().some((video) => !video.paused);
    if (!running) for (const video of others) video.currentTime = first?.currentTime ?? 0;
    for (const video of videos()) {
      if (running) video.pause();
      else video.play().catch(() => undefined);
    }
  };
  const step = async (by: 1 | -1): Promise<void> => {
    if (busy) return;
    setBusy(true);
    await Promise.allSettled(videos().map((video) => stepFrame(video, by)));
    setBusy(false);
  };
  const all = items.length > 1 ? "all " : "";
  return (
    <div className={styles["controls"]} ref={ref}>
      <div className={styles["layer"]}>
        <IconButton
          icon={playing ? "pause" : "play"}
          size={14}
          label={`${playing ? "Pause" : "Play"} ${all}together`}
          onClick={play}
        />
        <button type="button" onClick={() => void step(-1)}>
          Frame before
        </button>
        <button type="button" onClick={() => void step(1)}>
          Next frame
        </button>
        <label className={styles["range"]}>
          Speed
          <select
            value={choice.speed}
            onChange={({ target }) => onChoose({ ...choice, speed: Number(target.value) })}
          >
            {SPEEDS.map((speed) => (
              <option key={speed} value={speed}>
                {speed} ×
              </option>
            ))}
          </select>
        </label>
      </div>
    </div>
  );
}

/** The videos of a panel or a dialog, without those of a dialog within. */
function videosIn(place: Element | null | undefined): HTMLVideoElement[] {
  const all = [...(place?.querySelectorAll("video") ?? [])];
  return all.filter((video) => video.closest(PLACE) === place);
}
