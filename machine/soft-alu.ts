import { type AluMnemonic, alu, mnemonics } from "../assembler/index.js";
import type { Floats } from "./tabulated-call.js";

/** The ALU's operations, by number. */
export const aluMnemonics: readonly AluMnemonic[] = mnemonics.filter((op): op is AluMnemonic => Object.hasOwn(alu, op));

/** The gradient of a loss with respect to what an ALU was given. */
export interface SoftAluGradient {
  /** [rows, |A|] */
  readonly weights: Float64Array;
  /** [rows, width] */
  readonly a: Float64Array;
  /** [rows, width] */
  readonly b: Float64Array;
}

/**
 * An ALU on uncertain operands, whichever way they are encoded: it gives the mixture of what its operations make of them,
 * o = sum over f of w(f) f(a, b). Instructions of other units than the ALU make nothing.
 */
export interface SoftAlu {
  /** "unit": a distribution over the n values; "binary": the probability that each bit is 1, the lowest first. */
  readonly encoding: "unit" | "binary";
  /** How many numbers encode a value: n, or its bits. */
  readonly width: number;
  /**
   * @param weights [rows, |A|], by the instructions' numbers.
   * @param a [rows, width]; `b` too.
   * @returns [rows, width].
   */
  forward(weights: Floats, a: Floats, b: Floats, rows: number): Float64Array;
  /**
   * The transpose of `forward`.
   *
   * @param cotangent [rows, width]: the gradient of the loss with respect to the result.
   */
  backward(weights: Floats, a: Floats, b: Floats, cotangent: Floats, rows: number): SoftAluGradient;
}
