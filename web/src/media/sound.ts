/** What is drawn of a sound: its outline, and what tones are in it at what time. */

/** The lowest and the highest sample of each column, one after the other. */
export function peaksOf(samples: Float32Array, columns: number): Float32Array {
  const peaks = new Float32Array(columns * 2);
  for (let column = 0; column < columns; column += 1) {
    const from = Math.floor((column * samples.length) / columns);
    const to = Math.max(Math.floor(((column + 1) * samples.length) / columns), from + 1);
    let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    for (let at = from; at < to && at < samples.length; at += 1) {
      const sample = samples[at] ?? 0;
      if (sample < low) low = sample;
      if (sample > high) high = sample;
    }
    peaks[column * 2] = low <= high ? low : 0;
    peaks[column * 2 + 1] = low <= high ? high : 0;
  }
  return peaks;
}

/** The discrete Fourier transform, in place; the length is a power of two. */
export function transform(real: Float32Array, imaginary: Float32Array): void {
  const { length } = real;
  const swap = (list: Float32Array, a: number, b: number): void => {
    [list[a], list[b]] = [list[b] ?? 0, list[a] ?? 0];
  };
  for (let at = 1, other = 0; at < length; at += 1) {
    let bit = length >> 1;
    for (; other & bit; bit >>= 1) other ^= bit;
    other ^= bit;
    if (at < other) {
      swap(real, at, other);
      swap(imaginary, at, other);
    }
  }
  for (let size = 2; size <= length; size *= 2) {
    const half = size / 2;
    for (let offset = 0; offset < half; offset += 1) {
      const angle = (-2 * Math.PI * offset) / size;
      const [cosine, sine] = [Math.cos(angle), Math.sin(angle)];
      for (let a = offset; a < length; a += size) {
        const b = a + half;
        const [re, im] = [real[b] ?? 0, imaginary[b] ?? 0];
        const [x, y] = [re * cosine - im * sine, re * sine + im * cosine];
        real[b] = (real[a] ?? 0) - x;
        imaginary[b] = (imaginary[a] ?? 0) - y;
        real[a] = (real[a] ?? 0) + x;
        imaginary[a] = (imaginary[a] ?? 0) + y;
      }
    }
  }
}

export interface Spectrogram {
  columns: number;
  /** How many tones are told apart, from 0 to half the rate of samples. */
  tones: number;
  /** How loud each tone is, in decibels below the loudest; column by column, low tones first. */
  levels: Float32Array;
}

/** Looks at a window of samples in the middle of each column. */
export function spectrogramOf(samples: Float32Array, columns: number, size = 512): Spectrogram {
  const tones = size / 2;
  const levels = new Float32Array(columns * tones);
  const taper = Float32Array.from(
    { length: size },
    (_, at) => 0.5 - 0.5 * Math.cos((2 * Math.PI * at) / (size - 1)),
  );
  for (let column = 0; column < columns; column += 1) {
    const from = Math.floor(((column + 0.5) * samples.length) / columns - size / 2);
    const real = taper.map((factor, at) => factor * (samples[from + at] ?? 0));
    const imaginary = new Float32Array(size);
    transform(real, imaginary);
    for (let tone = 0; tone < tones; tone += 1) {
      levels[column * tones + tone] = Math.hypot(real[tone] ?? 0, imaginary[tone] ?? 0);
    }
  }
  const loudest = levels.reduce((most, level) => Math.max(most, level), 0) || 1;
  return { columns, tones, levels: levels.map((level) => 20 * Math.log10(level / loudest + 1e-9)) };
}

export interface Loop {
  from: number;
  to: number;
}

/** Where playing goes on: back at the loop's start once it has come to its end. */
export const looped = (time: number, loop: Loop | null): number =>
  loop && (time >= loop.to || time < loop.from - 0.05) ? loop.from : time;

/** A loop between two times, whichever is first; null where they are one. */
export const loopBetween = (a: number, b: number): Loop | null =>
  Math.abs(a - b) < 0.01 ? null : { from: Math.min(a, b), to: Math.max(a, b) };

/** `1:02.5`: minutes, seconds and tenths. */
export function clockOf(seconds: number): string {
  const tenths = Math.floor(seconds * 10 + 1e-6);
  const [minutes, rest] = [Math.floor(tenths / 600), tenths % 600];
  return `${minutes}:${String(Math.floor(rest / 10)).padStart(2, "0")}.${rest % 10}`;
}

/** What browsers decode to at the least and at the most. */
const [LEAST_RATE, MOST_RATE, USUAL_RATE] = [8_000, 48_000, 44_100];

/** How many samples a second a WAV file says it has; the usual number for other files. */
export function rateOf(bytes: ArrayBuffer): number {
  const view = new DataView(bytes);
  const isWave = bytes.byteLength >= 28 && view.getUint32(0) === 0x52494646;
  if (!isWave || view.getUint32(12) !== 0x666d7420) return USUAL_RATE;
  return Math.min(Math.max(view.getUint32(24, true), LEAST_RATE), MOST_RATE);
}
