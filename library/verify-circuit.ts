import type { Image } from "../assembler/index.js";
import {
  type BinaryProgram,
  certainBits,
  ExactMachine,
  entryOf,
  initialBinaryState,
  softRun,
} from "../machine/index.js";
import { shuffledTuples } from "./operand-tuples.js";
import { machineOperands, rangesOf, valuesOf } from "./operands.js";
import type { LibraryProgram } from "./program-file.js";
import { VerificationFailure, withOperands } from "./verification.js";

/** The most inputs that are checked. */
const mostInputs = 256;

/**
 * Checks that the machine on bits, whose ALU is circuits, ends as the exact machine does: registers, memory and halting to
 * the bit, after as many steps.
 *
 * @param work steps over all inputs; an input whose run does not fit in what is left of them is passed over. Where no run
 * fits, one is compared as far as it comes.
 * @returns on how many inputs.
 * @throws VerificationFailure with operands on which they differ.
 */
export function verifyCircuit(
  { name, operands }: Pick<LibraryProgram, "name" | "operands">,
  image: Image,
  program: BinaryProgram,
  work: number,
): number {
  const { n } = image;
  const { bits } = program;
  const machine = new ExactMachine(image);
  const entry = entryOf(image, name);
  let inputs = 0;
  let left = work;
  const tuples = shuffledTuples(rangesOf(operands, n), mostInputs);
  for (const [i, tuple] of tuples.entries()) {
    const isLast = i === tuples.length - 1;
    const values = valuesOf(operands, tuple);
    const given = machineOperands(values);
    machine.start(entry, given);
    machine.advance(left);
    const { halted, steps, registers, memory } = machine;
    if (!halted && !(isLast && inputs === 0)) continue;
    left -= steps;
    inputs++;
    const state = initialBinaryState(image, name, certainBits(given, bits), 1);
    const result = softRun(program, state, { steps, stepsCertain: true });
    const isSame =
      result.halted[0] === (halted ? 1 : 0) &&
      result.steps[0] === steps &&
      areSame(result.registers, registers, bits) &&
      areSame(result.memory, memory, bits);
    if (isSame) continue;
    const message = `${withOperands(name, operands, values)}, n = ${n}: the machine on bits does not end as the exact one`;
    throw new VerificationFailure("circuit", message, values);
  }
  return inputs;
}

const areSame = (found: Float64Array, values: ArrayLike<number>, bits: number): boolean => {
  const expected = certainBits(Array.from(values), bits);
  return found.every((probability, i) => probability === expected[i]);
};
