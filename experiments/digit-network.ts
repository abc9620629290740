/**
 * The minimal network around an ALU ("Algorithmic Language Models with Neurally Compiled Libraries", 2024, section 4.1): it
 * reads numbers written in digits whose values it does not know, takes two of several as operands, and chooses an
 * operation, by the task that it is given. Nothing in it depends on how many digits numbers have.
 */
import { instructionCount, instructions } from "../assembler/index.js";
import {
  aluMnemonics,
  likeliestOfRows,
  type SoftAlu,
  softmaxGradient,
  softmaxRows,
  unitToBinary,
  unitToBinaryGradient,
} from "../machine/index.js";

/** How many digits there are, and what the network may choose from. */
export interface NetworkShape {
  /** The base, a power of two. */
  readonly base: number;
  readonly tasks: number;
  /** Numbers in a question. */
  readonly slots: number;
}

/** Logits, whose softmax along the last axis the network works with. */
export interface NetworkLogits {
  /** [base, base]: for each digit's sign, over its values. */
  readonly digits: Float64Array;
  /** [tasks, slots]: which number is the first operand, by task; and the second. */
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** [tasks, operations of the ALU] */
  readonly operations: Float64Array;
}

export const partNames = ["digits", "first", "second", "operations"] as const;

/** Questions: for each a task, and the signs of its numbers' digits, the lowest first. */
export interface Questions {
  readonly count: number;
  /** Digits of a number. */
  readonly length: number;
  /** [count] */
  readonly tasks: Uint8Array;
  /** [count, slots, length] */
  readonly signs: Uint8Array;
}

/** How many choices each part of the network has. */
function choicesOf(part: keyof NetworkLogits, { base, slots }: NetworkShape): number {
  return part === "digits" ? base : part === "operations" ? aluMnemonics.length : slots;
}

/** Logits [rows, choices] of a part that are all 0, or drawn. */
export function newLogits(shape: NetworkShape, draw: () => number = () => 0): NetworkLogits {
  const part = (name: keyof NetworkLogits): Float64Array => {
    const rows = name === "digits" ? shape.base : shape.tasks;
    return Float64Array.from({ length: rows * choicesOf(name, shape) }, draw);
  };
  return { digits: part("digits"), first: part("first"), second: part("second"), operations: part("operations") };
}

/** The network's distributions: the softmax of its logits; or `certain` ones, each of the likeliest choice alone. */
export function distributionsOf(logits: NetworkLogits, shape: NetworkShape, certain: boolean): NetworkLogits {
  const part = (name: keyof NetworkLogits): Float64Array => {
    const width = choicesOf(name, shape);
    const result = new Float64Array(logits[name].length);
    if (!certain) softmaxRows(logits[name], result, width);
    else
      likeliestOfRows(logits[name], width).forEach((choice, row) => {
        result[row * width + choice] = 1;
      });
    return result;
  };
  return { digits: part("digits"), first: part("first"), second: part("second"), operations: part("operations") };
}

/** What the ALU is given for a batch of questions, with what the way back needs. */
export interface Operands {
  /** [count, slots, width]: every number, in the ALU's encoding. */
  readonly numbers: Float64Array;
  /** [count, width] */
  readonly first: Float64Array;
  readonly second: Float64Array;
  /** [count, |A|] */
  readonly weights: Float64Array;
}

const lowBits = (base: number): number => Math.log2(base);

/** From a network's distributions to what the ALU is given. */
export function operandsOf(p: NetworkLogits, shape: NetworkShape, questions: Questions, alu: SoftAlu): Operands {
  const { base, slots } = shape;
  const { count, length, tasks, signs } = questions;
  const { width } = alu;
  const numbers = new Float64Array(count * slots * width);
  const bits = unitToBinary(p.digits, base, base);
  const each = lowBits(base);
  for (let number = 0; number < count * slots; number++) {
    const written = signs.subarray(number * length, (number + 1) * length);
    if (alu.encoding === "unit") numbers.set(valuesOf(p.digits, base, written), number * width);
    else
      written.forEach((sign, place) => {
        for (let i = 0; i < each; i++) numbers[number * width + place * each + i] = bits[sign * each + i];
      });
  }
  const [first, second] = [new Float64Array(count * width), new Float64Array(count * width)];
  const weights = new Float64Array(count * instructionCount);
  for (let row = 0; row < count; row++) {
    const task = tasks[row];
    for (let slot = 0; slot < slots; slot++) {
      const at = (row * slots + slot) * width;
      for (let i = 0; i < width; i++) {
        first[row * width + i] += p.first[task * slots + slot] * numbers[at + i];
        second[row * width + i] += p.second[task * slots + slot] * numbers[at + i];
      }
    }
    aluMnemonics.forEach((op, i) => {
      weights[row * instructionCount + instructions[op].number] = p.operations[task * aluMnemonics.length + i];
    });
  }
  return { numbers, first, second, weights };
}

