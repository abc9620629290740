import { checkValue, SoftmachineError, type Value } from "../scheme/index.js";

/** What JSON has no numeral for, by the text that stands for it. */
const nonFinite: ReadonlyMap<unknown, number> = new Map([
  ["NaN", Number.NaN],
  ["Infinity", Number.POSITIVE_INFINITY],
  ["-Infinity", Number.NEGATIVE_INFINITY],
]);

/** Numbers as JSON carries them: NaN and infinities are the texts `"NaN"`, `"Infinity"` and `"-Infinity"`. */
export type JsonNumbers = number | string | readonly JsonNumbers[];

type Numbers = number | readonly Numbers[];

/** A number, or arrays of numbers within arrays, as JSON carries them. */
export function toJsonNumbers(value: Numbers): JsonNumbers {
  if (typeof value !== "number") return value.map(toJsonNumbers);
  return Number.isFinite(value) ? value : String(value);
}

/**
 * A number, a vector or a matrix as JSON carries them.
 * @throws SoftmachineError naming the input where it is anything else.
 */
export function fromJsonNumbers(name: string, json: unknown): Value {
  const read = (item: unknown, depth: number): unknown => {
    if (Array.isArray(item) && depth > 0) return item.map((inner) => read(inner, depth - 1));
    return nonFinite.get(item) ?? item;
  };
  const value = read(json, 2);
  checkValue(name, value);
  return value;
}

/**
 * The values that JSON gave by name, each name as it stands.
 * @throws SoftmachineError for anything but an object.
 */
export function entriesOf(what: string, json: unknown): [name: string, value: unknown][] {
  if (typeof json === "object" && json !== null && !Array.isArray(json)) return Object.entries(json);
  const given =
    json === null || json === undefined ? String(json) : Array.isArray(json) ? "an array" : `a ${typeof json}`;
  throw new SoftmachineError(`${what} are given by name, as {"x": 1}, not as ${given}`);
}
