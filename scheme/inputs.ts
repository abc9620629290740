import { SoftmachineError, suggestion } from "./errors.js";
import type { Value } from "./ops.js";

/** Names that a message lists at most. */
const mostNames = 12;

/**
 * Checks that the given names are the wanted ones.
 * @throws SoftmachineError naming what is missing or extra, and the nearest name where one is misspelt.
 */
export function checkNames(wanted: readonly string[], given: readonly string[], noun = "input"): void {
  const extra = given.filter((name) => !wanted.includes(name));
  const missing = wanted.filter((name) => !given.includes(name));
  const list = (names: readonly string[]) => {
    const shown = names.slice(0, mostNames).map((name) => `"${name}"`);
    return names.length > mostNames ? `${shown.join(", ")} and ${names.length - mostNames} more` : shown.join(", ");
  };
  if (extra.length > 0) {
    const known = wanted.length === 0 ? `the program has no ${noun}s` : `the program's ${noun}s are ${list(wanted)}`;
    throw new SoftmachineError(
      `unknown ${noun} ${list(extra)}${suggestion(extra[0], missing.length > 0 ? missing : wanted)}; ${known}`,
    );
  }
  if (missing.length > 0)
    throw new SoftmachineError(`missing ${noun}${missing.length > 1 ? "s" : ""} ${list(missing)}`);
}

/**
 * Checks that something is a value of the language: a number, a vector, or a matrix with rows of one length.
 * @throws SoftmachineError naming the input and what it is instead.
 */
export function checkValue(name: string, value: unknown): asserts value is Value {
  const fail: (what: string) => never = (what) => {
    throw new SoftmachineError(`input "${name}" must be a number, a vector or a matrix of numbers; ${what}`);
  };
  const width = (row: unknown, what: string): number => {
    if (!Array.isArray(row)) return fail(`${what} is ${inWords(row)}`);
    if (row.length === 0) fail(`${what} is empty`);
    const stray = row.findIndex((item: unknown) => typeof item !== "number");
    if (stray >= 0) fail(`element ${stray} of ${what} is ${inWords(row[stray])}`);
    return row.length;
  };
  if (typeof value === "number") return;
  if (!Array.isArray(value) || !Array.isArray(value[0])) {
    width(value, "it");
    return;
  }
  const columns = width(value[0], "row 0");
  for (const [i, row] of value.entries())
    if (width(row, `row ${i}`) !== columns) fail(`row ${i} differs in length from row 0`);
}

function inWords(value: unknown): string {
  if (value === undefined || value === null) return String(value);
  if (Array.isArray(value)) return "an array";
  if (typeof value === "string") return `the text ${JSON.stringify(value)}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
