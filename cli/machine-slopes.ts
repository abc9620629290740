import {
  type AnswerTable,
  flash,
  initialState,
  oneHot,
  runExact,
  softBackward,
  softForward,
  tabulatedCall,
  tabulatedCallGradient,
} from "../machine/index.js";
import type { MachineProgram } from "./machine-program.js";

/** An expected result, and for each operand how it changes from the operand's value to the next. */
export interface SoftValue {
  readonly value: number;
  /** The probability of the most probable result. */
  readonly probability: number;
  readonly slopes: readonly number[];
}

/** Each operand's neighbour that its slope is taken to: the next value, or the one before the last value of all. */
const neighbour = (value: number, n: number) => (value === n - 1 ? value - 1 : value + 1);

/** The slope along one operand, from a gradient with respect to its distribution. */
function slopesOf(gradient: Float64Array, operands: readonly number[], n: number): number[] {
  return operands.map((value, i) => {
    const other = neighbour(value, n);
    return (gradient[i * n + other] - gradient[i * n + value]) / (other - value);
  });
}

function expectation(distribution: Float64Array): { value: number; probability: number } {
  let value = 0;
  let probability = 0;
  for (let y = 0; y < distribution.length; y++) {
    value += y * distribution[y];
    probability = Math.max(probability, distribution[y]);
  }
  return { value, probability };
}

/**
 * Runs a program on the soft machine from operands that are certain, and differentiates the expected result with respect
 * to the operands' distributions. Its registers are independent of one another, so that a slope through a branch is an
 * approximation.
 */
export function softMachineValue({ image, entry }: MachineProgram, operands: readonly number[]): SoftValue {
  const { n, registers } = image;
  // The run goes on until the neighbours would have halted too, else the gradient would not see them.
  const tuples = [operands, ...operands.map((value, i) => operands.with(i, neighbour(value, n)))];
  const steps = Math.max(...tuples.map((tuple) => runExact(image, entry.name, tuple).steps));
  const state = initialState(image, entry.name, oneHot(operands, n), 1);
  const { result, tape } = softForward(flash(image), state, { steps, stopWhenHalted: false });
  const cotangent = new Float64Array(registers * n);
  for (let y = 0; y < n; y++) cotangent[y] = y;
  const gradient = softBackward(tape, { registers: cotangent }, { program: false });
  return { ...expectation(result.registers.subarray(0, n)), slopes: slopesOf(gradient.registers, operands, n) };
}

/** The same of a table of a program's answers: exact, however the program gets to them. */
export function tabulatedValue(table: AnswerTable, operands: readonly number[]): SoftValue {
  const { n } = table;
  const distributions = oneHot(operands, n);
  const answers = tabulatedCall(table, distributions, 1);
  const cotangent = Float64Array.from({ length: n }, (_, y) => y);
  const gradient = tabulatedCallGradient(table, distributions, cotangent, 1);
  return { ...expectation(answers), slopes: slopesOf(gradient, operands, n) };
}