/** The distribution over values of a number whose digits are independent. */
function valuesOf(digits: Float64Array, base: number, written: Uint8Array): Float64Array {
  let values = Float64Array.of(1);
  for (const sign of written) {
    const longer = new Float64Array(values.length * base);
    for (let digit = 0; digit < base; digit++) {
      const share = digits[sign * base + digit];
      for (let i = 0; i < values.length; i++) longer[digit * values.length + i] = share * values[i];
    }
    values = longer;
  }
  return values;
}

/**
 * The gradient with respect to a network's distributions, from that with respect to what the ALU was given: the transpose
 * of `operandsOf`.
 *
 * @param g its `numbers` are not read.
 */
export function operandsGradient(
  p: NetworkLogits,
  shape: NetworkShape,
  questions: Questions,
  alu: SoftAlu,
  { numbers }: Operands,
  g: Omit<Operands, "numbers">,
): NetworkLogits {
  const { base, slots } = shape;
  const { count, length, tasks, signs } = questions;
  const { width } = alu;
  const gradient = newLogits(shape);
  const each = lowBits(base);
  const ofBits = new Float64Array(base * each);
  for (let row = 0; row < count; row++) {
    const task = tasks[row];
    aluMnemonics.forEach((op, i) => {
      gradient.operations[task * aluMnemonics.length + i] +=
        g.weights[row * instructionCount + instructions[op].number];
    });
    for (let slot = 0; slot < slots; slot++) {
      const number = row * slots + slot;
      const choice = task * slots + slot;
      const ofNumber = new Float64Array(width);
      for (let i = 0; i < width; i++) {
        const [one, two] = [g.first[row * width + i], g.second[row * width + i]];
        gradient.first[choice] += one * numbers[number * width + i];
        gradient.second[choice] += two * numbers[number * width + i];
        ofNumber[i] = p.first[choice] * one + p.second[choice] * two;
      }
      const written = signs.subarray(number * length, (number + 1) * length);
      if (alu.encoding === "unit") valuesGradient(p.digits, base, written, ofNumber, gradient.digits);
      else
        written.forEach((sign, place) => {
          for (let i = 0; i < each; i++) ofBits[sign * each + i] += ofNumber[place * each + i];
        });
    }
  }
  if (alu.encoding === "binary")
    unitToBinaryGradient(ofBits, base, base).forEach((slope, i) => {
      gradient.digits[i] += slope;
    });
  return gradient;
}

/** Adds the gradient of `valuesOf` with respect to the digits' distributions. */
function valuesGradient(
  digits: Float64Array,
  base: number,
  written: Uint8Array,
  cotangent: Float64Array,
  gradient: Float64Array,
): void {
  const below = [...written.keys()].map((place) => valuesOf(digits, base, written.subarray(0, place)));
  let g = cotangent;
  for (let place = written.length - 1; place >= 0; place--) {
    const [sign, values] = [written[place], below[place]];
    const ofLower = new Float64Array(values.length);
    for (let digit = 0; digit < base; digit++) {
      const share = digits[sign * base + digit];
      let slope = 0;
      for (let i = 0; i < values.length; i++) {
        slope += g[digit * values.length + i] * values[i];
        ofLower[i] += g[digit * values.length + i] * share;
      }
      gradient[sign * base + digit] += slope;
    }
    g = ofLower;
  }
}

/** From the gradient with respect to distributions to that with respect to their logits, in place. */
export function throughSoftmax(p: NetworkLogits, gradient: NetworkLogits, shape: NetworkShape): void {
  for (const part of partNames) softmaxGradient(p[part], gradient[part], gradient[part], choicesOf(part, shape));
}
