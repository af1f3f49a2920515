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
  /** Shows one item in a tile. */
  Item?: Lazy<ItemViewProps>;
  /** Switches for all items of a panel. */
  Controls?: Lazy<ControlsProps>;
  /** Shows all runs and steps at once. */
  Whole?: Lazy<WholeViewProps>;
}

export const MEDIA: Readonly<Record<MediaName, MediaKind>> = {
  image: {
    word: "image",
    width: "panel",
    Item: lazy(() => import("./ImageView")),
    Controls: lazy(() => import("./ImageControls")),
  },
  video: { word: "video", width: "panel", Item: lazy(() => import("./VideoView")) },
  audio: { word: "clip", width: "panel", Item: lazy(() => import("./AudioView")) },
  html: { word: "document", width: "panel", Item: lazy(() => import("./HtmlView")) },
  object3d: { word: "object", width: "panel", Item: lazy(() => import("./Object3DView")) },
  molecule: { word: "molecule", width: "panel", Item: lazy(() => import("./MoleculeView")) },
  plotly: { word: "figure", width: "panel", Item: lazy(() => import("./PlotlyView")) },
  mixed: { word: "item", width: "panel", Item: lazy(() => import("./MixedView")) },
  file: { word: "file", width: "panel", Item: lazy(() => import("./FileView")) },
  vega: { word: "chart", width: "panel", Whole: lazy(() => import("./VegaView")) },
  histogram: { word: "histogram", width: "panel", Whole: lazy(() => import("./HistogramView")) },
  table: { word: "table", width: "full", Item: lazy(() => import("./TableView")) },
};
