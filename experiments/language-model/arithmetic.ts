/**
 * One-step arithmetic modulo 128 in words ("Algorithmic Language Models with Neurally Compiled Libraries", 2024, section
 * 4.2). One-operand programs are among the programs: they teach numerals.
 */
import type { TrainOptions } from "../../lm/index.js";
import { baselines } from "./baselines.js";
import { libraryData } from "./library-tables.js";
import { quickOptions } from "./quick.js";
import { choosingSeeds, type Task } from "./task.js";
import type { Training } from "./training.js";

export const arithmeticPrograms = ["add", "subtract", "multiply", "max", "min", "increment", "decrement", "double"];

/** The paper's smaller network. */
export const paperSizes = { hidden: 128, layers: 2, heads: 4, keyValueHeads: 2, feedForward: 320 };

const common: Partial<TrainOptions> = {
  ...paperSizes,
  evaluateEvery: 100,
  evaluateSentences: 2048,
  target: 2,
  learningRate: 2e-3,
  // Long after all is right, a phrase of few words may be unlearned again: many words are left out, and training is short.
  wordDropout: 0.4,
  wordDropoutLater: 0.4,
};

/** A number is one place in the text, whatever its value, and its digits are read. */
const byDigits: Partial<TrainOptions> = { ...common, numbers: "digits", steps: 600 };
/** A number is one place too, and a numeral of its own, which is learned: 128 rows of 128 values. */
const scratch: Partial<TrainOptions> = { ...common, numbers: "placeholders", numerals: "learned", steps: 1600 };
/** The paper's: what a number is to the transformer is learned for each, which higher rates hinder. */
const ownTokens: Partial<TrainOptions> = { ...scratch, numbers: "tokens", learningRate: 1e-3, steps: 4000 };
/** With numerals that are known, little is left to learn. */
const ownTokensKnown: Partial<TrainOptions> = { ...ownTokens, oneOperandShare: 0.2, steps: 2000 };

/** With digits that are known nothing is left to learn but the words. */
export const compiledDigits = { ...byDigits, oneOperandShare: 0.2, numerals: "frozen", steps: 400 } as const;

const wider = { hidden: 256, heads: 8, keyValueHeads: 4, feedForward: 640 };

export const arithmetic: Task = {
  name: "arithmetic",
  title: "arithmetic modulo 128",
  paper: "99.2 % after 62 epochs",
  choosingSeeds: [...choosingSeeds, 105, 106],
  trainings: (quick) => {
    const data = () => libraryData(arithmeticPrograms, quick ? 8 : 128);
    const training = (variant: string, options: Partial<TrainOptions>, mostSeeds?: number): Training => ({
      variant,
      data,
      options: quick ? { ...options, ...quickOptions } : options,
      ...(mostSeeds === undefined ? {} : { mostSeeds }),
    });
    return [
      training("digits compiled", compiledDigits),
      training("digits from scratch", { ...byDigits, numerals: "learned" }),
      training("digits compiled, width 256", { ...compiledDigits, ...wider }, 1),
      training("numerals from scratch", scratch),
      training("numerals from scratch, own embeddings", ownTokens),
      training("numerals compiled, own embeddings", { ...ownTokensKnown, numerals: "frozen" }),
      training("numerals adapted, own embeddings", { ...ownTokensKnown, numerals: "flashed" }),
      ...baselines(training("", { ...byDigits, numerals: "learned", steps: 1600 })),
    ];
  },
};
