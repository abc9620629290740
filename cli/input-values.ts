import { InvalidArgumentError } from "commander";
import { parseNumber, type Value } from "../scheme/index.js";
import { UsageError } from "./failures.js";

/** A number as a user writes it on a command line or in a table: the language's numerals, and JavaScript's names. */
export function readNumber(text: string): number | undefined {
  const trimmed = text.trim();
  return parseNumber(trimmed) ?? spelled.get(trimmed.toLowerCase());
}

const spelled: ReadonlyMap<string, number> = new Map([
  ["nan", Number.NaN],
  ["inf", Number.POSITIVE_INFINITY],
  ["-inf", Number.NEGATIVE_INFINITY],
  ["infinity", Number.POSITIVE_INFINITY],
  ["-infinity", Number.NEGATIVE_INFINITY],
]);

/**
 * Inputs given as `name=value`.
 *
 * @throws UsageError for a value that is no number, or a name given twice.
 */
export function readAssignments(assignments: readonly string[]): Record<string, number> {
  return readInputs(assignments, (text) => readNumber(text), "a number, as 2, -0.5, 1e-3 or 1/3 are");
}

/**
 * Inputs given as `name=value`, where a value may be a vector, `[1,2,3]`, or a matrix, `[[1,2],[3,4]]`.
 *
 * @throws UsageError for a value that is none of these, or a name given twice.
 */
export function readArrayAssignments(assignments: readonly string[]): Record<string, Value> {
  return readInputs(
    assignments,
    readValue,
    "a number, as 2 or 1/3 are, a vector, as [1,2,3], or a matrix, as [[1,2],[3,4]]",
  );
}

function readInputs<T>(
  assignments: readonly string[],
  read: (text: string) => T | undefined,
  what: string,
): Record<string, T> {
  const inputs = new Map<string, T>();
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const name = assignment.slice(0, at).trim();
    const text = assignment.slice(at + 1);
    const value = read(text);
    if (value === undefined) throw new UsageError(`"${assignment}": "${text}" is not ${what}`);
    if (inputs.has(name)) throw new UsageError(`input "${name}" is given twice`);
    inputs.set(name, value);
  }
  return Object.fromEntries(inputs);
}

/** A number, or numbers in brackets with commas or spaces between them, or such rows in brackets. */
export function readValue(text: string): Value | undefined {
  const rows = rowsOf(text);
  if (rows !== undefined) {
    const matrix = rows.map(vectorOf);
    return matrix.every((row) => row !== undefined && row.length === matrix[0]?.length)
      ? matrix.flatMap((row) => (row === undefined ? [] : [row]))
      : undefined;
  }
  return vectorOf(text) ?? readNumber(text);
}

const vectorPattern = /^\s*\[([^[\]]+)\]\s*$/;
const matrixPattern = /^\s*\[\s*(\[[^[\]]+\](?:(?:\s*,)?\s*\[[^[\]]+\])*)\s*\]\s*$/;

function rowsOf(text: string): string[] | undefined {
  return matrixPattern.exec(text)?.[1].match(/\[[^\]]*\]/g) ?? undefined;
}

function vectorOf(text: string): number[] | undefined {
  const items = vectorPattern
    .exec(text)?.[1]
    .trim()
    .split(/\s*,\s*|\s+/);
  const numbers = items?.flatMap((item) => readNumber(item) ?? []);
  return numbers?.length === items?.length ? numbers : undefined;
}

/**
 * Parameters given as one word, `g=1,k=2`.
 *
 * @throws UsageError for what is no such list.
 */
export function readParams(list: string): Record<string, number> {
  const items = list.split(",").map((text) => {
    if (/^[^=]+=[^=]+$/.test(text)) return text.trim();
    throw new UsageError(`--params takes values as g=1,k=2; "${text}" is none`);
  });
  return readAssignments(items);
}

/** Shapes of inputs given as one word, `v=3,M=2x4`; a number's shape is empty, as `x=`. */
export function readShapes(list: string): Record<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const item of list.split(",")) {
    const [, name, text] = /^\s*([^=]+?)\s*=\s*(|\d+(?:x\d+)?)\s*$/.exec(item) ?? [];
    const shape = text ? text.split("x").map(Number) : [];
    if (name === undefined || shape.includes(0))
      throw new InvalidArgumentError(`Shapes are written as v=3 for a vector, M=2x4 for a matrix; not "${item}".`);
    if (shapes.has(name)) throw new InvalidArgumentError(`"${name}" is given twice.`);
    shapes.set(name, shape);
  }
  return Object.fromEntries(shapes);
}
