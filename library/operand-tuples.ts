import { seededRandom } from "../machine/index.js";

/** Operands that a check runs on. */
export interface OperandTuples {
  /** In the order of their sums, and within one sum of the first operand, the second, …: the first to fail is the smallest. */
  readonly tuples: readonly (readonly number[])[];
  /** Whether these are all the tuples that there are. */
  readonly exhaustive: boolean;
}

/**
 * All n^operands tuples of values 0..n-1, or `most` of them when there are more: the two corners of least and greatest
 * values, and others drawn by a generator that always begins alike.
 */
export function operandTuples(n: number, operands: number, most: number): OperandTuples {
  const count = n ** operands;
  const exhaustive = count <= most;
  const tuples = exhaustive
    ? Array.from({ length: count }, (_, index) => digits(index, n, operands))
    : sample(n, operands, most);
  const sum = (tuple: readonly number[]) => tuple.reduce((total, value) => total + value, 0);
  return { tuples: tuples.sort((a, b) => sum(a) - sum(b) || firstDifference(a, b)), exhaustive };
}

function digits(index: number, n: number, length: number): number[] {
  const tuple = new Array<number>(length).fill(0);
  for (let i = length - 1, rest = index; i >= 0; i--, rest = Math.floor(rest / n)) tuple[i] = rest % n;
  return tuple;
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, j) => value !== b[j]);
  return i < 0 ? 0 : a[i] - b[i];
}

/** Different tuples; there must be more than `size`. */
function sample(n: number, operands: number, size: number): number[][] {
  const random = seededRandom(1);
  const found = new Map<string, number[]>();
  const add = (tuple: number[]) => found.set(tuple.join(" "), tuple);
  for (const corner of [0, n - 1]) if (found.size < size) add(new Array<number>(operands).fill(corner));
  while (found.size < size) add(Array.from({ length: operands }, () => Math.floor(random() * n)));
  return [...found.values()];
}
