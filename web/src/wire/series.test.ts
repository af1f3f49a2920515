import { expect, it } from "vitest";
import { ShapeError } from "./check";
import { decodeSeries } from "./series";

interface Made {
  run: string;
  columns: string[];
  values: number[][];
  points?: number;
}

function frame(made: Made[]): ArrayBuffer {
  let offset = 0;
  const series = made.map(({ run, columns, values, points }) => {
    const length = values[0]?.length ?? 0;
    const entry = { run, key: "loss", x: "_step", columns, length, offset, last_step: 9 };
    offset += columns.length * length * 8;
    return { ...entry, points: points ?? length };
  });
  let head = JSON.stringify({ series });
  head += " ".repeat((8 - ((8 + head.length) % 8)) % 8);
  const body = new ArrayBuffer(8 + head.length + offset);
  const bytes = new Uint8Array(body);
  bytes.set(new TextEncoder().encode("FSR1"));
  new DataView(body).setUint32(4, head.length, true);
  bytes.set(new TextEncoder().encode(head), 8);
  const all = made.flatMap(({ values }) => values.flat());
  new Float64Array(body, 8 + head.length).set(all);
  return body;
}

it("reads raw points", () => {
  const body = frame([
    {
      run: "a",
      columns: ["x", "y"],
      values: [
        [0, 1],
        [5, Number.NaN],
      ],
    },
  ]);

  const [block] = decodeSeries(body);

  expect(block?.x).toEqual(Float64Array.of(0, 1));
  expect(block?.y).toEqual(Float64Array.of(5, Number.NaN));
  expect(block?.min).toBeNull();
});

it("reads buckets, whatever the order of their columns, behind another series", () => {
  const body = frame([
    { run: "a", columns: ["x", "y"], values: [[1], [2]] },
    { run: "b", columns: ["x", "max", "last", "min"], values: [[7], [9], [8], [6]], points: 400 },
  ]);

  const block = decodeSeries(body)[1];

  expect([block?.run, block?.x[0], block?.y[0], block?.min?.[0], block?.max?.[0]]).toEqual([
    "b",
    7,
    8,
    6,
    9,
  ]);
  expect(block?.points).toBe(400);
});

it("refuses another format and an answer that was cut off", () => {
  const body = frame([
    {
      run: "a",
      columns: ["x", "y"],
      values: [
        [0, 1],
        [5, 6],
      ],
    },
  ]);

  expect(() => decodeSeries(new TextEncoder().encode("<!doctype html>").buffer)).toThrow(
    ShapeError,
  );
  expect(() => decodeSeries(body.slice(0, body.byteLength - 8))).toThrow(ShapeError);
});
