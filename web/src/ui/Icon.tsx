import type { SVGProps } from "react";

/** Strokes on a 16 × 16 grid. */
const PATHS = {
  arrowLeft: "M13 8H3m4-4L3 8l4 4",
  chart: "M2 13h12M3 10l3-4 3 2 4-5",
  check: "M3 8.5 6.5 12 13 4.5",
  chevron: "M6 4l4 4-4 4",
  close: "M4 4l8 8M12 4l-8 8",
  compare: "M2 3h5v10H2zM9 3h5v10H9z",
  copy: "M6 5h7v9H6zM3 11V2h7",
  download: "M8 2v8m-3-3 3 3 3-3M3 13h10",
  expand: "M9 3h4v4M7 13H3V9M13 3 9 7M3 13l4-4",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8zM8 10a2 2 0 100-4 2 2 0 000 4z",
  eyeOff:
    "M3 3l10 10M6.5 4A7 7 0 018 3.5c4 0 6.5 4.5 6.5 4.5a11 11 0 01-2 2.5M4 5.2A11 11 0 001.5 8S4 12.5 8 12.5a6 6 0 002.5-.5",
  file: "M4 2h5l3 3v9H4zM9 2v3h3",
  folder: "M2 4h4l1.5 2H14v7H2z",
  fullScreen: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3",
  help: "M6 6a2 2 0 114 0c0 1.5-2 1.7-2 3.2M8 12v.2",
  list: "M5 4h9M5 8h9M5 12h9M2 4h.5M2 8h.5M2 12h.5",
  moon: "M13 9.5A5.5 5.5 0 016.5 3 5.5 5.5 0 1013 9.5z",
  panel: "M2 3h12v10H2zM6 3v10",
  pause: "M5.5 3v10M10.5 3v10",
  play: "M5 3l8 5-8 5z",
  search: "M7 12A5 5 0 107 2a5 5 0 000 10zM11 11l3 3",
  sort: "M5 3v10m-2.5-2.5L5 13l2.5-2.5M11 13V3M8.5 5.5 11 3l2.5 2.5",
  sortDown: "M8 3v10m-4-4 4 4 4-4",
  sortUp: "M8 13V3M4 7l4-4 4 4",
  sun: "M8 11a3 3 0 100-6 3 3 0 000 6zM8 1v1.5M8 13.5V15M1 8h1.5M13.5 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1",
  system: "M8 2a6 6 0 100 12A6 6 0 008 2zM8 2v12M8 5h4.8M8 8h6M8 11h4.8",
  table: "M2 3h12v10H2zM2 6.5h12M6 6.5V13",
  wrap: "M2 4h12M2 8h9a2 2 0 110 4H8m2-2-2 2 2 2M2 12h3",
  zoomIn: "M7 12A5 5 0 107 2a5 5 0 000 10zM11 11l3 3M5 7h4M7 5v4",
  zoomOut: "M7 12A5 5 0 107 2a5 5 0 000 10zM11 11l3 3M5 7h4",
} as const;

export type IconName = keyof typeof PATHS;

interface IconProps extends SVGProps<SVGSVGElement> {
  name: IconName;
  size?: number;
}

/** Always beside text or in a named control: screen readers pass it by. */
export function Icon({ name, size = 16, ...rest }: IconProps) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      {...rest}
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
