/** How a start descends. */
import { checkWholeNumber } from "../../assembler/index.js";
import { SoftmachineError } from "../../scheme/index.js";
import type { SoftDtype } from "../soft-layout.js";
import type { LossWeights } from "./loss.js";
import type { Trained } from "./parameters.js";

export interface AdaptationOptions {
  readonly iterations?: number;
  /** Iterations without a faster program after which a start ends that has come to one. Default none. */
  readonly rest?: number;
  /** Examples drawn for each iteration. */
  readonly batch?: number;
  readonly learningRate?: number;
  /**
   * Iterations of a cycle: a right program, at first the generic one, is flashed, disturbed, and descent begins anew from
   * there. It is basin hopping (Wales and Doye, "Global Optimization by Basin-Hopping", 1997): the next cycle begins from
   * the fastest right program that this one came to, if that is no slower, or else by the chance that `temperature` gives.
   */
  readonly cycle?: number;
  /** A program slower by this share is taken with probability 1/e; with 0 none is that is slower at all. */
  readonly temperature?: number;
  /** Iterations without another program of the likeliest choices that end a cycle early. */
  readonly patience?: number;
  /**
   * Proposals before a cycle: programs with a few choices drawn again or lines moved, left out or copied, of which each
   * is taken that is right and no slower. No gradient is in them: they give descent other programs to begin from.
   */
  readonly proposals?: number;
  /** The share of them that have their lines in another order; where parts are frozen there are none. */
  readonly reorders?: number;
  /** The probability that a cycle's program, right as it is, has its lines reordered before it is flashed. */
  readonly edits?: number;
  /**
   * Of the logits that a cycle begins with: the odds of a choice of the program against another are its exponential. A
   * cycle draws its own, whose logarithm is uniform; what begins with 100 stays as it is.
   */
  readonly hardness?: readonly [low: number, high: number];
  /** The share of lines, constants and first lines that a cycle softens; it draws its own, whose logarithm is uniform. */
  readonly share?: readonly [low: number, high: number];
  /** The probability that the share is of fields, rather than of lines with all of their fields. */
  readonly byField?: number;
  /** Of the logits of these, less than the hardness; a cycle draws its own. */
  readonly sharpness?: readonly [low: number, high: number];
  /** Standard deviation of what is added to the logits of these. */
  readonly noise?: number;
  /** Steps of a run in training; a cycle draws its own number. Default from 5 to those of the task. */
  readonly horizon?: readonly [low: number, high: number];
  /** Of the loss; that of time is multiplied by `hurry`. */
  readonly weights?: Partial<LossWeights>;
  /** Factors of the weight of time, of which a cycle draws one: its logarithm is uniform. */
  readonly hurry?: readonly [low: number, high: number];
  /** Weight of the squared distance from the generic program, and how it falls: weight / (1 + decay · iteration). */
  readonly prior?: { readonly weight: number; readonly decay: number };
  readonly trained?: Trained;
  /** Iterations between looks at the program that the likeliest choices make. */
  readonly checkEvery?: number;
  /** With the number of the start, what everything random follows from. */
  readonly seed?: number;
  readonly dtype?: SoftDtype;
}

export const defaultAdaptation = {
  iterations: 10_000,
  rest: Number.POSITIVE_INFINITY,
  batch: 4,
  learningRate: 0.2,
  cycle: 150,
  patience: 40,
  temperature: 0,
  proposals: 200,
  reorders: 0.3,
  edits: 0.3,
  hardness: [5, 100],
  share: [0.05, 0.5],
  byField: 0.5,
  sharpness: [0.5, 4],
  horizon: [5, Number.POSITIVE_INFINITY],
  noise: 1,
  weights: { correctness: 10, confidence: 0, halting: 10, time: 0.1 },
  hurry: [0.1, 1],
  prior: { weight: 0, decay: 0 },
  trained: {},
  checkEvery: 5,
  seed: 1,
  dtype: "float32",
} as const satisfies AdaptationOptions;

/** @throws SoftmachineError for one that is impossible. */
export function checkOptions(options: Required<AdaptationOptions>): void {
  checkWholeNumber("the iterations", options.iterations, 1);
  checkWholeNumber("the batch", options.batch, 1);
  checkWholeNumber("the iterations of a cycle", options.cycle, 1);
  checkWholeNumber("the patience of a cycle", options.patience, 1);
  checkWholeNumber("the iterations between looks", options.checkEvery, 1);
  for (const [what, value] of Object.entries({
    ...{ "learning rate": options.learningRate, noise: options.noise },
    ...{ "least hardness": options.hardness[0], "greatest hardness": options.hardness[1] },
    ...{ "least share": options.share[0], "greatest share": options.share[1] },
    ...{ "least sharpness": options.sharpness[0], "greatest sharpness": options.sharpness[1] },
    ...{ temperature: options.temperature, "probability of edits": options.edits },
    ...{ "least hurry": options.hurry[0], "greatest hurry": options.hurry[1] },
    ...options.weights,
  })) {
    if (!Number.isFinite(value) || value < 0)
      throw new SoftmachineError(`the ${what} must be a number of at least 0; got ${value}`);
  }
}
