/** Soft programs and states whose values are bits that are independent of one another. */
import type { Image, OperationTable } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { sizesOf } from "./encoded-program.js";
import { bitAt, bitsOf } from "./encodings.js";
import { checkFields, fieldWidth, type SoftFields, zeroFields } from "./soft-program.js";
import { beginning, type SoftState } from "./soft-state.js";
import { softmaxRows } from "./softmax.js";
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
  /** [labels, lines]: for each value in the list of labels a distribution over the lines that it may name, in place of one. */
  readonly labelTable?: Float64Array;
  /** As in `SoftProgram`. */
  readonly mixing?: "distributions" | "logits";
}

/**
 * The program on bits that is certain of an image's instructions.
 *
 * @throws SoftmachineError when the image's n is not a power of two.
 */
export function flashBinary(image: Image): BinaryProgram {
  const { n, registers, memorySize, lines, instructions, tables } = image;
  const bits = bitsOf(n);
  const sizes = { registers, lines, ...(tables === undefined ? {} : { tables }) };
  const widths = { ...sizes, n: bits };
  const fields = zeroFields(widths);
  for (let line = 0; line < lines; line++) {
    for (const field of ["op", "a", "b", "out"] as const)
      fields[field][line * fieldWidth(field, widths) + instructions[field][line]] = 1;
    for (let i = 0; i < bits; i++) fields.k[line * bits + i] = bitAt(instructions.k[line], i);
  }
  const named = [...image.labels.entries()].filter(([value, line]) => line !== value % lines);
  return { ...sizes, bits, memorySize, labels: new Map(named), ...fields };
}

/**
 * Logits that favour an image's instructions, as `flashLogits`: `sharpness` at the right choice and 0 elsewhere; of an
 * immediate's bit, `sharpness` or its negative.
 *
 * @throws SoftmachineError as `flashBinary`; and when the sharpness is not a number.
 */
export function flashBinaryLogits(image: Image, sharpness: number): SoftFields {
  if (!Number.isFinite(sharpness)) throw new SoftmachineError(`the sharpness must be a number; got ${sharpness}`);
  const { op, a, b, out, k } = flashBinary(image);
  const scaled = (field: Float64Array) => field.map((p) => p * sharpness);
  return { op: scaled(op), a: scaled(a), b: scaled(b), out: scaled(out), k: k.map((p) => (2 * p - 1) * sharpness) };
}

/**
 * The program on bits whose distributions are the softmax, and whose bits the logistic function, of logits of the image's
 * shape.
 *
 * @throws SoftmachineError when they are of another shape.
 */
export function binaryProgramFromLogits(image: Image, logits: SoftFields): BinaryProgram {
  const program = flashBinary(image);
  const sizes = sizesOf(program);
  checkFields("the logits", sizes, logits);
  for (const field of ["op", "a", "b", "out"] as const)
    softmaxRows(logits[field], program[field], fieldWidth(field, sizes));
  logits.k.forEach((logit, i) => {
    program.k[i] = 1 / (1 + Math.exp(-logit));
  });
  return program;
}

/**
 * The states in which a program begins, as `initialState` has them, in bits: registers [batch, registers, bits], memory
 * [batch, memorySize, bits].
 *
 * @param operands [batch, operands, bits].
 * @throws SoftmachineError as `initialState`; and when the image's n is not a power of two.
 */
export function initialBinaryState(
  image: Image,
  name: string | readonly string[],
  operands: Floats,
  batch: number,
): SoftState {
  const width = bitsOf(image.n);
  const write = (array: Float64Array, at: number, value: number): void => {
    for (let i = 0; i < width; i++) array[at + i] = bitAt(value, i);
  };
  return beginning(image, name, operands, batch, { width, write });
}
