import { checkWholeNumber, type Image } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { type EncodedProgram, sizesOf } from "./encoded-program.js";
import { entryOf } from "./exact.js";
import { checkShape, zeros } from "./soft-arrays.js";
import { checkFields } from "./soft-program.js";
import type { Floats } from "./tabulated-call.js";

/**
 * A batch of states: distributions over registers' and memory cells' values and over lines. Of values on bits, in place of
 * a distribution over n values, the probability that each bit is 1, the lowest first.
 */
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
  return beginning(image, name, operands, batch, {
    width: image.n,
    write: (array, at, value) => {
      array[at + value] = 1;
    },
  });
}

/** How a value is written in a state: as how many numbers, and what a certain value sets of zeros. */
export interface ValueEncoding {
  readonly width: number;
  readonly write: (array: Float64Array, at: number, value: number) => void;
}

/** `initialState` in an encoding. */
export function beginning(
  image: Image,
  name: string | readonly string[],
  operands: Floats,
  batch: number,
  { width, write }: ValueEncoding,
): SoftState {
  const { registers, memorySize, lines } = image;
  checkWholeNumber("the batch", batch, 0);
  if (typeof name !== "string" && name.length !== batch) {
    throw new SoftmachineError(`${name.length} programs are named for a batch of ${batch}`);
  }
  const entries = Array.from({ length: batch }, (_, row) =>
    entryOf(image, typeof name === "string" ? name : name[row]),
  );
  const count = entries.reduce((most, entry) => Math.max(most, entry.operands.length), 0);
  checkShape("operands", operands, [batch, count, width]);
  const stray = operands.findIndex((probability: number) => !Number.isFinite(probability));
  if (stray >= 0) {
    const { operands: names } = entries[Math.floor(stray / (count * width))];
    const at = Math.floor(stray / width) % count;
    if (at < names.length)
      throw new SoftmachineError(`the distribution of operand ${names[at]} holds ${operands[stray]}`);
  }
  const state: SoftState = {
    batch,
    registers: zeros("the registers", [batch, registers, width]),
    memory: zeros("the memory cells", [batch, memorySize, width]),
    counter: zeros("the counters", [batch, lines]),
  };
  entries.forEach((entry, row) => {
    const { cells = [] } = entry;
    const inRegisters = entry.operands.length - cells.length;
    const from = row * count * width;
    state.registers.set(operands.subarray(from, from + inRegisters * width), row * registers * width);
    for (let r = inRegisters; r < registers; r++) write(state.registers, (row * registers + r) * width, 0);
    for (let i = 0; i < memorySize; i++) write(state.memory, (row * memorySize + i) * width, image.initialMemory[i]);
    cells.forEach((cell, i) => {
      const start = (row * memorySize + cell) * width;
      const operand = from + (inRegisters + i) * width;
      state.memory.fill(0, start, start + width).set(operands.subarray(operand, operand + width), start);
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
export function checkState(program: EncodedProgram, { batch, registers, memory, counter }: SoftState): void {
  const sizes = sizesOf(program);
  checkFields("the program's", sizes, program);
  checkShape("the state's registers", registers, [batch, sizes.registers, sizes.n]);
  checkShape("the state's memory", memory, [batch, sizes.memorySize, sizes.n]);
  checkShape("the state's counter", counter, [batch, sizes.lines]);
}
