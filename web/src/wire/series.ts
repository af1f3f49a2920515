/** The binary answer of /series: `FSR1`, a JSON head, then float64 columns. */

import { list, number, object, ShapeError, string } from "./check";

export interface SeriesRequest {
  run: string;
  key: string;
  x: string;
}

/** One line: every point (`raw`), or buckets of them. */
export interface SeriesBlock {
  run: string;
  key: string;
  /** The key along which `x` runs. */
  xKey: string;
  x: Float64Array;
  /** The last value of each bucket, or the value itself. */
  y: Float64Array;
  /** Null for raw blocks, whose points are their own minimum and maximum. */
  min: Float64Array | null;
  max: Float64Array | null;
  /** Points of each bucket, and how many are finite: null for raw blocks and older servers. */
  count: Float64Array | null;
  finite: Float64Array | null;
  /** How many logged points stand behind the drawn ones. */
  points: number;
  lastStep: number;
}

const head = object({
  series: list(
    object({
      run: string,
      key: string,
      x: string,
      columns: list(string),
      length: number,
      points: number,
      offset: number,
      last_step: number,
    }),
  ),
});

const MAGIC = "FSR1";
const LITTLE_ENDIAN = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;

function column(body: ArrayBuffer, start: number, length: number): Float64Array {
  if (start % 8 !== 0 || start + length * 8 > body.byteLength) {
    throw new ShapeError("The server's series answer is cut off.");
  }
  if (LITTLE_ENDIAN) return new Float64Array(body, start, length);
  const view = new DataView(body, start, length * 8);
  return Float64Array.from({ length }, (_, at) => view.getFloat64(at * 8, true));
}

export function decodeSeries(body: ArrayBuffer): SeriesBlock[] {
  const bytes = new Uint8Array(body);
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== MAGIC || body.byteLength < 8) {
    throw new ShapeError("The server's series answer is in a format this page doesn't know.");
  }
  const headBytes = new DataView(body).getUint32(4, true);
  const dataStart = 8 + headBytes;
  if (dataStart > body.byteLength) throw new ShapeError("The server's series answer is cut off.");
  const text = new TextDecoder().decode(bytes.subarray(8, dataStart));
  const parsed = head(JSON.parse(text), "head");
  return parsed.series.map((entry) => {
    const at = (name: string): Float64Array | null => {
      const index = entry.columns.indexOf(name);
      if (index < 0) return null;
      return column(body, dataStart + entry.offset + index * entry.length * 8, entry.length);
    };
    const x = at("x");
    const y = at("y") ?? at("last");
    if (!x || !y) throw new ShapeError("The server's series answer lacks its x or y column.");
    return {
      run: entry.run,
      key: entry.key,
      xKey: entry.x,
      x,
      y,
      min: at("min"),
      max: at("max"),
      count: at("count"),
      finite: at("finite"),
      points: entry.points,
      lastStep: entry.last_step,
    };
  });
}
