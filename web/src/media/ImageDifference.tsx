import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { useSize } from "../ui/useSize";
import { Broken } from "./Broken";
import { type Difference, differenceOf } from "./difference";
import styles from "./ImageView.module.css";
import type { ItemViewProps } from "./registry";
import { useZooming } from "./useZooming";
import { rectOf } from "./zoom";

interface ImageDifferenceProps {
  first: ItemViewProps;
  second: ItemViewProps;
  /** How much larger a difference is drawn than it is. */
  gain: number;
}

const MOST_PIXELS = 40_000_000;

async function imageOf(one: ItemViewProps): Promise<ImageBitmap> {
  const image = new Image();
  image.src = one.urlOf(one.item.path) ?? "";
  await image.decode();
  return createImageBitmap(image);
}

interface Both {
  width: number;
  height: number;
  first: Uint8ClampedArray;
  second: Uint8ClampedArray;
  /** Whether one is larger, and what it has more is left out. */
  cut: boolean;
}

async function readBoth(first: ItemViewProps, second: ItemViewProps): Promise<Both> {
  const images = await Promise.all([imageOf(first), imageOf(second)]);
  const width = Math.min(...images.map((image) => image.width));
  const height = Math.min(...images.map((image) => image.height));
  if (width * height > MOST_PIXELS) throw new Error("they have too many pixels.");
  const [one, other] = images.map((image) => {
    const context = new OffscreenCanvas(width, height).getContext("2d");
    if (!context) throw new Error("this browser draws nothing.");
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, width, height).data;
  });
  if (!one || !other) throw new Error("one is missing.");
  const cut = images.some((image) => image.width !== width || image.height !== height);
  return { width, height, first: one, second: other, cut };
}

/** Two images taken from each other: black where they are the same. */
export default function ImageDifference({ first, second, gain }: ImageDifferenceProps) {
  const both = useQuery({
    queryKey: ["difference", first.item.path, second.item.path],
    queryFn: () => readBoth(first, second),
    retry: false,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 30_000,
  });
  if (both.error) return <Broken>The images can’t be read: one hasn’t come, or is none.</Broken>;
  if (!both.data) return null;
  return <Drawn both={both.data} item={second} gain={gain} />;
}

function Drawn({ both, item, gain }: { both: Both; item: ItemViewProps; gain: number }) {
  const frame = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const room = useSize(frame);
  const [found, setFound] = useState<Difference | null>(null);
  const zooming = useZooming(frame, { ...item, large: true }, both, room, () => undefined);
  const { width, height, first, second, cut } = both;
  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const difference = differenceOf(first, second, gain);
    context.putImageData(new ImageData(difference.pixels, width, height), 0, 0);
    setFound(difference);
  }, [first, second, width, height, gain]);
  const ratio = window.devicePixelRatio || 1;
  const rect = rectOf(item.choice.zoom, both, room, ratio);
  return (
    <div
      ref={frame}
      className={styles["frame"]}
      data-large
      data-zoomed={item.choice.zoom.scale !== null}
      {...zooming}
    >
      <canvas
        ref={canvas}
        width={width}
        height={height}
        role="img"
        aria-label="The difference of both images"
        className={styles["difference"]}
        style={{ left: rect.left, top: rect.top, width: rect.width, height: rect.height }}
      />
      {found && (
        <p className={styles["told"]} role="status">
          {found.share === 0
            ? "The images are the same."
            : `${(found.share * 100).toPrecision(3)} % of the pixels differ, by ${found.mean.toPrecision(3)} of 255 in the mean.`}
          {cut && " They are not of one size: what only one has is left out."}
        </p>
      )}
    </div>
  );
}
