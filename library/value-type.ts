import { describeShape, numbersIn, type Shape, sizeOf, type Value } from "../scheme/index.js";

/** What an operand or a result of a program may be. */
export interface ValueType {
  /** [] for a number, [length] for a vector, [rows, columns] for a matrix. */
  readonly shape: Shape;
  /** Whole numbers, which the machine computes with too, or any numbers, which only the exact path does. */
  readonly domain: "whole" | "real";
  /** The least and the greatest number, both included; infinite where there is none. */
  readonly low: number;
  readonly high: number;
  /** Of a real number, as `m/s^2`; absent for what has none. */
  readonly unit?: string;
}

/** What a result is unless its file says otherwise; a negative one is, on the machine, the value that it is modulo n. */
export const wholeNumber: ValueType = {
  shape: [],
  domain: "whole",
  low: Number.NEGATIVE_INFINITY,
  high: Number.POSITIVE_INFINITY,
};

/** How a type is written, for messages. */
export const typeForm = "(0..20), (6 of 0..9), (3x3 of 0..1), (real), (real 0..100, kg) or (3 of real, m/s)";

const number = String.raw`[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?`;
const typePattern = new RegExp(
  String.raw`^(?:(\d+)(?:\s*x\s*(\d+))?\s+of\b\s*)?(real\b|whole\b)?\s*(?:(${number})?\s*(\.\.)\s*(${number})?)?\s*(?:,\s*(\S.*))?$`,
  "i",
);

/** Most numbers of an operand or a result. */
const mostElements = 4096;

/**
 * A type from its text: an optional shape (`6 of`, `2x3 of`), `real` or `whole` (the default), an optional range, both of
 * whose ends are included, and an optional unit. Instead of a type, what is wrong with the text.
 */
export function parseValueType(text: string): ValueType | string {
  const match = typePattern.exec(text.trim());
  const malformed = `"(${text})" is no type; a type is written as ${typeForm}`;
  if (match === null || text.trim() === "") return malformed;
  const [, rows, columns, kind = "whole", low, dots, high, unit] = match;
  const shape = [rows, columns].filter((size) => size !== undefined).map(Number);
  const size = sizeOf(shape);
  if (shape.includes(0) || size > mostElements)
    return `an array has from 1 to ${mostElements} elements, not ${shape.join("x")}`;
  const domain = kind.toLowerCase() === "real" ? "real" : "whole";
  const range = {
    low: low === undefined ? Number.NEGATIVE_INFINITY : Number(low),
    high: high === undefined ? Number.POSITIVE_INFINITY : Number(high),
  };
  if (dots !== undefined && low === undefined && high === undefined) return malformed;
  const beyond = [low, high].find((end) => end !== undefined && !Number.isFinite(Number(end)));
  if (beyond !== undefined) return `the end ${beyond} of the range is no finite number`;
  if (range.low > range.high) return `the range ${range.low}..${range.high} is empty`;
  if (domain === "whole" && !(isEnd(range.low) && isEnd(range.high)))
    return `the range of whole numbers has whole ends, and ${low ?? ""}..${high ?? ""} has not`;
  if (domain === "whole" && unit !== undefined) return `a unit is for real numbers: write (real, ${unit})`;
  return { shape, domain, ...range, ...(unit === undefined ? {} : { unit: unit.trim() }) };
}

const isEnd = (value: number) => Number.isInteger(value) || !Number.isFinite(value);

/** A type as `parseValueType` reads it. */
export function printValueType({ shape, domain, low, high, unit }: ValueType): string {
  const dimensions = shape.length === 0 ? [] : [`${shape.join("x")} of`];
  const isOpen = low === Number.NEGATIVE_INFINITY && high === Number.POSITIVE_INFINITY;
  const end = (value: number) => (Number.isFinite(value) ? String(value) : "");
  const range = isOpen ? [] : [`${end(low)}..${end(high)}`];
  const words = [...dimensions, ...(domain === "real" || isOpen ? [domain] : []), ...range].join(" ");
  return unit === undefined ? words : `${words}, ${unit}`;
}

const mostExact = `${Number.MAX_SAFE_INTEGER}, up to which whole numbers are exact`;

/** What keeps a value from being of a type; undefined when it is. */
export function faultOf(value: Value, type: ValueType): string | undefined {
  const { shape, domain, low, high } = type;
  if (!hasShape(value, shape)) return `${describeShape(shape)} is needed`;
  for (const item of numbersIn(value)) {
    if (!Number.isFinite(item)) return `${item} is not a finite number`;
    if (domain === "whole" && !Number.isInteger(item)) return `${item} is not a whole number`;
    if (domain === "whole" && !Number.isSafeInteger(item)) return `${item} is beyond ${mostExact}`;
    if (item < low || item > high) return `${item} is outside ${printValueType({ ...type, shape: [] })}`;
  }
  return undefined;
}

function hasShape(value: Value, [length, ...rest]: Shape): boolean {
  if (length === undefined) return typeof value === "number";
  return typeof value !== "number" && value.length === length && value.every((item) => hasShape(item, rest));
}
