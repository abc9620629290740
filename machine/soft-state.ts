import { checkWholeNumber, type Image } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { entryOf } from "./exact.js";
import { checkShape, zeros } from "./soft-arrays.js";
import { checkFields, type SoftProgram } from "./soft-program.js";
import type { Floats } from "./tabulated-call.js";

/** A batch of states: distributions over registers' and memory cells' values and over lines. */
export interface SoftState {
  readonly batch: number;
  /** [batch, registers, n] */
  readonly registers: Float64Array;
  /** [batch, memorySize, n] */
  readonly memory: Float64Array;
  /** [batch, lines]: where a run begins; one line, or a distribution over the entries of programs. */
  readonly counter: Float64Array;
}

/**
 * The states in which a program begins: its operands in r0, r1, … and, of arrays, in memory; every other register certain
 * of 0, the rest of memory certain of the image's initial data.
 *
 * @param name one program, or one for each row of the batch.
 * @param operands [batch, operands, n]: a distribution for each operand; where programs take different numbers of them,
 * the most that one takes.
 * @throws SoftmachineError for an unknown program, operands of another shape or not finite, or more than memory holds.
 */
export function initialState(
  image: Image,
  name: string | readonly string[],
  operands: Floats,
  batch: number,
): SoftState {
  const { n, registers, memorySize, lines } = image;
  checkWholeNumber("the batch", batch, 0);
  if (typeof name !== "string" && name.length !== batch) {
    throw new SoftmachineError(`${name.length} programs are named for a batch of ${batch}`);
  }
  const entries = Array.from({ length: batch }, (_, row) =>
    entryOf(image, typeof name === "string" ? name : name[row]),
  );
  const count = entries.length === 0 ? 0 : Math.max(...entries.map((entry) => entry.operands.length));
  checkShape("operands", operands, [batch, count, n]);
  const stray = operands.findIndex((probability: number) => !Number.isFinite(probability));
  if (stray >= 0) {
    const { operands: names } = entries[Math.floor(stray / (count * n))];
    const at = Math.floor(stray / n) % count;
    if (at < names.length)
      throw new SoftmachineError(`the distribution of operand ${names[at]} holds ${operands[stray]}`);
  }
  const state: SoftState = {
    batch,
    registers: zeros("the registers", [batch, registers, n]),
    memory: zeros("the memory cells", [batch, memorySize, n]),
    counter: zeros("the counters", [batch, lines]),
  };
  entries.forEach((entry, row) => {
    const { cells = [] } = entry;
    const inRegisters = entry.operands.length - cells.length;
    const operand = (i: number) => operands.subarray((row * count + i) * n, (row * count + i + 1) * n);
    for (let r = 0; r < inRegisters; r++) state.registers.set(operand(r), (row * registers + r) * n);
    for (let r = inRegisters; r < registers; r++) state.registers[(row * registers + r) * n] = 1;
    for (let i = 0; i < memorySize; i++) state.memory[(row * memorySize + i) * n + image.initialMemory[i]] = 1;
    cells.forEach((cell, i) => {
      const start = (row * memorySize + cell) * n;
      state.memory.fill(0, start, start + n).set(operand(inRegisters + i), start);
    });
    state.counter[row * lines + entry.line] = 1;
  });
  return state;
}

/**
 * One-hot distributions [values.length, n].
 *
 * @throws SoftmachineError for a value that is not of 0..n-1.
 */
export function oneHot(values: readonly number[], n: number): Float64Array {
  checkWholeNumber("n", n, 1);
  const result = zeros("the values", [values.length, n]);
  values.forEach((value, i) => {
    if (!Number.isInteger(value) || value < 0 || value >= n) {
      throw new SoftmachineError(`${value} is not a whole number from 0 to ${n - 1} (n = ${n})`);
    }
    result[i * n + value] = 1;
  });
  return result;
}

/** Checks that a program's fields, and a state, have the program's shape. */
export function checkState(program: SoftProgram, { batch, registers, memory, counter }: SoftState): void {
  checkFields("the program's", program, program);
  checkShape("the state's registers", registers, [batch, program.registers, program.n]);
  checkShape("the state's memory", memory, [batch, program.memorySize, program.n]);
  checkShape("the state's counter", counter, [batch, program.lines]);
}
