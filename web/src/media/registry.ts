/** How each kind of media is shown. A viewer is loaded when its first value is. */

import { type ComponentType, type LazyExoticComponent, lazy } from "react";
import type { MediaItem, MediaName } from "../state/mediaTypes";
import type { DrawnRun } from "../state/runSet";
import type { ProjectPath } from "../wire/api";
import type { CustomChart } from "../wire/media";
import type { LayerChoice } from "./layers";

export interface ItemViewProps {
  item: MediaItem;
  /** Where a file that the item names is. */
  urlOf: (path: unknown) => string | null;
  /** What it is, for those who don't see it. */
  label: string;
  /** Alone on the screen. */
  large: boolean;
  choice: LayerChoice;
  /** Changes the choice for all items of the panel; in a table's cell nobody does. */
  onChoose?: (choice: LayerChoice) => void;
  path: ProjectPath;
  run: string;
  keyName: string;
}

export interface ControlsProps {
  items: readonly ItemViewProps[];
  choice: LayerChoice;
  onChoose: (choice: LayerChoice) => void;
}

export interface WholeViewProps {
  path: ProjectPath;
  keyName: string;
  title: string;
  drawn: readonly DrawnRun[];
  /** How far the runs have come. */
  lastStep: number;
  /** What a custom chart is drawn by; null for what is none. */
  chart: CustomChart | null;
  large: boolean;
}

type Lazy<P> = LazyExoticComponent<ComponentType<P>>;

export interface MediaKind {
  /** What one of them is called. */
  word: string;
  /** How much room its panel takes: as a chart, or the whole width. */
  width: "panel" | "full";
  /** Whether two of them can be laid one over the other, to see where they differ. */
  stacks?: boolean;
  /** Brings files before they are shown, while steps are played. */
  preload?: (urls: readonly string[]) => void;
  /** Shows one item in a tile. */
  Item?: Lazy<ItemViewProps>;
  /** Switches for all items of a panel. */
  Controls?: Lazy<ControlsProps>;
  /** Shows all runs and steps at once. */
  Whole?: Lazy<WholeViewProps>;
}

const MOST_AHEAD = 100;

function preloadImages(urls: readonly string[]): void {
  for (const url of urls.slice(0, MOST_AHEAD))
    if (/\.(png|jpe?g|webp|gif|bmp)\?/i.test(url)) new Image().src = url;
}

export const MEDIA: Readonly<Record<MediaName, MediaKind>> = {
  image: {
    word: "image",
    width: "panel",
    stacks: true,
    preload: preloadImages,
    Item: lazy(() => import("./ImageView")),
    Controls: lazy(() => import("./ImageControls")),
  },
  video: {
    word: "video",
    width: "panel",
    Item: lazy(() => import("./VideoView")),
    Controls: lazy(() => import("./VideoControls")),
  },
  audio: { word: "clip", width: "panel", Item: lazy(() => import("./AudioView")) },
  html: { word: "document", width: "panel", Item: lazy(() => import("./HtmlView")) },
  object3d: {
    word: "object",
    width: "panel",
    Item: lazy(() => import("./Object3DView")),
    Controls: lazy(() => import("./SpaceControls")),
  },
  molecule: { word: "molecule", width: "panel", Item: lazy(() => import("./MoleculeView")) },
  plotly: { word: "figure", width: "panel", Item: lazy(() => import("./PlotlyView")) },
  bokeh: { word: "plot", width: "panel", Item: lazy(() => import("./BokehView")) },
  graph: { word: "graph", width: "panel", Item: lazy(() => import("./GraphView")) },
  mixed: { word: "item", width: "panel", Item: lazy(() => import("./MixedView")) },
  file: { word: "file", width: "panel", Item: lazy(() => import("./FileView")) },
  vega: { word: "chart", width: "panel", Whole: lazy(() => import("./VegaView")) },
  histogram: { word: "histogram", width: "panel", Whole: lazy(() => import("./HistogramView")) },
  table: { word: "table", width: "full", Item: lazy(() => import("./TableView")) },
};
