import { type ReactNode, Suspense, useState } from "react";
import { ErrorBoundary } from "../app/ErrorBoundary";
import { useShortcuts } from "../app/shortcuts";
import type { LayerChoice } from "../media/layers";
import type { ItemViewProps, MediaKind } from "../media/registry";
import { FITTED } from "../media/zoom";
import { Dialog, Icon } from "../ui";
import styles from "./OneMedia.module.css";
import { Stage } from "./Stage";

interface OneMediaProps {
  /** All that are shown at this step. */
  items: readonly ItemViewProps[];
  at: number;
  kind: MediaKind;
  choice: LayerChoice;
  onChoose: (choice: LayerChoice) => void;
  onGo: (item: ItemViewProps) => void;
  onClose: () => void;
  /** The slider of steps. */
  children: ReactNode;
}

/** One item in the whole window. */
export function OneMedia(props: OneMediaProps) {
  const { items, at, kind, onGo, onClose, children } = props;
  // It has more room than the tiles of its panel, and starts out whole.
  const [zoom, setZoom] = useState(FITTED);
  const choice = { ...props.choice, zoom };
  const onChoose = (next: LayerChoice): void => {
    setZoom(next.zoom);
    props.onChoose({ ...next, zoom: props.choice.zoom });
  };
  const one = items[at];
  const go = (to: number): void => {
    const next = items[to];
    if (next) onGo(next);
  };
  useShortcuts({ f: onClose, ...arrows(at, go) });
  if (!one || !kind.Item) return null;
  return (
    <Dialog title={one.label} wide onClose={onClose}>
      <Stage word={kind.word} at={at} count={items.length} onGo={go} tools={<Keep one={one} />}>
        <div className={styles["item"]}>
          <ErrorBoundary what={`This ${kind.word}`} resetOn={one.item.path ?? ""}>
            <Suspense fallback={null}>
              <kind.Item {...one} large choice={choice} onChoose={onChoose} />
            </Suspense>
          </ErrorBoundary>
        </div>
        {kind.Controls && (
          <Suspense fallback={null}>
            <kind.Controls items={[one]} choice={choice} onChoose={onChoose} />
          </Suspense>
        )}
        {children}
      </Stage>
    </Dialog>
  );
}

/** Keys to neighbours, but not where the arrows mean something else already. */
export function arrows(at: number, go: (to: number) => void) {
  const unless = (to: number) => (event: KeyboardEvent) => {
    const within = event.target instanceof Element && event.target.closest(OWN_ARROWS);
    if (!within) go(to);
  };
  return { ArrowLeft: unless(at - 1), ArrowRight: unless(at + 1) };
}

const OWN_ARROWS = "input, video, audio, canvas, [role=slider], [data-arrows]";

/** A link to the item's file. */
export function Keep({ one, quiet = false }: { one: ItemViewProps; quiet?: boolean }) {
  const { path } = one.item;
  const url = one.urlOf(path);
  if (url === null || path === null) return null;
  const name = path.slice(path.lastIndexOf("/") + 1);
  return (
    <a
      className={styles["keep"]}
      href={url}
      download={name}
      aria-label={`Download ${quiet ? one.label : name}`}
      title={`Download ${name}`}
    >
      <Icon name="download" size={quiet ? 13 : 16} />
    </a>
  );
}
