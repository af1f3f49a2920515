/** Terminal colours as classes. Everything else a terminal would do is left out. */

export interface AnsiStyle {
  /** 0–15, a palette number; null for the usual colour. */
  color: number | null;
  background: number | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  inverse: boolean;
}

export interface AnsiSpan {
  text: string;
  style: AnsiStyle;
}

export const PLAIN: AnsiStyle = {
  color: null,
  background: null,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  inverse: false,
};

// Control sequences, operating system commands (links, titles), and lone escapes.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const ESCAPE = /\x1b\[([0-9;:?]*)([ -/]*[@-~])|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?|\x1b[@-_]?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** The nearest of the sixteen colours: 256-colour and true colour follow the theme that way. */
function nearestOfSixteen(red: number, green: number, blue: number): number {
  const top = Math.max(red, green, blue);
  const floor = Math.min(red, green, blue);
  if (top - floor < 40) return top < 60 ? 0 : top < 140 ? 8 : top < 210 ? 7 : 15;
  const half = (top + floor) / 2;
  const bits = (red > half ? 1 : 0) | (green > half ? 2 : 0) | (blue > half ? 4 : 0);
  return bits + (top > 200 ? 8 : 0);
}

function fromCube(index: number): number {
  if (index < 16) return index;
  if (index >= 232) {
    const grey = 8 + (index - 232) * 10;
    return nearestOfSixteen(grey, grey, grey);
  }
  const cube = index - 16;
  const level = (part: number): number => (part === 0 ? 0 : 55 + part * 40);
  return nearestOfSixteen(
    level(Math.floor(cube / 36)),
    level(Math.floor(cube / 6) % 6),
    level(cube % 6),
  );
}

/** Reads `38;5;n` or `38;2;r;g;b` from `at` on: the colour and how many codes it took. */
function extended(codes: number[], at: number): [number | null, number] {
  if (codes[at + 1] === 5) return [fromCube(codes[at + 2] ?? 7), 2];
  if (codes[at + 1] === 2) {
    return [nearestOfSixteen(codes[at + 2] ?? 0, codes[at + 3] ?? 0, codes[at + 4] ?? 0), 4];
  }
  return [null, 0];
}

const SWITCHES: Record<number, Partial<AnsiStyle>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  39: { color: null },
  49: { background: null },
};

function styled(style: AnsiStyle, parameters: string): AnsiStyle {
  const codes = parameters === "" ? [0] : parameters.split(/[;:]/).map((code) => Number(code) || 0);
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    const change = SWITCHES[code];
    if (change) next = { ...next, ...change };
    else if (code >= 30 && code <= 37) next = { ...next, color: code - 30 };
    else if (code >= 90 && code <= 97) next = { ...next, color: code - 82 };
    else if (code >= 40 && code <= 47) next = { ...next, background: code - 40 };
    else if (code >= 100 && code <= 107) next = { ...next, background: code - 92 };
    else if (code === 38 || code === 48) {
      const [color, taken] = extended(codes, at);
      next = code === 38 ? { ...next, color } : { ...next, background: color };
      at += taken;
    }
  }
  return next;
}

/** What a terminal would show of a line that went back to its start: the last state. */
export function foldReturns(line: string): string {
  const trimmed = line.replace(/[\r\n]+$/, "");
  const start = trimmed.lastIndexOf("\r");
  return start < 0 ? trimmed : trimmed.slice(start + 1);
}

/** Cuts one line into spans of equal style. Returns the style at its end as well. */
export function parseAnsi(line: string, start: AnsiStyle = PLAIN): [AnsiSpan[], AnsiStyle] {
  const spans: AnsiSpan[] = [];
  let style = start;
  let from = 0;
  const push = (text: string): void => {
    const clean = text.replace(CONTROL, "");
    if (clean !== "") spans.push({ text: clean, style });
  };
  for (const match of line.matchAll(ESCAPE)) {
    push(line.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") style = styled(style, match[1] ?? "");
  }
  push(line.slice(from));
  return [spans, style];
}

export function plainText(line: string): string {
  return line.replace(ESCAPE, "").replace(CONTROL, "");
}

/** Class names, to be looked up in the style sheet. */
export function classesOf(style: AnsiStyle): string[] {
  const color = style.inverse ? style.background : style.color;
  const background = style.inverse ? style.color : style.background;
  return [
    color === null ? "" : `fg${color}`,
    background === null ? "" : `bg${background}`,
    style.inverse && color === null ? "fgInverse" : "",
    style.inverse && background === null ? "bgInverse" : "",
    style.bold ? "bold" : "",
    style.dim ? "dim" : "",
    style.italic ? "italic" : "",
    style.underline ? "underline" : "",
  ].filter((name) => name !== "");
}
