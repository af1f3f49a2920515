import { describe, expect, it } from "vitest";
import {
  formatAgo,
  formatBytes,
  formatCell,
  formatClock,
  formatCount,
  formatDate,
  formatDuration,
  formatTick,
  formatUtc,
  formatValue,
} from "./format";

describe("formatValue", () => {
  it.each([
    [0, "0"],
    [0.123456789, "0.12346"],
    [1234567, "1,234,567"],
    [3.2e-7, "3.2e−7"],
    [-12.5, "−12.5"],
    [Number.NaN, "NaN"],
    [Number.NEGATIVE_INFINITY, "−∞"],
  ])("writes %d as %s", (value, text) => {
    expect(formatValue(value)).toBe(text);
  });
});

describe("formatTick", () => {
  it("writes as many decimals as the distance between ticks has", () => {
    expect([2.25, 2.5, 2.75].map((at) => formatTick(at, 0.25))).toEqual(["2.25", "2.50", "2.75"]);
  });

  it("tells ticks of millions apart", () => {
    expect(formatTick(1_250_000, 250_000)).toBe("1.25M");
    expect(formatTick(20_000, 5_000)).toBe("20k");
  });
});

it("writes durations in their two largest units", () => {
  expect(formatDuration(0.25)).toBe("250 ms");
  expect(formatDuration(59.6)).toBe("59.6 s");
  expect(formatDuration(3_600)).toBe("1h");
  expect(formatDuration(90_061)).toBe("1d 1h");
});

it("writes counts and sizes in few letters", () => {
  expect(formatCount(2_000_000)).toBe("2M");
  expect(formatBytes(1_536)).toBe("1.5 KiB");
});

it("says how long ago in one unit", () => {
  const now = 1_000_000_000_000;
  expect(formatAgo(now - 40_000, now)).toBe("40 s ago");
  expect(formatAgo(now - 86_400_000, now)).toBe("yesterday");
});

it.each([Number.NaN, 1e17, Number.NEGATIVE_INFINITY])(
  "writes a dash for %d, which is no date",
  (at) => {
    expect([formatDate, formatClock, formatUtc].map((write) => write(at))).toEqual(["–", "–", "–"]);
  },
);

it("writes nested values as JSON and nothing for what is missing", () => {
  expect(formatCell({ a: [1] })).toBe('{"a":[1]}');
  expect(formatCell(undefined)).toBe("");
});
