import { useEffect, useRef, useState } from "react";
import { useDark } from "../state/theme";
import { useSize } from "../ui/useSize";
import { clockOf, type Loop, loopBetween, peaksOf, spectrogramOf } from "./sound";
import { shareCursor, useCursor } from "./soundCursor";
import type { Sound } from "./useSound";
import styles from "./Waveform.module.css";

interface WaveformProps {
  sound: Sound;
  label: string;
  keyName: string;
  /** Where it is played, in seconds. */
  at: number;
  loop: Loop | null;
  spectrum: boolean;
  onSeek: (seconds: number) => void;
  onLoop: (loop: Loop | null) => void;
}

/** A drag over less of the drawing than this is a click. */
const CLICK = 0.01;

/** A sound drawn over time: click to go there, drag to hear a part again and again. */
export function Waveform(props: WaveformProps) {
  const { sound, label, keyName, at, loop, spectrum, onSeek, onLoop } = props;
  const frame = useRef<HTMLDivElement>(null);
  const cursor = useCursor(keyName);
  const [from, setFrom] = useState<number | null>(null);
  const { duration } = sound;
  const secondsAt = (event: React.PointerEvent): number => {
    const box = event.currentTarget.getBoundingClientRect();
    const part = (event.clientX - box.left) / Math.max(box.width, 1);
    return Math.min(Math.max(part, 0), 1) * duration;
  };
  const percent = (seconds: number): string => `${(seconds / duration) * 100}%`;
  const keys: Readonly<Record<string, number>> = {
    ArrowLeft: at - duration / 50,
    ArrowRight: at + duration / 50,
    Home: 0,
    End: duration,
  };
  return (
    <div
      ref={frame}
      className={styles["frame"]}
      role="slider"
      tabIndex={0}
      aria-label={`Position in ${label}`}
      aria-valuemin={0}
      aria-valuemax={duration}
      aria-valuenow={Math.min(at, duration)}
      aria-valuetext={`${clockOf(at)} of ${clockOf(duration)}`}
      onKeyDown={(event) => {
        const to = keys[event.key];
        if (to === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
        event.preventDefault();
        onSeek(Math.min(Math.max(to, 0), duration));
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setFrom(secondsAt(event));
      }}
      onPointerMove={(event) => {
        const now = secondsAt(event);
        shareCursor(keyName, now);
        if (from !== null && Math.abs(now - from) > CLICK * duration)
          onLoop(loopBetween(from, now));
      }}
      onPointerUp={(event) => {
        const now = secondsAt(event);
        if (from !== null && Math.abs(now - from) <= CLICK * duration) {
          onLoop(null);
          onSeek(now);
        }
        setFrom(null);
      }}
      onPointerCancel={() => setFrom(null)}
      onPointerLeave={() => shareCursor(keyName, null)}
    >
      <Outline sound={sound} />
      {spectrum && <Spectrum sound={sound} />}
      {loop && (
        <i
          className={styles["loop"]}
          style={{ left: percent(loop.from), width: percent(loop.to - loop.from) }}
        />
      )}
      {cursor !== null && cursor <= duration && (
        <i className={styles["cursor"]} style={{ left: percent(cursor) }}>
          <span>{clockOf(cursor)}</span>
        </i>
      )}
      <i className={styles["at"]} style={{ left: percent(Math.min(at, duration)) }} />
    </div>
  );
}

function Outline({ sound }: { sound: Sound }) {
  const ref = useRef<HTMLCanvasElement>(null);
  const { width, height } = useSize(ref);
  const dark = useDark();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the theme is in the style that is read
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context || width === 0) return;
    const ratio = window.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    context.fillStyle = getComputedStyle(canvas).color;
    const peaks = peaksOf(sound.samples, canvas.width);
    const most = peaks.reduce((found, peak) => Math.max(found, Math.abs(peak)), 0) || 1;
    const middle = canvas.height / 2;
    for (let column = 0; column < canvas.width; column += 1) {
      const [low, high] = [peaks[column * 2] ?? 0, peaks[column * 2 + 1] ?? 0];
      const top = middle - (high / most) * middle;
      const bottom = middle - (low / most) * middle;
      context.fillRect(column, top, 1, Math.max(bottom - top, ratio));
    }
  }, [sound, width, height, dark]);
  return <canvas ref={ref} className={styles["outline"]} />;
}

/** Decibels below the loudest that are drawn as nothing. */
const SILENT = -80;

/** From black over violet and orange to a light yellow, so that louder is lighter. */
function inkOf(part: number): [number, number, number] {
  const curve = (from: number, width: number): number =>
    255 * Math.min(Math.max((part - from) / width, 0), 1);
  return [
    curve(0.1, 0.55),
    curve(0.45, 0.5),
    0.55 * curve(0, 0.35) - 0.5 * curve(0.4, 0.3) + 0.6 * curve(0.75, 0.25),
  ];
}

const MOST_COLUMNS = 800;

function Spectrum({ sound }: { sound: Sound }) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const canvas = ref.current;
    const context = canvas?.getContext("2d");
    if (!canvas || !context) return;
    const { columns, tones, levels } = spectrogramOf(sound.samples, MOST_COLUMNS);
    canvas.width = columns;
    canvas.height = tones;
    const pixels = context.createImageData(columns, tones);
    for (let column = 0; column < columns; column += 1) {
      for (let tone = 0; tone < tones; tone += 1) {
        const level = levels[column * tones + tone] ?? SILENT;
        const place = ((tones - 1 - tone) * columns + column) * 4;
        const part = Math.max(0, 1 - level / SILENT);
        [pixels.data[place], pixels.data[place + 1], pixels.data[place + 2]] = inkOf(part);
        pixels.data[place + 3] = 255;
      }
    }
    context.putImageData(pixels, 0, 0);
  }, [sound]);
  return (
    <div className={styles["spectrum"]}>
      <canvas ref={ref} />
      <span>{sound.rate / 2000} kHz</span>
      <span>0</span>
    </div>
  );
}
