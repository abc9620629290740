import type { Image } from "../assembler/index.js";
import { type LazyTable, oneHot, runExact, seededRandom, tabulatedCall } from "../machine/index.js";
import { printNumber } from "../scheme/index.js";
import { shuffledTuples } from "./operand-tuples.js";
import { machineOperands, rangesOf, valuesOf } from "./operands.js";
import type { LibraryProgram } from "./program-file.js";
import { VerificationFailure, withOperands } from "./verification.js";

/** Operands that are one of two values in a soft call: the others are certain, or their combinations would be too many. */
const mostSoftOperands = 3;

const tolerance = 1e-12;

/**
 * Checks tabulated calls against runs of the exact machine: where the operands are certain, the answer is that of the run;
 * where some are one of two values, it is the mixture of the runs on all combinations.
 *
 * @param table the program's answers on the image.
 * @param calls how many of each kind, at most.
 * @returns on how many calls.
 * @throws VerificationFailure with operands for which they differ.
 */
export function verifyTabulated(
  { name, operands }: Pick<LibraryProgram, "name" | "operands">,
  image: Image,
  table: LazyTable,
  calls: number,
): number {
  const { n } = image;
  const random = seededRandom(4);
  const tuples = shuffledTuples(rangesOf(operands, n), 2 * calls).map((tuple) => valuesOf(operands, tuple));
  const answer = (given: readonly number[]) => runExact(image, name, given, { steps: Number.MAX_SAFE_INTEGER }).result;
  let count = 0;
  const check = (values: (typeof tuples)[number], distributions: Float64Array, expected: Float64Array) => {
    count++;
    const found = tabulatedCall(table, distributions, 1);
    const at = found.findIndex((p, value) => !(Math.abs(p - expected[value]) <= tolerance));
    if (at < 0) return;
    const what = `a tabulated call gives ${at} with probability ${printNumber(found[at])}, runs ${printNumber(expected[at])}`;
    throw new VerificationFailure("tabulated", `${withOperands(name, operands, values)}, n = ${n}: ${what}`, values);
  };
  tuples.slice(0, calls).forEach((values, i) => {
    const given = machineOperands(values);
    check(values, oneHot(given, n), oneHot([answer(given)], n));
    const others = tuples[calls + i];
    if (others === undefined) return;
    const { distributions, combinations } = mixed(given, machineOperands(others), n, random);
    const expected = new Float64Array(n);
    for (const { numbers, probability } of combinations) expected[answer(numbers)] += probability;
    check(values, distributions, expected);
  });
  return count;
}

/** Operands of which the first few that differ are one of two values: their distributions, and all combinations. */
function mixed(given: readonly number[], others: readonly number[], n: number, random: () => number) {
  const distributions = oneHot(given, n);
  let combinations = [{ numbers: [...given], probability: 1 }];
  given
    .flatMap((value, i) => (value === others[i] ? [] : [i]))
    .slice(0, mostSoftOperands)
    .forEach((i) => {
      const share = random();
      distributions[i * n + given[i]] = share;
      distributions[i * n + others[i]] = 1 - share;
      combinations = combinations.flatMap(({ numbers, probability }) => [
        { numbers, probability: probability * share },
        { numbers: numbers.map((value, j) => (j === i ? others[i] : value)), probability: probability * (1 - share) },
      ]);
    });
  return { distributions, combinations };
}
