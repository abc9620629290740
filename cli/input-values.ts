import { InvalidArgumentError } from "commander";
import { parseNumber } from "../scheme/index.js";
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
  const inputs = new Map<string, number>();
  for (const assignment of assignments) {
    const at = assignment.indexOf("=");
    const name = assignment.slice(0, at).trim();
    const text = assignment.slice(at + 1);
    const value = readNumber(text);
    if (value === undefined) {
      throw new UsageError(`"${assignment}": "${text}" is not a number, as 2, -0.5, 1e-3 or 1/3 are`);
    }
    if (inputs.has(name)) throw new UsageError(`input "${name}" is given twice`);
    inputs.set(name, value);
  }
  return Object.fromEntries(inputs);
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
