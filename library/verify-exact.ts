import type { Image } from "../assembler/index.js";
import { runExact } from "../machine/index.js";
import { BudgetError, evaluateReference, numbersIn, printValue, SourceError, type Value } from "../scheme/index.js";
import { countOfTuples, type OperandTuples, operandTuples } from "./operand-tuples.js";
import { inputsOf, machineOperands, rangesOf, valuesOf } from "./operands.js";
import type { LibraryProgram } from "./program-file.js";
import { attempt, type Coverage, VerificationFailure, withOperands } from "./verification.js";

/** How long a run may take and how many inputs a check may have. */
export interface ExactLimits {
  /** Steps of the machine, and iterations of the reference, for one input. */
  readonly steps: number;
  /** Above so many inputs a sample of as many is checked. */
  readonly inputs: number;
  /** About as many steps of the machine may be taken over all inputs of a sample. */
  readonly work: number;
  /** And so many where they are all inputs; default as many as over a sample. */
  readonly exhaustiveWork?: number;
}

const tolerance = 1e-9;

/** Inputs that are checked whatever their runs take. */
const fewestInputs = 32;

/** A check of the machine that failed because the stack outgrew n memory cells. */
export class OutOfMemory extends VerificationFailure {}

/**
 * Checks the examples by the reference, in the numbers of the language; and on the machine, where there is an image, those
 * whose numbers are all values 0..n-1.
 * @returns how many there are.
 * @throws VerificationFailure at the first that does not hold.
 */
export function verifyExamples(
  { name, program, operands, examples }: LibraryProgram,
  image: Image | undefined,
  limits: Pick<ExactLimits, "steps">,
) {
  const isOnMachine = (x: number) => image !== undefined && Number.isInteger(x) && x >= 0 && x < image.n;
  for (const { arguments: given, result, span } of examples) {
    const fail = (what: string): never => {
      const { message } = new SourceError(what, program.source, span);
      throw new VerificationFailure("example", message, given);
    };
    const value = attempt(
      () => evaluateReference(program, inputsOf(operands, given), { iterations: limits.steps }),
      (message) => fail(`this example can't be computed: ${message}`),
    );
    if (!agrees(value, result)) fail(`this example does not hold: the program gives ${printValue(value)}`);
    if (image === undefined || ![...given, result].flatMap(numbersIn).every(isOnMachine)) continue;
    const onMachine = attempt(
      () => runExact(image, name, machineOperands(given), { steps: limits.steps }).value,
      (message) => fail(`this example can't be computed on the machine, where n = ${image.n}: ${message}`),
    );
    if (!isSame(onMachine, result)) {
      const found = printValue(onMachine);
      fail(`this example does not hold on the machine, where n = ${image.n}: the program gives ${found} there`);
    }
  }
  return examples.length;
}

/** Whole results must be met exactly, others to nine digits. */
function agrees(value: Value, expected: Value): boolean {
  if (typeof value !== "number" || typeof expected !== "number")
    return (
      typeof value !== "number" &&
      typeof expected !== "number" &&
      value.length === expected.length &&
      expected.every((item, i) => agrees(value[i], item))
    );
  if (Number.isInteger(expected)) return value === expected;
  return Math.abs(value - expected) <= tolerance * Math.abs(expected);
}

const isSame = (a: Value, b: Value) => printValue(a) === printValue(b);

/**
 * The numbers of the operands for a check: all, or a sample where they are more than `limits.inputs`, or their runs would
 * take more than `limits.work` steps.
 * @param steps of a run: the mean over some inputs is found by it.
 */
function tuplesWithin(
  operands: LibraryProgram["operands"],
  n: number,
  limits: ExactLimits,
  steps: (tuple: readonly number[]) => number,
): OperandTuples {
  const ranges = rangesOf(operands, n);
  const few = operandTuples(ranges, Math.min(limits.inputs, fewestInputs));
  if (few.exhaustive || few.tuples.length === limits.inputs) return few;
  const mean = few.tuples.reduce((sum, tuple) => sum + steps(tuple), 0) / few.tuples.length;
  const { work, exhaustiveWork = work } = limits;
  const within = (steps: number) => Math.min(limits.inputs, Math.floor(steps / mean));
  if (countOfTuples(ranges) <= within(exhaustiveWork)) return operandTuples(ranges, within(exhaustiveWork));
  return within(work) <= few.tuples.length ? few : operandTuples(ranges, within(work));
}

/**
 * Checks the machine's result against the reference modulo n on all operands 0..n-1 of their ranges, or on a sample.
 * @throws VerificationFailure with the smallest operands on which they differ, or one of them does not end; OutOfMemory
 * where the machine's stack needs more cells than there are.
 */
export function verifyAgainstReference({ name, program, operands }: LibraryProgram, image: Image, limits: ExactLimits) {
  const { n } = image;
  let worst = 0;
  let sum = 0;
  const check = (tuple: readonly number[]): number => {
    const values = valuesOf(operands, tuple);
    const where = `${withOperands(name, operands, values)}, n = ${n}`;
    const fail = (what: string): never => {
      throw new VerificationFailure("exact", `${where}: ${what}`, values);
    };
    const expected = attempt(
      () => evaluateReference(program, inputsOf(operands, values), { modulus: n, iterations: limits.steps }),
      (message) => fail(`the program has no value: ${message}`),
    );
    const { value, steps } = attempt(
      () => runExact(image, name, machineOperands(values), { steps: limits.steps }),
      (message, error) => {
        const what = `${where}: the machine has no result: ${message}`;
        if (error instanceof BudgetError) throw new OutOfMemory("exact", what, values);
        throw new VerificationFailure("exact", what, values);
      },
    );
    if (!isSame(value, expected)) fail(`the machine gives ${printValue(value)}, the reference ${printValue(expected)}`);
    return steps;
  };
  const { tuples, exhaustive, first } = tuplesWithin(operands, n, limits, check);
  for (const tuple of tuples) {
    const steps = check(tuple);
    worst = Math.max(worst, steps);
    sum += steps;
  }
  const coverage: Coverage = { n, inputs: tuples.length, exhaustive, ...(first === undefined ? {} : { first }) };
  return { coverage, steps: { worst, mean: sum / tuples.length } };
}
