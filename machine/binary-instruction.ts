/** What a step of the machine on bits works with: the instruction fetched, its operands, and what these name. */
import { fieldsOf, type Mnemonic, mnemonics } from "../assembler/index.js";
import { type BinaryProgram, binaryFieldWidth } from "./binary-program.js";
import { addProbabilityGradient, probabilityOf, Remainders } from "./encodings.js";
import { fieldNames, type SoftFields, type SoftMask } from "./soft-program.js";
import { softmaxRows } from "./softmax.js";

/** The instructions that write a register. */
export const writers: readonly Mnemonic[] = mnemonics.filter((op) => fieldsOf(op).includes("out"));

/** The parts of an instruction, for each row of a batch. */
export type Instruction = { readonly [Field in keyof SoftFields]: Float64Array };

export function newInstruction(program: BinaryProgram, batch: number): Instruction {
  const field = (name: keyof SoftFields) => new Float64Array(batch * binaryFieldWidth(name, program));
  return { op: field("op"), a: field("a"), b: field("b"), out: field("out"), k: field("k") };
}

/**
 * A row's instruction: the mixture of the lines' fields, weighted by the counter; in "logits" mixing, the softmax of the
 * mixture of their logits, and of a bit's its logistic function.
 */
export function fetchRow(program: BinaryProgram, counter: Float64Array, row: number, to: Instruction): void {
  const { lines } = program;
  for (const field of fieldNames) {
    const width = binaryFieldWidth(field, program);
    const from = program[field];
    const part = to[field].subarray(row * width, (row + 1) * width);
    part.fill(0);
    for (let line = 0; line < lines; line++) {
      const c = counter[row * lines + line];
      if (c !== 0) for (let i = 0; i < width; i++) part[i] += c * from[line * width + i];
    }
    if (program.mixing !== "logits") continue;
    if (field !== "k") softmaxRows(part, part, width);
    else
      part.forEach((logit, i) => {
        part[i] = 1 / (1 + Math.exp(-logit));
      });
  }
}

/**
 * The transpose of `fetchRow`: from the cotangent of a row's instruction, which is used up, to that of its counter, which
 * is added to, and to that of the program's fields where a mask has them.
 */
export function fetchRowBackward(
  program: BinaryProgram,
  counter: Float64Array,
  row: number,
  instruction: Instruction,
  cotangent: Instruction,
  toCounter: Float64Array,
  toProgram: { readonly fields: SoftFields; readonly mask: SoftMask | undefined } | undefined,
): void {
  const { lines } = program;
  for (const field of fieldNames) {
    const width = binaryFieldWidth(field, program);
    const from = program[field];
    const g = cotangent[field].subarray(row * width, (row + 1) * width);
    if (program.mixing === "logits") toLogits(field, instruction[field].subarray(row * width, (row + 1) * width), g);
    const mask = toProgram?.mask?.[field];
    for (let line = 0; line < lines; line++) {
      const start = line * width;
      let sum = 0;
      for (let i = 0; i < width; i++) sum += from[start + i] * g[i];
      toCounter[row * lines + line] += sum;
      const c = counter[row * lines + line];
      if (toProgram === undefined || c === 0 || (toProgram.mask !== undefined && !mask?.[line])) continue;
      const to = toProgram.fields[field];
      for (let i = 0; i < width; i++) to[start + i] += c * g[i];
    }
  }
}

/** From the cotangent of what a field's logits make to theirs, in place. */
function toLogits(field: keyof SoftFields, p: Float64Array, g: Float64Array): void {
  let mean = 0;
  if (field !== "k") for (let i = 0; i < p.length; i++) mean += p[i] * g[i];
  for (let i = 0; i < p.length; i++) g[i] = field === "k" ? p[i] * (1 - p[i]) * g[i] : p[i] * (g[i] - mean);
}

/**
 * What a value of bits names among `count` things, as a distribution over them: the thing `value mod count`, save for
 * values that have another. It is exact, and costs no sum over all values.
 */
export class Names {
  readonly #remainders: Remainders;
  readonly #others: readonly { readonly value: number; readonly usual: number; readonly place: number }[];
  #bits: Float64Array = new Float64Array(0);
  #start = 0;

  constructor(
    readonly bits: number,
    readonly count: number,
    others: ReadonlyMap<number, number> = new Map(),
  ) {
    this.#remainders = new Remainders(bits, count);
    this.#others = [...others].map(([value, place]) => ({ value, usual: value % count, place }));
  }

  /** Adds the distribution, times a weight, to what is at `to`. */
  add(bits: Float64Array, start: number, weight: number, to: Float64Array, at: number): void {
    this.#bits = bits;
    this.#start = start;
    const usual = this.#remainders.forward(bits, start);
    for (let i = 0; i < this.count; i++) to[at + i] += weight * usual[i];
    for (const { value, usual: remainder, place } of this.#others) {
      const p = weight * probabilityOf(value, bits, start, this.bits);
      to[at + remainder] -= p;
      to[at + place] += p;
    }
  }

  /** Adds the gradient with respect to the bits of the last `add`, of a loss with this cotangent of the distribution. */
  backward(cotangent: Float64Array, gradient: Float64Array, at: number): void {
    this.#remainders.backward(cotangent, gradient, at);
    for (const { value, usual, place } of this.#others) {
      const factor = cotangent[place] - cotangent[usual];
      addProbabilityGradient(value, this.#bits, this.#start, this.bits, factor, gradient, at);
    }
  }
}
