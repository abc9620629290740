import type { TrainOptions } from "../../lm/index.js";

/** Sizes of the small form, which shows that everything runs, and nothing of how well. */
export const quickOptions: Partial<TrainOptions> = {
  hidden: 8,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  feedForward: 16,
  steps: 4,
  patience: 0,
  batch: 8,
  evaluateEvery: 2,
  evaluateSentences: 16,
};
/** Questions of each kind in a test: of the small form, and of the whole. */
export const questionsOf = (quick: boolean) => (quick ? 40 : 2000);
