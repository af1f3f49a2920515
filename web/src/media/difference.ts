/** Where two images differ, pixel by pixel. */

export interface Difference {
  /** Red, green, blue and alpha: how far each is apart, times `gain`. */
  pixels: Uint8ClampedArray<ArrayBuffer>;
  /** The mean over all colours, 0 to 255, of what differs. */
  mean: number;
  /** Which part of the pixels differs at all. */
  share: number;
}

/** Both are of one size. What is transparent in both differs in nothing. */
export function differenceOf(
  first: Uint8ClampedArray,
  second: Uint8ClampedArray,
  gain: number,
): Difference {
  const pixels = new Uint8ClampedArray(first.length);
  let [sum, differing] = [0, 0];
  for (let at = 0; at < first.length; at += 4) {
    let apart = 0;
    for (let color = at; color < at + 3; color += 1) {
      const far = Math.abs((first[color] ?? 0) - (second[color] ?? 0));
      pixels[color] = far * gain;
      apart += far;
    }
    pixels[at + 3] = 255;
    const alpha = Math.abs((first[at + 3] ?? 0) - (second[at + 3] ?? 0));
    if (apart + alpha > 0) differing += 1;
    sum += apart;
  }
  const count = first.length / 4 || 1;
  return { pixels, mean: sum / (count * 3), share: differing / count };
}
