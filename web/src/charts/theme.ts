/** Colours of what is not a line, for canvases, which can't read the style sheet's tokens. */
export interface Ink {
  text: string;
  grid: string;
  axis: string;
  ground: string;
  crosshair: string;
}

export const LIGHT: Ink = {
  text: "#626c78",
  grid: "#eceef1",
  axis: "#c6ccd4",
  ground: "#ffffff",
  crosshair: "#8a95a3",
};

export const DARK: Ink = {
  text: "#8a95a3",
  grid: "#23292f",
  axis: "#3c4550",
  ground: "#1a1e24",
  crosshair: "#7b8694",
};

export const FONT =
  '11px -apple-system, "Segoe UI", Inter, Roboto, "Noto Sans", Cantarell, Ubuntu, "DejaVu Sans Condensed", sans-serif';
