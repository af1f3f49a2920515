import { useState } from "react";
import { Broken } from "./Broken";
import styles from "./Media.module.css";
import type { ItemViewProps } from "./registry";

export default function AudioView({ item, urlOf, label }: ItemViewProps) {
  const [failed, setFailed] = useState<string | null>(null);
  const url = urlOf(item.path);
  if (url === null) return <Broken>The sound’s file is not known.</Broken>;
  if (failed === url) {
    return <Broken url={url}>The sound hasn’t come yet, or this browser can’t play it.</Broken>;
  }
  return (
    <div className={styles["fill"]}>
      {/* biome-ignore lint/a11y/useMediaCaption: what people log has no subtitles */}
      <audio
        className={styles["audio"]}
        src={url}
        aria-label={label}
        controls
        preload="metadata"
        onError={() => setFailed(url)}
      />
    </div>
  );
}
