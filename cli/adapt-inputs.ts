import type { InputRow, OperandValues } from "../machine/index.js";
import { checkNames } from "../scheme/index.js";
import { numbersOf, readDataTable } from "./data-table.js";
import { UsageError } from "./failures.js";
import { readNumber } from "./input-values.js";

/** The most values that a range may have. */
const mostInRange = 65_536;

/**
 * The values that operands may have, as `a=3`, `a=1..5`, `a=1..5,9` or `a=any` give them.
 *
 * @param names the program's operands, in its order.
 * @throws UsageError for what is none of these; SoftmachineError for a missing or an unknown operand.
 */
export function readOperandValues(words: readonly string[], names: readonly string[], n: number): OperandValues {
  const given = new Map<string, number[]>();
  for (const word of words) {
    const at = word.indexOf("=");
    const name = word.slice(0, at).trim();
    if (given.has(name)) throw new UsageError(`operand "${name}" is given twice`);
    given.set(name, valuesOf(word, word.slice(at + 1).trim(), n));
  }
  checkNames(names, [...given.keys()], "operand");
  return names.map((name) => given.get(name) ?? []);
}

function valuesOf(word: string, text: string, n: number): number[] {
  if (text === "any") return Array.from({ length: Math.min(n, mostInRange) }, (_, value) => value);
  const values = text.split(",").flatMap((part) => {
    const ends = part.split("..").map(readNumber);
    const [low, high] = ends.length === 1 ? [ends[0], ends[0]] : ends;
    if (low === undefined || high === undefined || ends.length > 2)
      throw new UsageError(`"${word}": an operand's values are 3, or 1..5, or several with commas, as 1..5,9, or any`);
    for (const end of [low, high]) {
      if (!Number.isInteger(end) || end < 0 || end >= n)
        throw new UsageError(`"${word}": ${end} is not a whole number from 0 to ${n - 1} (n = ${n})`);
    }
    if (high < low || high - low >= mostInRange)
      throw new UsageError(`"${word}": the range ${part} is empty or too long; it goes from the smaller to the larger`);
    return Array.from({ length: high - low + 1 }, (_, i) => low + i);
  });
  return [...new Set(values)];
}

/**
 * Inputs as the rows of a table: a column for each operand, and perhaps `result`, the result that is wanted.
 *
 * @throws SoftmachineError naming the row at fault.
 */
export async function readInputRows(file: string, names: readonly string[], n: number): Promise<InputRow[]> {
  const table = await readDataTable(file);
  const columnOf = (name: string) => {
    const values = numbersOf(table, name);
    const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 0 || value >= n);
    if (wrong >= 0) {
      throw new UsageError(
        `${table.name}, row ${wrong + 1}: "${name}" is ${values[wrong]}, not a whole number from 0 to ${n - 1} (n = ${n})`,
      );
    }
    return values;
  };
  const columns = names.map(columnOf);
  const results = table.columns.includes("result") && !names.includes("result") ? columnOf("result") : undefined;
  return table.rows.map((_, row) => ({
    operands: columns.map((values) => values[row]),
    ...(results === undefined ? {} : { result: results[row] }),
  }));
}
