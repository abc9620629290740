import type { Image } from "../assembler/index.js";
import { initialState, oneHot, runExact, type SoftProgram, softRun } from "../machine/index.js";
import { printValue } from "../scheme/index.js";
import { operandTuples } from "./operand-tuples.js";
import { machineOperands, rangesOf, valuesOf } from "./operands.js";
import type { LibraryProgram } from "./program-file.js";
import { type Coverage, VerificationFailure, withOperands } from "./verification.js";

/**
 * Checks that a soft program, begun with certainty, ends as the exact machine does on the image: registers, memory and
 * halting to the bit, after as many steps. The exact machine must halt on all operands of their ranges.
 *
 * @param most above so many inputs a sample of as many is checked.
 * @throws VerificationFailure with the smallest operands on which they differ.
 */
export function verifySoft(
  { name, operands }: LibraryProgram,
  image: Image,
  soft: SoftProgram,
  most: number,
): Coverage {
  const { n } = image;
  const { tuples, exhaustive, first } = operandTuples(rangesOf(operands, n), most);
  for (const tuple of tuples) {
    const values = valuesOf(operands, tuple);
    const given = machineOperands(values);
    const exact = runExact(image, name, given, { steps: Number.MAX_SAFE_INTEGER });
    const result = softRun(soft, initialState(image, name, oneHot(given, n), 1), {
      steps: exact.steps,
      stepsCertain: true,
    });
    const fail = (what: string): never => {
      const message = `${withOperands(name, operands, values)}, n = ${n}: the soft machine differs from the exact one: ${what}`;
      throw new VerificationFailure("soft", message, values);
    };
    if (result.halted[0] !== 1 || result.steps[0] !== exact.steps)
      fail(`after ${exact.steps} steps the probability of having halted is ${printValue(result.halted[0])}`);
    const register = firstDifference(result.registers, exact.registers, n);
    if (register !== undefined) fail(`register r${register} should be certain of ${exact.registers[register]}`);
    const cell = firstDifference(result.memory, exact.memory, n);
    if (cell !== undefined) fail(`memory cell ${cell} should be certain of ${exact.memory[cell]}`);
  }
  return { n, inputs: tuples.length, exhaustive, ...(first === undefined ? {} : { first }) };
}

/** The first of the distributions [values.length, n] that is not one-hot at its value, if any. */
function firstDifference(distributions: Float64Array, values: ArrayLike<number>, n: number): number | undefined {
  const expected = oneHot(Array.from(values), n);
  const i = distributions.findIndex((probability, j) => probability !== expected[j]);
  return i < 0 ? undefined : Math.floor(i / n);
}
