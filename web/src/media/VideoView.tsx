import { useEffect, useRef, useState } from "react";
import { Broken } from "./Broken";
import styles from "./Media.module.css";
import type { ItemViewProps } from "./registry";

export const MOVING_PICTURE = /\.(gif|webp|apng)$/i;

export default function VideoView({ item, urlOf, label, choice }: ItemViewProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [failed, setFailed] = useState<string | null>(null);
  const url = urlOf(item.path);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another file starts at the usual speed
  useEffect(() => {
    if (video.current) video.current.playbackRate = choice.speed;
  }, [choice.speed, url]);
  // It may have failed while it was not on the page yet: nobody heard of that.
  useEffect(() => {
    if (video.current?.error) setFailed(url);
  }, [url]);
  if (url === null) return <Broken>The video’s file is not known.</Broken>;
  if (failed === url) {
    return <Broken url={url}>The video hasn’t come yet, or this browser can’t play it.</Broken>;
  }
  const fail = () => setFailed(url);
  if (item.path && MOVING_PICTURE.test(item.path)) {
    return (
      <div className={styles["fill"]}>
        <img className={styles["video"]} src={url} alt={label} onError={fail} />
      </div>
    );
  }
  return (
    <div className={styles["fill"]}>
      {/* biome-ignore lint/a11y/useMediaCaption: what people log has no subtitles */}
      <video
        ref={video}
        className={styles["video"]}
        src={url}
        aria-label={label}
        controls
        loop
        playsInline
        preload="metadata"
        onError={fail}
      />
    </div>
  );
}
