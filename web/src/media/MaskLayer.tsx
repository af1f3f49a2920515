import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import type { LayerProps } from "./BoxLayer";
import styles from "./ImageView.module.css";
import { classesIn, classRgb, isShown, type Layer, type LayerChoice } from "./layers";

const MOST_PIXELS = 40_000_000;

/** Gives each class's pixels its colour; the mask's own grey is the number of the class. */
function paint(pixels: ImageData, layer: Layer, choice: LayerChoice): void {
  const { data } = pixels;
  const alpha = Math.round(choice.opacity * 255);
  const colors = Array.from({ length: 256 }, (_, id) => ({
    rgb: classRgb(id),
    // Class 0 is what is in none.
    alpha: id > 0 && isShown(choice, layer.id, id) ? alpha : 0,
  }));
  for (let at = 0; at < data.length; at += 4) {
    const color = colors[data[at] ?? 0];
    if (!color) continue;
    [data[at], data[at + 1], data[at + 2]] = color.rgb;
    data[at + 3] = color.alpha;
  }
}

/** The pixels of a mask; null where it is no picture, or one of too many pixels. */
async function readMask(url: string): Promise<ImageData | null> {
  const image = new Image();
  const loaded = await new Promise<boolean>((settle) => {
    image.onload = () => settle(true);
    image.onerror = () => settle(false);
    image.src = url;
  });
  const { naturalWidth: width, naturalHeight: height } = image;
  if (!loaded || width * height === 0 || width * height > MOST_PIXELS) return null;
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(image, 0, 0);
  return context?.getImageData(0, 0, width, height) ?? null;
}

/** The classes that occur in a mask, whether they have names or not; ascending. */
export const useMaskClasses = (path: string, url: string | null) =>
  useQuery({
    queryKey: ["mask classes", path],
    queryFn: async () => classesIn((await readMask(url ?? ""))?.data ?? []),
    enabled: url !== null,
    staleTime: Number.POSITIVE_INFINITY,
  });

/** A mask over an image, each class in its colour. */
export function MaskLayer({ layer, url, choice }: LayerProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (url === null) return;
    let dropped = false;
    void readMask(url).then((pixels) => {
      const canvas = ref.current;
      if (dropped || !canvas || !pixels) return;
      canvas.width = pixels.width;
      canvas.height = pixels.height;
      paint(pixels, layer, choice);
      canvas.getContext("2d")?.putImageData(pixels, 0, 0);
    });
    return () => {
      dropped = true;
    };
  }, [layer, url, choice]);
  return <canvas ref={ref} className={styles["layer"]} aria-hidden="true" />;
}
