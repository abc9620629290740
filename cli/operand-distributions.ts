import { certainBits } from "../machine/index.js";
import { checkNames, type Shape, shapeOf, type Value } from "../scheme/index.js";
import { UsageError } from "./failures.js";
import { readArrayAssignments, readNumber } from "./input-values.js";

/** An operand of a soft run: values with their weights. */
export interface OperandDistribution {
  readonly name: string;
  /** The most probable value; the first of several. */
  readonly mode: number;
  /** Values that have any weight, and their weights, which sum to 1; undefined where every value has the same. */
  readonly support: ReadonlyMap<number, number> | undefined;
}

/** Operands with each array, as `v=[5,7]`, replaced by its elements, as `v[0]=5` and `v[1]=7`; and the arrays' shapes. */
export function splitArrays(words: readonly string[]): { words: string[]; shapes: Record<string, Shape> } {
  const shapes = new Map<string, Shape>();
  const elements = words.flatMap((word) => {
    if (!/^[^=]*=\s*\[/.test(word)) return [word];
    return Object.entries(readArrayAssignments([word])).flatMap(([name, value]) => {
      if (shapes.has(name)) throw new UsageError(`operand "${name}" is given twice`);
      shapes.set(name, shapeOf(value));
      return elementWords(name, value);
    });
  });
  return { words: elements, shapes: Object.fromEntries(shapes) };
}

function elementWords(name: string, value: Value): string[] {
  if (typeof value === "number") return [`${name}=${value}`];
  return value.flatMap((item: Value, i: number) => elementWords(`${name}[${i}]`, item));
}

/**
 * Reads operands of a soft run: `a=3`, `a=3,5` for either with equal weight, `a=3:0.7,5:0.3` with weights, which are
 * scaled to sum to 1, and `a=any` for every value.
 *
 * @param names the program's operands, in its order.
 * @throws UsageError for what is none of these; SoftmachineError for a missing or an unknown operand.
 */
export function readDistributions(
  words: readonly string[],
  names: readonly string[],
  n: number,
): readonly OperandDistribution[] {
  const texts = new Map<string, string>();
  for (const word of words) {
    const at = word.indexOf("=");
    const name = word.slice(0, at).trim();
    if (texts.has(name)) throw new UsageError(`operand "${name}" is given twice`);
    texts.set(name, word.slice(at + 1).trim());
  }
  checkNames(names, [...texts.keys()], "operand");
  return names.map((name) => distributionOf(name, texts.get(name) ?? "", n));
}

function distributionOf(name: string, text: string, n: number): OperandDistribution {
  if (text === "any" || text === "?") return { name, mode: 0, support: undefined };
  const weights = new Map<number, number>();
  for (const part of text.split(",")) {
    const [valueText, weightText = "1", ...more] = part.split(":");
    const value = readNumber(valueText);
    const weight = readNumber(weightText);
    if (value === undefined || weight === undefined || more.length > 0) {
      throw new UsageError(`"${name}=${text}": an operand is 3, or 3,5 for either, 3:0.7,5:0.3 with weights, or any`);
    }
    if (!Number.isInteger(value) || value < 0 || value >= n) {
      throw new UsageError(`"${name}=${text}": ${valueText} is not a whole number from 0 to ${n - 1} (n = ${n})`);
    }
    if (!(weight >= 0 && Number.isFinite(weight))) {
      throw new UsageError(`"${name}=${text}": the weight ${weightText} is not a number of 0 or more`);
    }
    weights.set(value, (weights.get(value) ?? 0) + weight);
  }
  const sum = [...weights.values()].reduce((total, weight) => total + weight, 0);
  if (!Number.isFinite(sum)) throw new UsageError(`"${name}=${text}": the weights are too large to add up`);
  if (sum === 0) throw new UsageError(`"${name}=${text}": some value must have a weight above 0`);
  const likely = [...weights].filter(([, weight]) => weight > 0).sort(([v], [w]) => v - w);
  const [mode] = likely.reduce((best, entry) => (entry[1] > best[1] ? entry : best), likely[0]);
  return { name, mode, support: new Map(likely.map(([value, weight]) => [value, weight / sum])) };
}

/** Operands as distributions over n values [operands, n]. */
export function inUnits(operands: readonly OperandDistribution[], n: number): Float64Array {
  const distributions = new Float64Array(operands.length * n);
  operands.forEach(({ support }, i) => {
    if (support === undefined) distributions.fill(1 / n, i * n, (i + 1) * n);
    else for (const [value, weight] of support) distributions[i * n + value] = weight;
  });
  return distributions;
}

/** Operands as bits [operands, bits]: the probability that each is 1, the lowest first. */
export function inBits(operands: readonly OperandDistribution[], bits: number): Float64Array {
  const probabilities = new Float64Array(operands.length * bits);
  operands.forEach(({ support }, i) => {
    const row = probabilities.subarray(i * bits, (i + 1) * bits);
    if (support === undefined) row.fill(0.5);
    else {
      for (const [value, weight] of support)
        certainBits([value], bits).forEach((bit, place) => {
          row[place] += weight * bit;
        });
    }
  });
  return probabilities;
}
