/** Checks for JSON where it enters: a shape is a function from unknown to its type, or a throw. */

export class ShapeError extends Error {
  override name = "ShapeError";
}

export type Shape<T> = (value: unknown, path: string) => T;
export type Shaped<S> = S extends Shape<infer T> ? T : never;

function wrong(path: string, wanted: string, value: unknown): never {
  const found = value === null ? "null" : Array.isArray(value) ? "a list" : typeof value;
  throw new ShapeError(`The server's answer has ${found} where ${path} should be ${wanted}.`);
}

export const string: Shape<string> = (value, path) =>
  typeof value === "string" ? value : wrong(path, "a string", value);

export const number: Shape<number> = (value, path) =>
  typeof value === "number" ? value : wrong(path, "a number", value);

export const boolean: Shape<boolean> = (value, path) =>
  typeof value === "boolean" ? value : wrong(path, "true or false", value);

export const unknown: Shape<unknown> = (value) => value;

export function nullable<T>(shape: Shape<T>): Shape<T | null> {
  return (value, path) => (value === null || value === undefined ? null : shape(value, path));
}

/** A field that older or newer servers leave out. */
export function optional<T>(shape: Shape<T>, otherwise: T): Shape<T> {
  return (value, path) => (value === undefined || value === null ? otherwise : shape(value, path));
}

export function list<T>(item: Shape<T>): Shape<T[]> {
  return (value, path) =>
    Array.isArray(value)
      ? value.map((each: unknown, at) => item(each, `${path}[${at}]`))
      : wrong(path, "a list", value);
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export const record: Shape<Record<string, unknown>> = (value, path) =>
  isRecord(value) ? value : wrong(path, "an object", value);

type Fields = Record<string, Shape<unknown>>;
type Read<F extends Fields> = { [K in keyof F]: Shaped<F[K]> };

export function object<F extends Fields>(fields: F): Shape<Read<F>> {
  const entries = Object.entries(fields);
  return (value, path) => {
    if (!isRecord(value)) return wrong(path, "an object", value);
    return Object.fromEntries(
      entries.map(([name, shape]) => [name, shape(value[name], `${path}.${name}`)]),
    ) as Read<F>;
  };
}
