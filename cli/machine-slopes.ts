import {
  type AnswerTable,
  flash,
  initialState,
  oneHot,
  runExact,
  softBackward,
  softForward,
  softRun,
  tabulatedCall,
  tabulatedCallGradient,
} from "../machine/index.js";
import type { MachineProgram } from "./machine-program.js";

/** An expected result, and for each operand how it changes from the operand's value to the next. */
export interface SoftValue {
  /** One value, or those of an array. */
  readonly values: readonly number[];
  /** The probability of the most probable result; of an array, the least of its elements'. */
  readonly probability: number;
  /** Undefined where the result is an array. */
  readonly slopes: readonly number[] | undefined;
}

/** Each operand's neighbour that its slope is taken to: the next value, or the one before the last value of all. */
const neighbour = (value: number, n: number) => (value === n - 1 ? value - 1 : value + 1);

/** The slopes along operands, from the gradient with respect to their distributions, [operands, n]. */
function slopesOf(gradient: Float64Array, operands: readonly number[], n: number): number[] {
  return operands.map((value, i) => {
    const other = neighbour(value, n);
    return (gradient[i * n + other] - gradient[i * n + value]) / (other - value);
  });
}

/** The expected values of distributions, [values, n]. */
function expectation(distributions: Float64Array, n: number): { values: number[]; probability: number } {
  const rows = Array.from({ length: distributions.length / n }, (_, i) => distributions.subarray(i * n, (i + 1) * n));
  return {
    values: rows.map((row) => row.reduce((sum, p, y) => sum + y * p, 0)),
    probability: Math.min(...rows.map((row) => Math.max(...row))),
  };
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
  if (entry.result !== undefined) {
    const { address, shape } = entry.result;
    const { memory } = softRun(flash(image), state, { steps });
    const size = shape.reduce((product, length) => product * length, 1);
    return { ...expectation(memory.subarray(address * n, (address + size) * n), n), slopes: undefined };
  }
  const { result, tape } = softForward(flash(image), state, { steps, stopWhenHalted: false });
  const cotangent = new Float64Array(registers * n);
  for (let y = 0; y < n; y++) cotangent[y] = y;
  const gradient = softBackward(tape, { registers: cotangent }, { program: false });
  const { cells = [] } = entry;
  const ofOperands = new Float64Array(operands.length * n);
  const inRegisters = operands.length - cells.length;
  ofOperands.set(gradient.registers.subarray(0, inRegisters * n));
  cells.forEach((cell, i) => {
    ofOperands.set(gradient.memory.subarray(cell * n, (cell + 1) * n), (inRegisters + i) * n);
  });
  return { ...expectation(result.registers.subarray(0, n), n), slopes: slopesOf(ofOperands, operands, n) };
}

/** The same of a table of a program's answers: exact, however the program gets to them. */
export function tabulatedValue(table: AnswerTable, operands: readonly number[]): SoftValue {
  const { n } = table;
  const distributions = oneHot(operands, n);
  const answers = tabulatedCall(table, distributions, 1);
  const cotangent = Float64Array.from({ length: n }, (_, y) => y);
  const gradient = tabulatedCallGradient(table, distributions, cotangent, 1);
  return { ...expectation(answers, n), slopes: slopesOf(gradient, operands, n) };
}
