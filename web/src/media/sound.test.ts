import { expect, it } from "vitest";
import { clockOf, loopBetween, looped, peaksOf, rateOf, spectrogramOf, transform } from "./sound";

it("finds the lowest and the highest sample of each column", () => {
  const samples = Float32Array.from([0, 1, -1, 0.5, 0.25, 0.25]);

  expect([...peaksOf(samples, 3)]).toEqual([0, 1, -1, 0.5, 0.25, 0.25]);
  expect([...peaksOf(samples.subarray(0, 2), 4)]).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  expect([...peaksOf(new Float32Array(0), 2)]).toEqual([0, 0, 0, 0]);
});

it("transforms as the sum says", () => {
  const samples = Array.from({ length: 16 }, (_, at) => Math.sin(at * at));
  const real = Float32Array.from(samples);
  const imaginary = new Float32Array(16);

  transform(real, imaginary);

  for (let tone = 0; tone < 16; tone += 1) {
    const angle = (at: number) => (-2 * Math.PI * tone * at) / 16;
    const [re, im] = [Math.cos, Math.sin].map((f) =>
      samples.reduce((sum, sample, at) => sum + sample * f(angle(at)), 0),
    );
    expect(real[tone]).toBeCloseTo(re ?? 0, 4);
    expect(imaginary[tone]).toBeCloseTo(im ?? 0, 4);
  }
});

it("shows a tone where it is", () => {
  const rate = 8000;
  const tone = Float32Array.from({ length: rate }, (_, at) =>
    Math.sin((2 * Math.PI * 1000 * at) / rate),
  );

  const { tones, levels } = spectrogramOf(tone, 4);

  const column = levels.subarray(tones * 2, tones * 3);
  expect(column.indexOf(Math.max(...column))).toBe(Math.round((1000 / (rate / 2)) * tones));
  expect(Math.max(...levels)).toBeCloseTo(0, 1);
});

it("goes back to the loop's start at its end", () => {
  const loop = loopBetween(3, 1);

  expect(loop).toEqual({ from: 1, to: 3 });
  expect([looped(2, loop), looped(3.1, loop), looped(0, loop), looped(9, null)]).toEqual([
    2, 1, 1, 9,
  ]);
  expect(loopBetween(2, 2)).toBeNull();
});

it("writes a time as a clock does", () => {
  expect([clockOf(0), clockOf(62.56), clockOf(0.3)]).toEqual(["0:00.0", "1:02.5", "0:00.3"]);
});

it("reads the rate of a WAV file, and takes the usual one for others", () => {
  const head = new TextEncoder().encode("RIFF\0\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0");
  const wave = new Uint8Array([...head, 0x80, 0x3e, 0, 0]);

  expect(rateOf(wave.buffer)).toBe(16_000);
  expect(rateOf(new TextEncoder().encode("ID3 and a lot of other bytes").buffer)).toBe(44_100);
  expect(rateOf(new ArrayBuffer(3))).toBe(44_100);
});
