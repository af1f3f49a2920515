import { useEffect, useRef, useState } from "react";
import styles from "./AudioView.module.css";
import { Broken } from "./Broken";
import type { ItemViewProps } from "./registry";
import { type Loop, loopBetween, looped } from "./sound";
import { shareCursor } from "./soundCursor";
import { useSound } from "./useSound";
import { Waveform } from "./Waveform";

export default function AudioView(props: ItemViewProps) {
  const [failed, setFailed] = useState<string | null>(null);
  const url = props.urlOf(props.item.path);
  if (url === null) return <Broken>The sound’s file is not known.</Broken>;
  if (failed === url) {
    return <Broken url={url}>The sound hasn’t come yet, or this browser can’t play it.</Broken>;
  }
  return <Player key={url} {...props} url={url} onFail={() => setFailed(url)} />;
}

interface PlayerProps extends ItemViewProps {
  url: string;
  onFail: () => void;
}

/** The browser's own player, and above it the sound as it looks. */
function Player({ item, url, label, large, keyName, onFail }: PlayerProps) {
  const audio = useRef<HTMLAudioElement>(null);
  const [at, setAt] = useState(0);
  const [playing, setPlaying] = useState(false);
  const [loop, setLoop] = useState<Loop | null>(null);
  const [spectrum, setSpectrum] = useState(large);
  const sound = useSound(item.path ?? "", url);
  const seek = (seconds: number): void => {
    if (audio.current) audio.current.currentTime = seconds;
    setAt(seconds);
  };
  useEffect(() => {
    if (!playing) return;
    let frame = 0;
    // The player itself tells of its place four times a second, too rarely for a loop's end.
    const follow = (): void => {
      const element = audio.current;
      if (element) {
        const wanted = looped(element.currentTime, loop);
        if (wanted !== element.currentTime) element.currentTime = wanted;
        setAt(wanted);
        shareCursor(keyName, wanted);
      }
      frame = requestAnimationFrame(follow);
    };
    follow();
    return () => {
      cancelAnimationFrame(frame);
      shareCursor(keyName, null);
    };
  }, [playing, loop, keyName]);
  const fail = useRef(onFail);
  // It may have failed while it was not on the page yet: nobody heard of that.
  useEffect(() => {
    if (audio.current?.error) fail.current();
  }, []);
  const drawn = sound.data;
  return (
    <div className={styles["player"]}>
      {drawn && (
        <Waveform
          sound={drawn}
          label={label}
          keyName={keyName}
          at={at}
          loop={loop}
          spectrum={spectrum}
          onSeek={seek}
          onLoop={setLoop}
        />
      )}
      {sound.isLoading && <div className={styles["wait"]} role="status" aria-label="Loading" />}
      {drawn === null && <p className={styles["note"]}>The sound is too long to be drawn.</p>}
      {sound.error && <p className={styles["note"]}>The sound can’t be drawn.</p>}
      {/* biome-ignore lint/a11y/useMediaCaption: what people log has no subtitles */}
      <audio
        ref={audio}
        className={styles["audio"]}
        src={url}
        aria-label={label}
        controls
        preload="metadata"
        loop={loop !== null}
        onError={onFail}
        onPlay={() => setPlaying(true)}
        onPause={() => setPlaying(false)}
        onSeeked={({ currentTarget }) => setAt(currentTarget.currentTime)}
      />
      {drawn && (large || loop) && (
        <div className={styles["tools"]}>
          {large && (
            <>
              <button type="button" aria-pressed={spectrum} onClick={() => setSpectrum(!spectrum)}>
                Spectrogram
              </button>
              <button
                type="button"
                onClick={() => setLoop(loopBetween(at, loop?.to ?? drawn.duration))}
              >
                Loop from here
              </button>
              <button type="button" onClick={() => setLoop(loopBetween(loop?.from ?? 0, at))}>
                Loop up to here
              </button>
            </>
          )}
          {loop && (
            <button type="button" onClick={() => setLoop(null)}>
              No loop
            </button>
          )}
        </div>
      )}
    </div>
  );
}
