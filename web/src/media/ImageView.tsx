import { useEffect, useRef, useState } from "react";
import { IconButton } from "../ui";
import { BoxLayer } from "./BoxLayer";
import { Broken } from "./Broken";
import styles from "./ImageView.module.css";
import { type Layer, layersOf } from "./layers";
import { MaskLayer } from "./MaskLayer";
import type { ItemViewProps } from "./registry";

const MOST_ZOOM = 64;
const SMALL = 200;

/** An image with its boxes and masks over it. */
export default function ImageView(props: ItemViewProps) {
  const { item, urlOf, label, large, choice } = props;
  const [failed, setFailed] = useState<string | null>(null);
  const [size, setSize] = useState<{ width: number; height: number } | null>(null);
  const url = urlOf(item.path);
  if (url === null) return <Broken>The image’s file is not known.</Broken>;
  if (failed === url) {
    return <Broken url={url}>The image hasn’t come yet, or it is no picture.</Broken>;
  }
  const picture = (
    <div className={styles["sheet"]} data-sharp={large || (size?.width ?? SMALL) < SMALL}>
      <img
        className={styles["image"]}
        src={url}
        alt={label}
        draggable={false}
        decoding="async"
        onLoad={({ currentTarget: image }) =>
          setSize({ width: image.naturalWidth, height: image.naturalHeight })
        }
        onError={() => setFailed(url)}
      />
      {size &&
        layersOf(item.fields)
          .sort(masksFirst)
          .map((layer) => {
            if (choice.hidden.has(layer.id)) return null;
            const layerUrl = urlOf(layer.path);
            if (layerUrl === null && layer.inline === null) return null;
            const Over = layer.kind === "boxes" ? BoxLayer : MaskLayer;
            return <Over key={layer.id} layer={layer} url={layerUrl} size={size} choice={choice} />;
          })}
    </div>
  );
  if (!large) return <div className={styles["tile"]}>{picture}</div>;
  return <Zoomable size={size}>{picture}</Zoomable>;
}

/** Boxes and their names lie over masks. */
const masksFirst = (a: Layer, b: Layer): number => (a.kind < b.kind ? 1 : a.kind > b.kind ? -1 : 0);

interface ZoomableProps {
  size: { width: number; height: number } | null;
  children: React.ReactNode;
}

/** A picture to look into: by wheel, buttons and drag; pixels stay sharp when they are large. */
function Zoomable({ size, children }: ZoomableProps) {
  const frame = useRef<HTMLDivElement>(null);
  const [zoom, setZoom] = useState(1);
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    // React's own listener is passive, and the page would scroll along.
    const turn = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      setZoom((now) => Math.min(Math.max(now * 1.2 ** -Math.sign(event.deltaY), 1), MOST_ZOOM));
    };
    element.addEventListener("wheel", turn, { passive: false });
    return () => element.removeEventListener("wheel", turn);
  }, []);
  const times = (factor: number) => () =>
    setZoom((now) => Math.min(Math.max(now * factor, 1), MOST_ZOOM));
  return (
    <div className={styles["large"]}>
      <div className={styles["tools"]}>
        <IconButton icon="zoomOut" label="Smaller" disabled={zoom === 1} onClick={times(1 / 1.5)} />
        <IconButton icon="search" label="Larger" onClick={times(1.5)} />
        <output>
          {Math.round(zoom * 100)} %{size ? ` of ${size.width} × ${size.height}` : ""}
        </output>
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, by keyboard too */}
      <div className={styles["window"]} ref={frame} tabIndex={0}>
        <div
          className={styles["zoomed"]}
          style={{ width: `${zoom * 100}%`, height: `${zoom * 100}%` }}
        >
          {children}
        </div>
      </div>
    </div>
  );
}
