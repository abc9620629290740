import { instructionCount, type OperationTable } from "../assembler/index.js";
import { binaryToUnit, binaryToUnitGradient, unitToBinary, unitToBinaryGradient } from "./encodings.js";

/**
 * A program's own operations on values of bits, by their tables: bits become distributions over values and back
 * ("Algorithmic Language Models with Neurally Compiled Libraries", 2024, appendix C), so that each bit of a result has its
 * exact probability where the operands' bits are independent. A result costs n^2 where the circuits' cost bits^2.
 */
export class BinaryOperationTables {
  readonly #n: number;

  constructor(
    readonly tables: readonly OperationTable[],
    readonly bits: number,
  ) {
    this.#n = 2 ** bits;
  }

  /** The weights [batch, |A|] of the instruction set alone. */
  ofInstructionSet(weights: Float64Array): Float64Array {
    if (this.tables.length === 0) return weights;
    const width = instructionCount + this.tables.length;
    const batch = weights.length / width;
    const result = new Float64Array(batch * instructionCount);
    for (let row = 0; row < batch; row++)
      result.set(weights.subarray(row * width, row * width + instructionCount), row * instructionCount);
    return result;
  }

  /** The sum of the operations' weights in a row whose own weights begin at `at`. */
  weight(weights: Float64Array, at: number): number {
    let sum = 0;
    for (let t = 0; t < this.tables.length; t++) sum += weights[at + t];
    return sum;
  }

  /** Adds the mixture of a row's results: weights from `at` on, bits of operands and result from `start` on. */
  forward(weights: Float64Array, at: number, u: Float64Array, v: Float64Array, start: number, o: Float64Array): void {
    const isUsed = (t: number) => weights[at + t] !== 0;
    if (!this.tables.some((_, t) => isUsed(t))) return;
    const mixed = new Float64Array(this.#n);
    const [p, q] = this.#operands(u, v, start, isUsed);
    this.tables.forEach(({ operands, values }, t) => {
      const w = weights[at + t];
      if (w === 0) return;
      p.forEach((weight, a) => {
        if (weight === 0) return;
        if (operands === 1) mixed[values[a]] += w * weight;
        else for (let b = 0; b < q.length; b++) mixed[values[a * q.length + b]] += w * weight * q[b];
      });
    });
    unitToBinary(mixed, this.#n, 1).forEach((bit, i) => {
      o[start + i] += bit;
    });
  }

  /**
   * The transpose, for operations of weight and those wanted: from the cotangents of a row's result to those of the weights
   * and of the operands, which are added to.
   */
  backward(
    weights: Float64Array,
    at: number,
    wanted: (t: number) => boolean,
    u: Float64Array,
    v: Float64Array,
    start: number,
    gO: Float64Array,
    gWeights: Float64Array,
    gU: Float64Array,
    gV: Float64Array,
  ): void {
    const isUsed = (t: number) => weights[at + t] !== 0 || wanted(t);
    if (!this.tables.some((_, t) => isUsed(t))) return;
    const n = this.#n;
    const [p, q] = this.#operands(u, v, start, isUsed);
    const g = unitToBinaryGradient(gO.subarray(start, start + this.bits), n, 1);
    const [gP, gQ] = [new Float64Array(n), new Float64Array(n)];
    this.tables.forEach(({ operands, values }, t) => {
      if (!isUsed(t)) return;
      const w = weights[at + t];
      for (let a = 0; a < n; a++) {
        let expected = operands === 1 ? g[values[a]] : 0;
        for (let b = 0; operands === 2 && b < n; b++) {
          const slope = g[values[a * n + b]];
          expected += q[b] * slope;
          gQ[b] += w * p[a] * slope;
        }
        gP[a] += w * expected;
        gWeights[at + t] += p[a] * expected;
      }
    });
    for (const [bits, cotangent, to] of [
      [u, gP, gU],
      [v, gQ, gV],
    ]) {
      const slopes = binaryToUnitGradient(bits.subarray(start, start + this.bits), cotangent, this.bits, 1);
      slopes.forEach((slope, i) => {
        to[start + i] += slope;
      });
    }
  }

  /** The operands' distributions, [n] each; nothing where no operation is used. */
  #operands(u: Float64Array, v: Float64Array, start: number, isUsed: (t: number) => boolean): Float64Array[] {
    const used = this.tables.filter((_, t) => isUsed(t));
    const unit = (bits: Float64Array, needed: boolean) =>
      needed ? binaryToUnit(bits.subarray(start, start + this.bits), this.bits, 1) : new Float64Array(0);
    return [
      unit(u, used.length > 0),
      unit(
        v,
        used.some(({ operands }) => operands === 2),
      ),
    ];
  }
}
