/** One training of the language model within an experiment: what is trained, on what, and what came of it. */
import {
  completeOptions,
  type Evaluation,
  evaluate,
  heldOutSentences,
  isHeldOut,
  type Model,
  type TrainData,
  type TrainOptions,
  templateSplits,
  train,
} from "../../lm/index.js";
import type { TabulatedProgram } from "../../machine/index.js";

/** A way of learning a task, of which several seeds are trained. */
export interface Training {
  /** What sets it apart from the task's other trainings. */
  readonly variant: string;
  readonly data: () => Promise<TrainData>;
  /** What differs from the defaults of training. */
  readonly options: Partial<TrainOptions>;
  /** The most seeds that are trained: less where a training takes long. */
  readonly mostSeeds?: number;
  /** The questions that a trained model is tested on, by name; by default held-out operands and held-out templates. */
  readonly test?: (trained: Trained) => Tests | Promise<Tests>;
}

/** A trained model that is to be tested. */
export interface Trained {
  readonly model: Model;
  readonly options: TrainOptions;
  /** Questions of each kind to ask. */
  readonly questions: number;
}

/** What a test gave: shares of right answers, 0..1. */
export interface Tested {
  readonly sentences: number;
  readonly accuracy: number;
  /** By program, where several were asked about. */
  readonly byProgram: Readonly<Record<string, number>>;
}

/** By name of the test. */
export type Tests = Readonly<Record<string, Tested>>;

/** A point of a learning curve, on validation sentences. */
export interface CurvePoint {
  readonly step: number;
  /** Since the start, measurements included. */
  readonly seconds: number;
  readonly operands: number;
  readonly templates: number;
}

/** A training that has ended. */
export interface TrainedRow {
  readonly variant: string;
  readonly seed: number;
  readonly n: number;
  readonly programs: readonly string[];
  readonly options: Readonly<Record<string, string | number | boolean>>;
  readonly outcome: string;
  /** Steps of the model: with patience, of the best one, though `seconds` are those of all. */
  readonly steps: number;
  /** Sentences that it learned from, repeated ones counted again. */
  readonly examples: number;
  /**
   * Examples over the number of questions that there are to learn from: operand tuples that are not held out, of all
   * programs. Not of questions of two steps.
   */
  readonly epochs?: number;
  readonly seconds: number;
  readonly parameters: { readonly dense: number; readonly embedding: number; readonly numerals: number };
  readonly tests: Tests;
  readonly curve: readonly CurvePoint[];
}

/** How one training is run. */
export interface TrainingHooks {
  readonly questions: number;
  readonly signal?: AbortSignal;
  readonly onStep?: (step: number, steps: number, accuracy: number | undefined) => void;
}

/** Trains a model and tests it; undefined where the signal stopped it. */
export async function runTraining(
  { variant, data, options, test = heldOutTest }: Training,
  seed: number,
  { questions, signal, onStep }: TrainingHooks,
): Promise<TrainedRow | undefined> {
  const given = await data();
  const started = performance.now();
  const secondsAt = new Map<number, number>();
  const result = await train(
    given,
    { ...options, seed },
    {
      ...(signal === undefined ? {} : { signal }),
      onProgress({ step, steps, templateAccuracy }) {
        secondsAt.set(step, (performance.now() - started) / 1000);
        onStep?.(step, steps, templateAccuracy);
      },
    },
  );
  if (result.outcome === "stopped") return undefined;
  const { model, history } = result;
  const { batch } = result.options;
  const examples = model.step * batch;
  return {
    variant,
    seed,
    n: model.table.n,
    programs: model.table.programs.map(({ name }) => name),
    options: { ...completeOptions({ ...options, seed }) },
    outcome: result.outcome,
    steps: model.step,
    examples,
    ...(result.options.calls === 1 && { epochs: examples / trainingQuestions(given) }),
    seconds: history.seconds,
    parameters: model.parameterCount,
    tests: await test({ model, options: result.options, questions }),
    curve: history.measurements.map(({ step, operands, templates }) => ({
      step,
      seconds: secondsAt.get(step) ?? history.seconds,
      operands,
      templates,
    })),
  };
}

/** What is kept of an evaluation. */
export function testedOf({ sentences, accuracy, byProgram }: Evaluation): Tested {
  return {
    sentences,
    accuracy,
    byProgram: Object.fromEntries(Object.entries(byProgram).map(([name, program]) => [name, program.accuracy])),
  };
}

/** Operand tuples of all programs that training may draw. */
function trainingQuestions({ programs }: TrainData): number {
  const { n } = programs[0];
  let pairs = 0;
  for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) if (!isHeldOut([a, b])) pairs++;
  const share = pairs / n ** 2;
  return programs.reduce((sum, { operands }) => sum + (operands === 1 ? n : Math.round(share * n ** operands)), 0);
}

/** Fresh questions of both held-out kinds. */
export function heldOutTest({ model, options, questions }: Trained): Tests {
  return heldOutEvaluations(model, model.table.programs, options, questions);
}

/** Where the seeds of tests begin: far from those of trainings, which are those of what training stops by. */
export const testSeeds = 0x7e57_0000;

/** A model's answers to fresh questions about some of its programs, which neither training nor its end depends on. */
export function heldOutEvaluations(
  model: Model,
  programs: readonly TabulatedProgram[],
  options: TrainOptions,
  questions: number,
): Tests {
  const drawn = { seed: testSeeds + options.seed, trainedTemplates: options };
  const ask = (split: "held-out operands" | "held-out templates" | "test templates") =>
    testedOf(evaluate(model, heldOutSentences(programs, split, questions, drawn)));
  return { "held-out operands": ask("held-out operands"), "held-out templates": ask(templateSplits(options).tested) };
}
