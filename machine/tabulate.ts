import type { Image } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { checkBudget, defaultStepBudget, ExactMachine, entryOf, runToHalt } from "./exact.js";

/** A program's answers on all operands: the index table of a function of `operands` values 0..n-1. */
export interface TabulatedProgram {
  readonly name: string;
  readonly operands: number;
  readonly n: number;
  /** n^operands answers, row-major, the first operand slowest. */
  readonly values: Uint16Array;
}

/** The most answers that a table may hold: 128 MiB of them. */
export const mostAnswers = 2 ** 26;

export interface TabulateOptions {
  /** Steps that the run on each tuple of operands may take. Default 1,000,000. */
  readonly steps?: number;
}

/**
 * Runs a program on the exact machine for every tuple of operands.
 *
 * @throws SoftmachineError when the table would be too large; BudgetError naming the operands on which a run does not
 * end or overflows its stack.
 */
export function tabulate(image: Image, name: string, options: TabulateOptions = {}): TabulatedProgram {
  const { steps = defaultStepBudget } = options;
  checkBudget(steps);
  const { n } = image;
  const entry = entryOf(image, name);
  const operands = entry.operands.length;
  const size = n ** operands;
  if (size > mostAnswers) {
    throw new SoftmachineError(
      `a table of "${name}" needs ${n}^${operands} answers, more than ${mostAnswers.toLocaleString("en-US")}`,
    );
  }
  const machine = new ExactMachine(image);
  const values = new Uint16Array(size);
  const tuple = new Array<number>(operands).fill(0);
  for (let index = 0; index < size; index++) {
    runToHalt(machine, entry, tuple, steps);
    values[index] = machine.registers[0];
    for (let i = operands - 1; i >= 0 && ++tuple[i] === n; i--) tuple[i] = 0;
  }
  return { name, operands, n, values };
}
