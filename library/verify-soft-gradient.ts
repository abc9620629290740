import type { Image } from "../assembler/index.js";
import {
  initialState,
  runExact,
  type SoftProgram,
  type SoftState,
  seededRandom,
  softBackward,
  softForward,
  softRun,
} from "../machine/index.js";
import { printNumber } from "../scheme/index.js";
import { centralDifference } from "./central-difference.js";
import { type NumberRange, shuffledTuples } from "./operand-tuples.js";
import { machineNames, machineOperands, rangesOf, valuesOf } from "./operands.js";
import type { LibraryProgram } from "./program-file.js";
import { VerificationFailure, withOperands } from "./verification.js";

type Checked = Pick<LibraryProgram, "name" | "operands">;

/** Each of an operand's two values is at least this probable. */
const leastProbability = 0.2;
/** How much probability is moved from one value to the other. */
const width = 1e-4;
/** How near the difference must come to the slope, as a share of the slopes that it is the difference of. */
const tolerance = 1e-6;

/** Expected value of r0, as the gradient of it with respect to the registers' distributions [registers, n]. */
function expectation({ n, registers }: Image): Float64Array {
  const cotangent = new Float64Array(registers * n);
  for (let value = 0; value < n; value++) cotangent[value] = value / n;
  return cotangent;
}

/**
 * Runs a soft program with every operand uniformly distributed and checks that the gradient of the expected result, with
 * respect to the initial state and the program, is finite.
 *
 * @param steps of the soft run.
 * @throws VerificationFailure naming the part of the gradient that is not.
 */
export function verifyFiniteGradient(
  { name, operands }: Checked,
  image: Image,
  soft: SoftProgram,
  steps: number,
): void {
  const { n } = image;
  const uniform = new Float64Array(machineNames(operands).length * n).fill(1 / n);
  const { tape } = softForward(soft, initialState(image, name, uniform, 1), { steps });
  const { program, registers, memory, counter } = softBackward(tape, { registers: expectation(image) });
  for (const [part, gradient] of Object.entries({ registers, memory, counter, ...program })) {
    if (gradient.every(Number.isFinite)) continue;
    throw new VerificationFailure("gradient", `"${name}": the gradient with respect to "${part}" is not finite`);
  }
}

/**
 * Checks the gradient of the expected result with respect to operands that are each one of two values, where all other
 * numbers are certain, against central differences that move probability from one value to the other. Both values of each
 * operand are of its range.
 *
 * @param most steps of a soft run; a longer one ends there.
 * @param slopes how many are checked, at most.
 * @returns how many were: none of a program without operands.
 * @throws VerificationFailure naming the operands' first values and the slope that differs.
 */
export function verifySoftSlopes(
  { name, operands }: Checked,
  image: Image,
  soft: SoftProgram,
  most: number,
  slopes: number,
): number {
  const ranges = rangesOf(operands, image.n);
  const [first, drawn = first] = shuffledTuples(ranges, 64);
  const second = drawn.map((value, i) => (value === first[i] ? next(value, ranges[i]) : value));
  const [values, others] = [first, second].map((tuple) => valuesOf(operands, tuple));
  const [given, other] = [machineOperands(values), machineOperands(others)];
  const { n } = image;
  const random = seededRandom(3);
  const distributions = new Float64Array(given.length * n);
  given.forEach((value, i) => {
    const share = leastProbability + (1 - 2 * leastProbability) * random();
    distributions[i * n + value] += share;
    distributions[i * n + other[i]] += 1 - share;
  });
  const steps = Math.min(most, ...[given, other].map((numbers) => runExact(image, name, numbers).steps));
  const start = (p: Float64Array): SoftState => initialState(image, name, p, 1);
  const cotangent = expectation(image);
  const { tape } = softForward(soft, start(distributions), { steps });
  const slopeOf = slopesOfOperands(image, name, softBackward(tape, { registers: cotangent }, { program: false }));
  const uncertain = given.flatMap((value, i) => (value === other[i] ? [] : [i])).slice(0, slopes);
  for (const i of uncertain) {
    const [to, from] = [i * n + given[i], i * n + other[i]];
    const expected = (change: number): number => {
      const p = distributions.slice();
      p[to] += change;
      p[from] -= change;
      return softRun(soft, start(p), { steps }).registers.reduce((sum, x, at) => sum + x * cotangent[at], 0);
    };
    const slope = slopeOf(to) - slopeOf(from);
    const measured = centralDifference(expected, width);
    const scale = Math.max(1, Math.abs(slopeOf(to)), Math.abs(slopeOf(from)));
    if (Math.abs(slope - measured.slope) <= tolerance * scale + 2 * measured.uncertainty) continue;
    const what = `the slope from ${other[i]} to ${given[i]} is ${printNumber(slope)}; differences give ${printNumber(measured.slope)}`;
    throw new VerificationFailure("gradient", `${withOperands(name, operands, values)}, n = ${n}: ${what}`, values);
  }
  return uncertain.length;
}

/** Another number of a range, if there is one. */
const next = (value: number, { low, high }: NumberRange) => (value === high ? low : value + 1);

/** The gradient's entry for an entry of the operands' distributions [operands, n], which begin in registers or memory. */
function slopesOfOperands(
  { n, entries }: Image,
  name: string,
  { registers, memory }: { readonly registers: Float64Array; readonly memory: Float64Array },
): (at: number) => number {
  const { operands = [], cells = [] } = entries.get(name) ?? {};
  const inRegisters = operands.length - cells.length;
  return (at) => {
    const operand = Math.floor(at / n);
    return operand < inRegisters ? registers[at] : memory[cells[operand - inRegisters] * n + (at % n)];
  };
}
