/** Values as bits that are independent of one another, and the conversions between that and distributions over values. */
import { checkWholeNumber } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { checkShape, zeros } from "./soft-arrays.js";
import type { Floats } from "./tabulated-call.js";

/**
 * How many bits encode the values 0..n-1.
 *
 * @throws SoftmachineError when n is not a power of two, from 2 to 2^32.
 */
export function bitsOf(n: number): number {
  const bits = Math.round(Math.log2(n));
  if (bits >= 1 && bits <= 32 && 2 ** bits === n) return bits;
  throw new SoftmachineError(`values of bits need n to be a power of two, from 2 to 2^32; got ${n}`);
}

/** Bit i of a whole number below 2^53. */
export const bitAt = (value: number, i: number): 0 | 1 => (Math.floor(value / 2 ** i) % 2 === 1 ? 1 : 0);

/**
 * The bits [values.length, bits] of whole numbers, each bit the lowest first, exactly 0 or 1.
 *
 * @throws SoftmachineError for a value that is not of 0..2^bits-1.
 */
export function certainBits(values: ArrayLike<number>, bits: number): Float64Array {
  const result = zeros("the values", [values.length, bits]);
  for (let row = 0; row < values.length; row++) {
    const value = values[row];
    if (!Number.isInteger(value) || value < 0 || value >= 2 ** bits) {
      throw new SoftmachineError(`${value} is not a whole number from 0 to ${2 ** bits - 1} (${bits} bits)`);
    }
    for (let i = 0; i < bits; i++) result[row * bits + i] = bitAt(value, i);
  }
  return result;
}

/** The whole number whose bits are each the more probable. */
export function likeliestValue(probabilities: Floats, start: number, bits: number): number {
  let value = 0;
  for (let i = 0; i < bits; i++) if (probabilities[start + i] > 0.5) value += 2 ** i;
  return value;
}

/**
 * The probability that each bit is 1, from distributions over values: a lookup of the values' binary codes ("Algorithmic
 * Language Models with Neurally Compiled Libraries", 2024, appendix C). What dependence the bits have is lost.
 *
 * @param distributions [rows, n].
 * @returns [rows, log2 n], the lowest bit first.
 * @throws SoftmachineError when n is not a power of two.
 */
export function unitToBinary(distributions: Floats, n: number, rows: number): Float64Array {
  const bits = bitsOf(n);
  checkShape("the distributions", distributions, [rows, n]);
  const result = new Float64Array(rows * bits);
  for (let row = 0; row < rows; row++) {
    for (let value = 0; value < n; value++) {
      const p = distributions[row * n + value];
      if (p !== 0) for (let i = 0; i < bits; i++) if (bitAt(value, i)) result[row * bits + i] += p;
    }
  }
  return result;
}

/** The gradient [rows, n] with respect to the distributions, from that with respect to `unitToBinary`'s bits. */
export function unitToBinaryGradient(cotangent: Floats, n: number, rows: number): Float64Array {
  const bits = bitsOf(n);
  checkShape("the cotangent of the bits", cotangent, [rows, bits]);
  const result = new Float64Array(rows * n);
  for (let row = 0; row < rows; row++) {
    for (let value = 0; value < n; value++) {
      for (let i = 0; i < bits; i++) if (bitAt(value, i)) result[row * n + value] += cotangent[row * bits + i];
    }
  }
  return result;
}

/**
 * Distributions over values from independent bits: each value's probability is the product of its bits' ("Algorithmic
 * Language Models with Neurally Compiled Libraries", 2024, appendix C).
 *
 * @param probabilities [rows, bits], the lowest bit first.
 * @returns [rows, 2^bits].
 */
export function binaryToUnit(probabilities: Floats, bits: number, rows: number): Float64Array {
  const n = checkConversion(probabilities, bits, rows);
  const result = zeros("the distributions", [rows, n]);
  for (let row = 0; row < rows; row++) {
    const p = result.subarray(row * n, (row + 1) * n);
    p[0] = 1;
    // Each bit doubles the values that the bits below it make.
    for (let i = 0, size = 1; i < bits; i++, size *= 2) spread(p, size, probabilities[row * bits + i]);
  }
  return result;
}

/** The gradient [rows, bits] with respect to the bits, from that with respect to `binaryToUnit`'s distributions. */
export function binaryToUnitGradient(
  probabilities: Floats,
  cotangent: Floats,
  bits: number,
  rows: number,
): Float64Array {
  const n = checkConversion(probabilities, bits, rows);
  checkShape("the cotangent of the distributions", cotangent, [rows, n]);
  const result = new Float64Array(rows * bits);
  // What the bits below each make: [1], [2], [4], … one after the other.
  const levels = new Float64Array(n);
  for (let row = 0; row < rows; row++) {
    levels[0] = 1;
    for (let i = 0, size = 1; i < bits - 1; i++, size *= 2) {
      const level = levels.subarray(2 * size - 1, 4 * size - 1);
      level.set(levels.subarray(size - 1, 2 * size - 1));
      spread(level, size, probabilities[row * bits + i]);
    }
    const g = Float64Array.from(cotangent.subarray(row * n, (row + 1) * n));
    for (let i = bits - 1, size = n / 2; i >= 0; i--, size /= 2) {
      const p = probabilities[row * bits + i];
      for (let v = 0; v < size; v++) {
        result[row * bits + i] += levels[size - 1 + v] * (g[v + size] - g[v]);
        g[v] = (1 - p) * g[v] + p * g[v + size];
      }
    }
  }
  return result;
}

/** From the distribution of the values below `size` to that of those below twice that, with a bit more. */
function spread(distribution: Float64Array, size: number, p: number): void {
  for (let v = 0; v < size; v++) {
    distribution[v + size] = p * distribution[v];
    distribution[v] *= 1 - p;
  }
}

/** @returns the number of values. */
function checkConversion(probabilities: Floats, bits: number, rows: number): number {
  checkWholeNumber("the bits of a value", bits, 1, 24);
  checkShape("the bits", probabilities, [rows, bits]);
  return 2 ** bits;
}

/** The probability that independent bits are those of one value. */
export function probabilityOf(value: number, probabilities: Floats, start: number, bits: number): number {
  let product = 1;
  for (let i = 0; i < bits; i++) product *= bitAt(value, i) ? probabilities[start + i] : 1 - probabilities[start + i];
  return product;
}
