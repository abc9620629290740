/**
 * Numbers read by digits: from a table of how each digit is read, [10, 10], to the distribution of a number's value modulo
 * n. A step of Horner's rule, 10 v + d, is what the library's compiled program answers; the digits are independent, so that
 * the value's distribution is exact: P(v') = Σ_{10 v + d = v'} P(v) P(d).
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import { SoftmachineError } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";
import { valueOfDigits } from "./compiled-numerals.js";

type Tensor = TensorFlow.Tensor;

/**
 * How numbers are read.
 *
 * - `tokens`: a number is its own token, with a row of its own in the numeral table.
 * - `placeholders`: to the transformer all numbers of a question are the same token, so that a parse can't hang on their
 *   values; each has a row of its own in the numeral table.
 * - `digits`: the same token too, and the value is read by digits.
 */
export const NUMBERS = ["tokens", "placeholders", "digits"] as const;

export type Numbers = (typeof NUMBERS)[number];

/** How many digits there are. */
export const DIGITS = 10;

const steps = new Map<number, Uint16Array>();

/** (10 v + d) modulo n for v in 0..n-1, row-major, as the compiled program has it. */
function stepTable(n: number): Uint16Array {
  let table = steps.get(n);
  if (table === undefined) {
    table = Uint16Array.from({ length: n * DIGITS }, (_, i) => {
      const text = `${Math.floor(i / DIGITS)}${i % DIGITS}`;
      const value = valueOfDigits(text);
      if (value === undefined) throw new SoftmachineError(`${text} has more digits than can be read`);
      return value % n;
    });
    steps.set(n, table);
  }
  return table;
}

/** The digits of a number's text without zeros in front. */
const digitsOf = (text: string): number[] => Array.from(text.replace(/^0+(?=.)/, ""), Number);

/**
 * The distributions of a number's first digit, its first two, and so on, each over 0..n-1.
 *
 * @param table how each digit is read: [10, 10]
 */
export function prefixDistributions(table: ArrayLike<number>, text: string, n: number): Float64Array[] {
  const step = stepTable(n);
  let value = new Float64Array(n);
  value[0] = 1;
  return digitsOf(text).map((digit) => {
    const next = new Float64Array(n);
    for (let v = 0; v < n; v++) {
      if (value[v] === 0) continue;
      for (let d = 0; d < DIGITS; d++) next[step[v * DIGITS + d]] += value[v] * table[digit * DIGITS + d];
    }
    value = next;
    return next;
  });
}

/** Adds to the table's gradient, [10, 10], what a cotangent of the whole number's distribution makes of it. */
export function addDigitGradient(
  table: ArrayLike<number>,
  text: string,
  n: number,
  prefixes: readonly Float64Array[],
  cotangent: ArrayLike<number>,
  gradient: Float32Array | Float64Array,
): void {
  const step = stepTable(n);
  const digits = digitsOf(text);
  const start = new Float64Array(n);
  start[0] = 1;
  let after = Float64Array.from(cotangent);
  for (let i = digits.length - 1; i >= 0; i--) {
    const value = i === 0 ? start : prefixes[i - 1];
    const before = new Float64Array(n);
    for (let v = 0; v < n; v++) {
      // Below the first digit's step only those prefixes that there are have an effect on anything.
      if (value[v] === 0) continue;
      for (let d = 0; d < DIGITS; d++) {
        const g = after[step[v * DIGITS + d]];
        gradient[digits[i] * DIGITS + d] += value[v] * g;
        before[v] += table[digits[i] * DIGITS + d] * g;
      }
    }
    after = before;
  }
}

/**
 * The distributions of numbers' values, [numbers, n], as an operation with a gradient.
 *
 * @param table how each digit is read: [10, 10]
 */
export function readDigits(tf: TensorFlowModule, table: Tensor, numbers: readonly string[], n: number): Tensor {
  // A batch without numbers reads a row all the same, which nothing points at.
  const read = numbers.length > 0 ? numbers : ["0"];
  const op = tf.customGrad((tableTensor) => {
    const digits = (tableTensor as Tensor).dataSync<"float32">();
    const prefixes = read.map((text) => prefixDistributions(digits, text, n));
    const values = new Float32Array(read.length * n);
    prefixes.forEach((states, i) => {
      values.set(states[states.length - 1], i * n);
    });
    return {
      value: tf.tensor(values, [read.length, n]),
      gradFunc: (dy: Tensor | Tensor[]) => {
        const cotangent = (Array.isArray(dy) ? dy[0] : dy).dataSync<"float32">();
        const gradient = new Float32Array(DIGITS * DIGITS);
        read.forEach((text, i) => {
          addDigitGradient(digits, text, n, prefixes[i], cotangent.subarray(i * n, (i + 1) * n), gradient);
        });
        return tf.tensor(gradient, [DIGITS, DIGITS]);
      },
    };
  });
  return op(table);
}
