/** Problems of two steps, of which the second uses the result of the first, learned from final answers only. */
import {
  evaluate,
  heldOutSentences,
  type Model,
  type Sentence,
  SentenceSource,
  type TrainOptions,
  TWO_CALL_DEFAULTS,
  TwoStepSource,
  type TwoStepSplit,
  templateSplits,
  writtenAccuracy,
} from "../../lm/index.js";
import { seededRandom } from "../../machine/index.js";
import { arithmeticPrograms } from "./arithmetic.js";
import { baselines } from "./baselines.js";
import { libraryData } from "./library-tables.js";
import { quickOptions } from "./quick.js";
import { choosingSeeds, type Task } from "./task.js";
import { type Tested, type Tests, type Trained, type Training, testedOf, testSeeds } from "./training.js";

const common: Partial<TrainOptions> = {
  ...TWO_CALL_DEFAULTS,
  calls: 2,
  numerals: "frozen",
  curriculumSteps: 100,
  evaluateSentences: 512,
  target: 2,
};

export const twoStep: Task = {
  name: "two-step",
  title: "problems of two steps modulo 32",
  choosingSeeds,
  trainings: (quick) => {
    const training = (variant: string, options: Partial<TrainOptions>, mostSeeds?: number): Training => ({
      variant,
      data: () => libraryData(arithmeticPrograms, quick ? 8 : 32),
      options: quick ? { ...options, ...quickOptions } : options,
      test: twoStepTest,
      ...(mostSeeds === undefined ? {} : { mostSeeds }),
    });
    return [
      training("numerals compiled", common),
      training("numerals from scratch", { ...common, numerals: "learned", curriculumSteps: 250 }),
      training("programs by the last state alone", { ...common, programHeads: "last" }, 1),
      training("answers written out", { ...common, output: "text" }, 1),
      ...baselines(training("", common)),
    ];
  },
};

/**
 * Questions of two steps alone, of each composition as many; held-out compositions are of two programs that no training
 * sentence composes. And of one step.
 */
function twoStepTest({ model, options, questions }: Trained): Tests {
  const { programs } = model.table;
  const seed = testSeeds + options.seed;
  const { tested } = templateSplits(options);
  const source = new TwoStepSource(programs, new SentenceSource(programs, options));
  const next = seededRandom(seed);
  const draw = (split: TwoStepSplit) => Array.from({ length: questions }, () => source.draw(next, split));
  const ask = (sentences: readonly Sentence[]) => testedOf(evaluate(model, sentences));
  const unseen = draw(tested);
  return {
    "held-out operands": ask(draw("held-out operands")),
    "held-out templates": ask(unseen),
    "held-out compositions": ask(draw("held-out compositions")),
    "one step": ask(heldOutSentences(programs, tested, questions, { seed, trainedTemplates: options })),
    ...(model.sizes.output === "text" && { "held-out templates, written out": writing(model, unseen) }),
  };
}

/** How often the token head writes the answer that is wanted. */
const writing = (model: Model, sentences: readonly Sentence[]): Tested => ({
  sentences: sentences.length,
  accuracy: writtenAccuracy(model, sentences),
  byProgram: {},
});
