import { useEffect, useRef } from "react";
import type { LayerProps } from "./BoxLayer";
import styles from "./ImageView.module.css";
import { classRgb, isShown, type Layer, type LayerChoice } from "./layers";

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

/** A mask over an image, each class in its colour. */
export function MaskLayer({ layer, url, choice }: LayerProps) {
  const ref = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (url === null) return;
    const image = new Image();
    let dropped = false;
    image.onload = () => {
      const canvas = ref.current;
      const context = canvas?.getContext("2d", { willReadFrequently: true });
      const { naturalWidth: width, naturalHeight: height } = image;
      if (dropped || !canvas || !context || width * height === 0) return;
      if (width * height > MOST_PIXELS) return;
      canvas.width = width;
      canvas.height = height;
      context.drawImage(image, 0, 0);
      const pixels = context.getImageData(0, 0, width, height);
      paint(pixels, layer, choice);
      context.putImageData(pixels, 0, 0);
    };
    image.src = url;
    return () => {
      dropped = true;
    };
  }, [layer, url, choice]);
  return <canvas ref={ref} className={styles["layer"]} aria-hidden="true" />;
}
