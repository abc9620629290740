import type { Image } from "../assembler/index.js";
import { runExact } from "../machine/index.js";
import { evaluateReference, SoftmachineError, SourceError } from "../scheme/index.js";
import { operandTuples } from "./operand-tuples.js";
import type { LibraryProgram } from "./program-file.js";
import { type Coverage, VerificationFailure, withOperands } from "./verification.js";

/** How long a run may take and how many inputs a check may have. */
export interface ExactLimits {
  /** Steps of the machine, and iterations of the reference, for one input. */
  readonly steps: number;
  /** Above so many inputs a sample of as many is checked. */
  readonly inputs: number;
}

const tolerance = 1e-9;

/**
 * Checks the examples by the reference, in the numbers of the language; and on the machine those whose numbers are all
 * values 0..n-1.
 * @returns how many there are.
 * @throws VerificationFailure at the first that does not hold.
 */
export function verifyExamples(
  { name, program, operands, examples }: LibraryProgram,
  image: Image,
  limits: ExactLimits,
) {
  const isValue = (x: number) => Number.isInteger(x) && x >= 0 && x < image.n;
  for (const { arguments: given, result, span } of examples) {
    const fail = (what: string): never => {
      const { message } = new SourceError(what, program.source, span);
      throw new VerificationFailure("example", message, given);
    };
    const inputs = Object.fromEntries(operands.map((operand, i) => [operand.name, given[i]]));
    const value = attempt(
      () => evaluateReference(program, inputs, { iterations: limits.steps }),
      (message) => fail(`this example can't be computed: ${message}`),
    );
    if (!agrees(value, result)) fail(`this example does not hold: the program gives ${value}`);
    if (![...given, result].every(isValue)) continue;
    const onMachine = attempt(
      () => runExact(image, name, given, { steps: limits.steps }).result,
      (message) => fail(`this example can't be computed on the machine, where n = ${image.n}: ${message}`),
    );
    if (onMachine !== result)
      fail(`this example does not hold on the machine, where n = ${image.n}: the program gives ${onMachine} there`);
  }
  return examples.length;
}

/** Whole results must be met exactly, others to nine digits. */
function agrees(value: unknown, expected: number): boolean {
  if (typeof value !== "number") return false;
  if (Number.isInteger(expected)) return value === expected;
  return Math.abs(value - expected) <= tolerance * Math.abs(expected);
}

/**
 * Checks the machine's result against the reference modulo n on all operands 0..n-1, or on a sample.
 * @throws VerificationFailure with the smallest operands on which they differ, or one of them does not end.
 */
export function verifyAgainstReference({ name, program, operands }: LibraryProgram, image: Image, limits: ExactLimits) {
  const { n } = image;
  const { tuples, exhaustive } = operandTuples(n, operands.length, limits.inputs);
  let worst = 0;
  let total = 0;
  for (const tuple of tuples) {
    const fail = (what: string): never => {
      throw new VerificationFailure("exact", `${withOperands(name, operands, tuple)}, n = ${n}: ${what}`, tuple);
    };
    const inputs = Object.fromEntries(operands.map((operand, i) => [operand.name, tuple[i]]));
    const expected = attempt(
      () => evaluateReference(program, inputs, { modulus: n, iterations: limits.steps }),
      (message) => fail(`the program has no value: ${message}`),
    );
    const { result, steps } = attempt(
      () => runExact(image, name, tuple, { steps: limits.steps }),
      (message) => fail(`the machine has no result: ${message}`),
    );
    if (result !== expected) fail(`the machine gives ${result}, the reference ${expected}`);
    worst = Math.max(worst, steps);
    total += steps;
  }
  const coverage: Coverage = { n, inputs: tuples.length, exhaustive };
  return { coverage, steps: { worst, mean: total / tuples.length } };
}

function attempt<T>(run: () => T, failed: (message: string) => never): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    return failed(error.message);
  }
}
