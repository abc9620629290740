import { seededRandom } from "../machine/index.js";

/** What a number of a tuple may be: from `low` to `high`, both included. */
export interface NumberRange {
  readonly low: number;
  readonly high: number;
}

/** Operands that a check runs on. */
export interface OperandTuples {
  /** In the order of their sums, and within one sum of the first operand, the second, …: the first to fail is the smallest. */
  readonly tuples: readonly (readonly number[])[];
  /** Whether these are all the tuples that there are. */
  readonly exhaustive: boolean;
  /** Where they are not: all tuples are among them of which each number is one of the first so many of its range. */
  readonly first?: number;
}

/**
 * All tuples of numbers in their ranges, or `most` of them when there are more: about half of them all tuples of small
 * numbers, as far as they go, and besides the greatest numbers and others drawn by a generator that always begins alike.
 */
export function operandTuples(ranges: readonly NumberRange[], most: number): OperandTuples {
  const sizes = ranges.map(({ low, high }) => high - low + 1);
  const countBelow = (first: number) => sizes.reduce((count, size) => count * Math.min(size, first), 1);
  const sum = (tuple: readonly number[]) => tuple.reduce((total, value) => total + value, 0);
  const sorted = (tuples: number[][]) => tuples.sort((a, b) => sum(a) - sum(b) || firstDifference(a, b));
  if (countBelow(Number.POSITIVE_INFINITY) <= most)
    return { tuples: sorted(tuplesBelow(ranges, sizes)), exhaustive: true };
  let first = 1;
  while (countBelow(first + 1) <= most / 2) first++;
  const small = tuplesBelow(
    ranges,
    sizes.map((size) => Math.min(size, first)),
  );
  return { tuples: sorted(withSample(small, ranges, sizes, most)), exhaustive: false, first };
}

/** How many tuples there are. */
export const countOfTuples = (ranges: readonly NumberRange[]): number =>
  ranges.reduce((count, { low, high }) => count * (high - low + 1), 1);

/** Some of the tuples in an order that has nothing to do with their size; the same each time. */
export function shuffledTuples(ranges: readonly NumberRange[], most: number): readonly (readonly number[])[] {
  const random = seededRandom(2);
  const order = operandTuples(ranges, most).tuples.map((tuple) => ({ tuple, place: random() }));
  return order.sort((a, b) => a.place - b.place).map(({ tuple }) => tuple);
}

/** All tuples of which each number is one of the first `sizes` of its range. */
function tuplesBelow(ranges: readonly NumberRange[], sizes: readonly number[]): number[][] {
  return sizes.reduce<number[][]>(
    (tuples, size, i) =>
      tuples.flatMap((tuple) => Array.from({ length: size }, (_, value) => [...tuple, ranges[i].low + value])),
    [[]],
  );
}

function firstDifference(a: readonly number[], b: readonly number[]): number {
  const i = a.findIndex((value, j) => value !== b[j]);
  return i < 0 ? 0 : a[i] - b[i];
}

/** Some tuples, and others until there are `most`, which must be fewer than all that there are. */
function withSample(
  tuples: readonly number[][],
  ranges: readonly NumberRange[],
  sizes: readonly number[],
  most: number,
): number[][] {
  const random = seededRandom(1);
  const found = new Map(tuples.map((tuple) => [tuple.join(" "), tuple]));
  const add = (tuple: number[]) => found.set(tuple.join(" "), tuple);
  if (found.size < most) add(ranges.map(({ high }) => high));
  while (found.size < most) add(ranges.map(({ low }, i) => low + Math.floor(random() * sizes[i])));
  return [...found.values()];
}
