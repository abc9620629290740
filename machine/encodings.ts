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
  const remainders = conversion(probabilities, bits, rows);
  const { modulus: n } = remainders;
  const result = zeros("the distributions", [rows, n]);
  for (let row = 0; row < rows; row++) result.set(remainders.forward(probabilities, row * bits), row * n);
  return result;
}

/** The gradient [rows, bits] with respect to the bits, from that with respect to `binaryToUnit`'s distributions. */
export function binaryToUnitGradient(
  probabilities: Floats,
  cotangent: Floats,
  bits: number,
  rows: number,
): Float64Array {
  const remainders = conversion(probabilities, bits, rows);
  const { modulus: n } = remainders;
  checkShape("the cotangent of the distributions", cotangent, [rows, n]);
  const result = new Float64Array(rows * bits);
  for (let row = 0; row < rows; row++) {
    remainders.forward(probabilities, row * bits);
    remainders.backward(cotangent.subarray(row * n, (row + 1) * n), result, row * bits);
  }
  return result;
}

function conversion(probabilities: Floats, bits: number, rows: number): Remainders {
  checkWholeNumber("the bits of a value", bits, 1, 24);
  checkShape("the bits", probabilities, [rows, bits]);
  return new Remainders(bits, 2 ** bits);
}

/**
 * The distribution over 0..modulus-1 of a value of independent bits, modulo that, a bit at a time: no sum over its 2^bits
 * values. With a modulus of 2^bits it is the distribution over the values.
 */
export class Remainders {
  /** [bits + 1, modulus]: what the bits below each make; in a level, remainders from its size on are 0. */
  readonly #levels: Float64Array[];
  readonly #sizes: number[];
  /** The powers of two, modulo the modulus. */
  readonly #shifts: number[];
  #probabilities: Floats = new Float64Array(0);
  #start = 0;

  constructor(
    readonly bits: number,
    readonly modulus: number,
  ) {
    this.#sizes = Array.from({ length: bits + 1 }, (_, i) => Math.min(modulus, 2 ** i));
    this.#levels = this.#sizes.map(() => new Float64Array(0));
    this.#levels.forEach((_, i) => {
      // A bit of which the modulus is a divisor changes nothing.
      this.#levels[i] = this.#isIdle(i - 1) ? this.#levels[i - 1] : zeros("the remainders", [modulus]);
    });
    this.#shifts = Array.from({ length: bits }, (_, i) => 2 ** i % modulus);
  }

  /** @returns [modulus], good until the next call. */
  forward(probabilities: Floats, start: number): Float64Array {
    this.#probabilities = probabilities;
    this.#start = start;
    const { bits, modulus } = this;
    this.#levels[0][0] = 1;
    for (let i = 0; i < bits; i++) {
      if (this.#isIdle(i)) continue;
      const [from, to, shift] = [this.#levels[i], this.#levels[i + 1], this.#shifts[i]];
      const p = probabilities[start + i];
      const size = this.#sizes[i];
      to.fill(0, 0, this.#sizes[i + 1]);
      for (let r = 0; r < size; r++) {
        to[r] += (1 - p) * from[r];
        to[r + shift < modulus ? r + shift : r + shift - modulus] += p * from[r];
      }
    }
    return this.#levels[bits];
  }

  /** Adds the gradient with respect to the bits of the last `forward`, from that with respect to its result. */
  backward(cotangent: Floats, gradient: Float64Array, at: number): void {
    const { bits, modulus } = this;
    const g = Float64Array.from(cotangent);
    const back = new Float64Array(modulus);
    for (let i = bits - 1; i >= 0; i--) {
      if (this.#isIdle(i)) continue;
      const [from, shift] = [this.#levels[i], this.#shifts[i]];
      const p = this.#probabilities[this.#start + i];
      const size = this.#sizes[i];
      let slope = 0;
      for (let r = 0; r < size; r++) {
        const moved = g[r + shift < modulus ? r + shift : r + shift - modulus];
        slope += from[r] * (moved - g[r]);
        back[r] = (1 - p) * g[r] + p * moved;
      }
      gradient[at + i] += slope;
      g.set(back.subarray(0, size));
    }
  }

  #isIdle(bit: number): boolean {
    return bit >= 0 && 2 ** bit % this.modulus === 0;
  }
}

/** The probability that independent bits are those of one value. */
export function probabilityOf(value: number, probabilities: Floats, start: number, bits: number): number {
  let product = 1;
  for (let i = 0; i < bits; i++) product *= bitAt(value, i) ? probabilities[start + i] : 1 - probabilities[start + i];
  return product;
}

/** Adds the gradient of `probabilityOf` with respect to the bits, times a factor. */
export function addProbabilityGradient(
  value: number,
  probabilities: Floats,
  start: number,
  bits: number,
  factor: number,
  gradient: Float64Array,
  at: number,
): void {
  if (factor === 0) return;
  // The product of all the other bits: of those below, gathered on the way, and of those above.
  const above = new Float64Array(bits + 1).fill(1);
  const share = (i: number): number => (bitAt(value, i) ? probabilities[start + i] : 1 - probabilities[start + i]);
  for (let i = bits - 1; i >= 0; i--) above[i] = above[i + 1] * share(i);
  let below = factor;
  for (let i = 0; i < bits; i++) {
    gradient[at + i] += (bitAt(value, i) ? 1 : -1) * below * above[i + 1];
    below *= share(i);
  }
}
