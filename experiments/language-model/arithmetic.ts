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
  // Long after all is right, a phrase of few words may be unlearned again: the best model is kept.
  patience: 6,
  learningRate: 2e-3,
  wordDropout: 0.2,
  wordDropoutLater: 0,
};

/** A number is one place in the text, whatever its value, and its digits are read. */
const byDigits: Partial<TrainOptions> = { ...common, numbers: "digits", steps: 1600 };
/** A number is one place too, and a numeral of its own, which is learned: 128 rows of 128 values. */
const scratch: Partial<TrainOptions> = { ...common, numbers: "placeholders", numerals: "learned", steps: 3200 };
/** The paper's: what a number is to the transformer is learned for each. */
const ownTokens: Partial<TrainOptions> = { ...scratch, numbers: "tokens", steps: 2400 };

export const arithmeticOptions = { byDigits: { ...byDigits, oneOperandShare: 0.2, numerals: "frozen" } } as const;

const wider = { hidden: 256, heads: 8, keyValueHeads: 4, feedForward: 640 };

export const arithmetic: Task = {
  name: "arithmetic",
  title: "arithmetic modulo 128",
  paper: "99.2 % after 62 epochs",
  choosingSeeds,
  trainings: (quick) => {
    const data = () => libraryData(arithmeticPrograms, quick ? 8 : 128);
    const training = (variant: string, options: Partial<TrainOptions>, mostSeeds?: number): Training => ({
      variant,
      data,
      options: quick ? { ...options, ...quickOptions } : options,
      ...(mostSeeds === undefined ? {} : { mostSeeds }),
    });
    return [
      training("digits compiled", arithmeticOptions.byDigits),
      training("digits from scratch", { ...byDigits, numerals: "learned" }),
      training("digits compiled, width 256", { ...arithmeticOptions.byDigits, ...wider, steps: 800 }, 1),
      training("numerals from scratch", scratch, 1),
      training("numerals from scratch, own embeddings", ownTokens, 1),
      training("numerals compiled, own embeddings", { ...ownTokens, numerals: "frozen", oneOperandShare: 0.2 }, 1),
      training("numerals adapted, own embeddings", { ...ownTokens, numerals: "flashed", oneOperandShare: 0.2 }, 1),
      ...baselines(training("", { ...byDigits, numerals: "learned" }), 1),
    ];
  },
};
