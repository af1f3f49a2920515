import { useRef, useState } from "react";
import { useSize } from "../ui/useSize";
import { BoxLayer } from "./BoxLayer";
import { Broken } from "./Broken";
import type { Hit, HitTests } from "./hits";
import { hitsAt } from "./hits";
import styles from "./ImageView.module.css";
import { type Layer, layersOf } from "./layers";
import { MaskLayer } from "./MaskLayer";
import type { ItemViewProps } from "./registry";
import { useZooming } from "./useZooming";
import { isSharp, type Rect, rectOf, type Size } from "./zoom";

/** An image with its boxes and masks over it. */
export default function ImageView(props: ItemViewProps) {
  const [failed, setFailed] = useState<string | null>(null);
  const url = props.urlOf(props.item.path);
  if (url === null) return <Broken>The image’s file is not known.</Broken>;
  if (failed === url) {
    return <Broken url={url}>The image hasn’t come yet, or it is no picture.</Broken>;
  }
  return <Picture {...props} url={url} onFail={() => setFailed(url)} />;
}

interface PictureProps extends ItemViewProps {
  url: string;
  onFail: () => void;
}

function Picture({ url, onFail, ...props }: PictureProps) {
  const { item, label, large, choice } = props;
  const frame = useRef<HTMLDivElement>(null);
  const room = useSize(frame);
  const [size, setSize] = useState<Size | null>(null);
  const [picked, setPicked] = useState<{ url: string; hits: readonly Hit[] } | null>(null);
  const [hits] = useState<HitTests>(() => new Map());
  const zooming = useZooming(frame, props, size, room, (x, y) =>
    setPicked({ url, hits: hitsAt(hits, x, y) }),
  );
  const layers = layersOf(item.fields);
  const rect = size && room.width > 0 ? rectOf(choice.zoom, size, room, ratio()) : null;
  const scale = size && rect ? (rect.width / size.width) * ratio() : 1;
  const smooth = choice.smooth ?? !isSharp(choice.zoom, scale);
  return (
    <div
      ref={frame}
      className={styles["frame"]}
      data-large={large}
      data-zoomed={choice.zoom.scale !== null}
      {...zooming}
    >
      <div className={styles["sheet"]} data-sharp={!smooth} style={rect ? styleOf(rect) : {}}>
        <img
          className={styles["image"]}
          src={url}
          alt={label}
          draggable={false}
          decoding="async"
          onLoad={({ currentTarget: image }) =>
            setSize({ width: image.naturalWidth, height: image.naturalHeight })
          }
          onError={onFail}
        />
        {size && rect && (
          <Layers
            layers={layers}
            item={props}
            size={size}
            rect={rect}
            hits={hits}
            onHit={(found) => setPicked({ url, hits: found })}
          />
        )}
      </div>
      <Picked hits={picked?.url === url ? picked.hits : []} onClose={() => setPicked(null)} />
    </div>
  );
}

/** The style sheet has it fill its frame until it is placed. */
const styleOf = ({ left, top, width, height }: Rect) => ({
  inset: "auto",
  left,
  top,
  width,
  height,
});

const ratio = (): number => window.devicePixelRatio || 1;

interface LayersProps {
  layers: readonly Layer[];
  item: ItemViewProps;
  size: Size;
  rect: Rect;
  hits: HitTests;
  onHit: (hits: readonly Hit[]) => void;
}

/** Boxes and their names lie over masks. */
const masksFirst = (a: Layer, b: Layer): number => (a.kind < b.kind ? 1 : a.kind > b.kind ? -1 : 0);

function Layers({ layers, item, size, rect, hits, onHit }: LayersProps) {
  return [...layers].sort(masksFirst).map((layer) => {
    if (item.choice.hidden.has(layer.id)) return null;
    const url = item.urlOf(layer.path);
    if (url === null && layer.inline === null) return null;
    const Over = layer.kind === "boxes" ? BoxLayer : MaskLayer;
    return (
      <Over
        key={layer.id}
        layer={layer}
        url={url}
        size={size}
        scale={rect.width / size.width}
        choice={item.choice}
        item={item}
        hits={hits}
        onHit={onHit}
      />
    );
  });
}

/** What was found where somebody clicked; it is read out, too. */
function Picked({ hits, onClose }: { hits: readonly Hit[]; onClose: () => void }) {
  return (
    <div className={styles["picked"]} role="status">
      {hits.length > 0 && (
        <button type="button" onClick={onClose} title="Close">
          {hits.map((hit) => (
            <span key={hit.more.join()} className={styles["hit"]}>
              <svg width="10" height="10" aria-hidden="true">
                <rect width="10" height="10" rx="2" fill={hit.ink} />
              </svg>
              <strong>{hit.word}</strong>
              {hit.more.map((one) => (
                <small key={one}>{one}</small>
              ))}
            </span>
          ))}
        </button>
      )}
    </div>
  );
}
