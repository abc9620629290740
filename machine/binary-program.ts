/** Soft programs and states whose values are bits that are independent of one another. */
import { type Image, type OperationTable, operationCount } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { bitAt, bitsOf } from "./encodings.js";
import { checkShape, zeros } from "./soft-arrays.js";
import { fieldNames, type SoftFields } from "./soft-program.js";
import { beginning } from "./soft-state.js";
import { checkTables } from "./soft-tables.js";
import type { Floats } from "./tabulated-call.js";

/**
 * A probabilistic program on values of bits. Its fields are those of a soft program, save that `k` is [lines, bits]: the
 * probability, or in "logits" mixing the logit, that each bit of the immediate is 1, the lowest first.
 */
export interface BinaryProgram extends SoftFields {
  readonly bits: number;
  readonly registers: number;
  readonly memorySize: number;
  readonly lines: number;
  /** As in `SoftProgram`. */
  readonly tables?: readonly OperationTable[];
  /** Value to line, for jumps; a value that is absent names the line `value mod lines`. */
  readonly labels: ReadonlyMap<number, number>;
  /** As in `SoftProgram`. */
  readonly mixing?: "distributions" | "logits";
}

/** A batch of states on values of bits: the probability that each bit is 1, the lowest first. */
export interface BinaryState {
  readonly batch: number;
  /** [batch, registers, bits] */
  readonly registers: Float64Array;
  /** [batch, memorySize, bits] */
  readonly memory: Float64Array;
  /** [batch, lines]: a distribution over lines, as in the unit encoding. */
  readonly counter: Float64Array;
}

type Sizes = Pick<BinaryProgram, "bits" | "registers" | "lines" | "tables">;

/** How many numbers a field of a line has. */
export function binaryFieldWidth(field: keyof SoftFields, sizes: Sizes): number {
  return field === "op" ? operationCount(sizes) : field === "k" ? sizes.bits : sizes.registers;
}

/** Fields of the right sizes, filled with zeros. */
export function zeroBinaryFields(sizes: Sizes): SoftFields {
  const field = (name: keyof SoftFields) =>
    zeros(`the program's "${name}"`, [sizes.lines, binaryFieldWidth(name, sizes)]);
  return { op: field("op"), a: field("a"), b: field("b"), out: field("out"), k: field("k") };
}

/**
 * The program on bits that is certain of an image's instructions.
 *
 * @throws SoftmachineError when the image's n is not a power of two.
 */
export function flashBinary(image: Image): BinaryProgram {
  const { n, registers, memorySize, lines, instructions, tables } = image;
  const bits = bitsOf(n);
  const sizes = { bits, registers, lines, ...(tables === undefined ? {} : { tables }) };
  const fields = zeroBinaryFields(sizes);
  for (let line = 0; line < lines; line++) {
    for (const field of ["op", "a", "b", "out"] as const)
      fields[field][line * binaryFieldWidth(field, sizes) + instructions[field][line]] = 1;
    for (let i = 0; i < bits; i++) fields.k[line * bits + i] = bitAt(instructions.k[line], i);
  }
  const named = [...image.labels.entries()].filter(([value, line]) => line !== value % lines);
  return { ...sizes, memorySize, labels: new Map(named), ...fields };
}

/**
 * The states in which a program begins, as `initialState` has them, in bits.
 *
 * @param operands [batch, operands, bits].
 * @throws SoftmachineError as `initialState`; and when the image's n is not a power of two.
 */
export function initialBinaryState(
  image: Image,
  name: string | readonly string[],
  operands: Floats,
  batch: number,
): BinaryState {
  const width = bitsOf(image.n);
  const write = (array: Float64Array, at: number, value: number): void => {
    for (let i = 0; i < width; i++) array[at + i] = bitAt(value, i);
  };
  return beginning(image, name, operands, batch, { width, write });
}

/** Checks that a program's fields, and a state, have the program's shape. */
export function checkBinaryRun(program: BinaryProgram, state: BinaryState): void {
  const { bits, registers, memorySize, lines, labels, tables = [] } = program;
  checkTables({ n: 2 ** bits, tables });
  for (const field of fieldNames)
    checkShape(`the program's "${field}"`, program[field], [lines, binaryFieldWidth(field, program)]);
  for (const [value, line] of labels) {
    if (!(line >= 0 && line < lines)) {
      throw new SoftmachineError(`label ${value} names line ${line} of ${lines} lines`);
    }
  }
  checkShape("the state's registers", state.registers, [state.batch, registers, bits]);
  checkShape("the state's memory", state.memory, [state.batch, memorySize, bits]);
  checkShape("the state's counter", state.counter, [state.batch, lines]);
}
