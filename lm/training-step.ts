/** One step of training: how it is taken, and what it comes to. */
import { SoftmachineError } from "../scheme/index.js";
import type { Batch } from "./batch.js";

/** Gradients of the loss: by name of parameter, and row by row for the batch's tokens and number tokens. */
export interface Gradients {
  readonly loss: number;
  readonly batch: Batch;
  readonly dense: ReadonlyMap<string, Float32Array>;
  readonly embedding: Float32Array;
  readonly numerals: Float32Array;
}

/** What a step came to. */
export interface StepReport {
  readonly loss: number;
  /** The gradient's global norm, before it is clipped. */
  readonly gradientNorm: number;
}

/** A loss or a gradient that is no number any more. The parameters are those of the step before. */
export class Divergence extends SoftmachineError {
  override readonly name = "Divergence";
}

/** How one step is taken. */
export interface StepSettings {
  readonly rate: number;
  /** The rate of the numeral table: it learns from one row a number, and wants to be faster than the rest. */
  readonly numeralRate: number;
  /** The gradient is scaled down to this global norm when its own is larger. */
  readonly clipNorm: number;
}
