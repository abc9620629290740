/** Training from answers alone: draw sentences, step, measure, until the target, the last step, or a stop. */
import { setImmediate } from "node:timers/promises";
import { codeOf, type Library, type ProgramCode } from "../library/index.js";
import type { TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { useBackend } from "../tensor/index.js";
import { encodeText } from "./batch.js";
import { type LoadOptions, loadCheckpoint, restoreSnapshot, saveCheckpoint, takeSnapshot } from "./checkpoint.js";
import { isBest, measurementsSinceBetter, templateSplits } from "./early-stopping.js";
import { evaluate, heldOutSentences } from "./evaluate.js";
import { Model } from "./model.js";
import { completeOptions, type TrainOptions } from "./options.js";
import { integer, PURPOSES, random } from "./random.js";
import type { Run } from "./run.js";
import { dropWords, type Sentence, SentenceSource } from "./sentences.js";
import { superposedCall } from "./superposed-call.js";
import { openTextInput } from "./text-input.js";
import { TrainingLog } from "./training-log.js";
import { Divergence } from "./training-step.js";
import { TwoStepSource } from "./two-step-sentences.js";

/** Sent after every step. */
export interface Progress {
  readonly step: number;
  readonly steps: number;
  /** Mean over the latest steps. */
  readonly loss: number;
  /** The latest measurement's accuracies; undefined before the first. */
  readonly accuracy: number | undefined;
  readonly templateAccuracy: number | undefined;
  /** Until the last step, at the pace so far. */
  readonly secondsLeft: number;
}

export interface TrainHooks {
  readonly onProgress?: (progress: Progress) => void;
  /** Stops after the step under way, with a checkpoint if there is a file for it. */
  readonly signal?: AbortSignal;
  /** The file that checkpoints are written to. */
  readonly checkpoint?: string;
  /** The folder that figures are logged to, for TensorBoard and as JSON lines; a log that is there is gone on with. */
  readonly log?: string;
}

/** What is trained on. */
export interface TrainData {
  readonly programs: readonly TabulatedProgram[];
  readonly sentences?: readonly Sentence[];
  readonly libraryHash?: string;
  /** What runs in superposition, where options ask for that. */
  readonly code?: ProgramCode;
}

/**
 * What there is to train on of a library: the tables and the assembly of some of its programs.
 *
 * @throws SoftmachineError for a program that can't be called.
 */
export function dataOf(library: Library, names: readonly string[]): TrainData & { readonly code: ProgramCode } {
  return {
    programs: names.map((name) => library.table(name)),
    code: codeOf(library, names),
    libraryHash: library.hash,
  };
}

/** Why a run ended. */
export type Outcome =
  | "target reached"
  | `no better for ${number} measurement${"" | "s"}`
  | "all steps taken"
  | "stopped";

/** With `patience`, the model of a run that has ended is that of its best measurement: `model.step` says of which step. */
export interface TrainResult extends Run {
  readonly outcome: Outcome;
}

/** Characters of an own sentence that a message shows. */
const SHOWN = 60;

/** Losses that a progress report averages. */
const LATEST = 25;

/**
 * Trains a model on sentences about `data.programs`, and on own sentences if there are any.
 *
 * @throws SoftmachineError for impossible options, a tokenizer or encoder that can't be read, damaged tables, own sentences with answers outside 0..n-1 or too long to
 * be read.
 */
export async function train(
  data: TrainData,
  given: Partial<TrainOptions> = {},
  hooks: TrainHooks = {},
): Promise<TrainResult> {
  const options = completeOptions(given);
  const { tokenizer, encoder } = await openTextInput(options);
  const tf = await useBackend(options.backend);
  const { programs, code } = data;
  const superposed = superposedCall(options, programs, code);
  const model = new Model(tf, tokenizer, programs, options, options.seed, { encoder, superposed });
  const run: Run = {
    options,
    model,
    history: { losses: [], measurements: [], seconds: 0 },
    sentences: data.sentences ?? [],
    libraryHash: data.libraryHash ?? "",
  };
  return continueRun(run, hooks);
}

/**
 * Continues a run from its checkpoint, to the same numbers as if it had never stopped. Checkpoints go on into the same
 * file unless `hooks` names another.
 *
 * @throws SoftmachineError when the checkpoint is damaged, of another version, or made with another library.
 */
export async function resume(file: string, hooks: TrainHooks = {}, load: LoadOptions = {}): Promise<TrainResult> {
  const run = await loadCheckpoint(file, load);
  const { checkpoint = file } = hooks;
  return continueRun(run, { ...hooks, checkpoint }, checkpoint === file ? run.history.losses.length : undefined);
}

/** @param saved how many steps the run in the checkpoint's file has taken. */
async function continueRun(run: Run, hooks: TrainHooks, saved?: number): Promise<TrainResult> {
  const { options, model, history } = run;
  const { programs } = model.table;
  checkOwnSentences(run.sentences, model, options);
  const sources = sourcesOf(run);
  const { evaluateSentences, seed, calls } = options;
  const drawn = { seed, calls, trainedTemplates: options };
  const unseenOperands = heldOutSentences(programs, "held-out operands", evaluateSentences, drawn);
  const unseenTemplates = heldOutSentences(programs, templateSplits(options).measured, evaluateSentences, drawn);
  const log = hooks.log === undefined ? undefined : new TrainingLog(hooks.log, history.losses.length);
  const secondsBefore = history.seconds;
  const firstStep = model.step;
  const started = performance.now();
  const elapsed = () => (performance.now() - started) / 1000;
  let inFile = saved;
  const save = async () => {
    if (history.losses.length === inFile) return;
    history.seconds = secondsBefore + elapsed();
    if (hooks.checkpoint === undefined) return;
    if (!model.isFinite) throw new Divergence(`training diverged at step ${model.step}: parameters are not finite`);
    await saveCheckpoint(hooks.checkpoint, run);
    inFile = history.losses.length;
  };
  const step = () => {
    const begun = performance.now();
    const sentences = drawBatch(sources, run);
    const settings = settingsAt(options, model.step);
    const oneOperandShare = oneOperandShareAt(options, model.step);
    const { loss, gradientNorm } = model.train(sentences, settings);
    history.losses.push(loss);
    const seconds = (performance.now() - begun) / 1000;
    log?.step(model.step, { loss, learningRate: settings.rate, gradientNorm, oneOperandShare, seconds });
  };
  const measure = () => {
    const measurement = {
      step: model.step,
      operands: evaluate(model, unseenOperands).accuracy,
      templates: evaluate(model, unseenTemplates).accuracy,
    };
    history.measurements.push(measurement);
    log?.measurement(measurement);
    if (options.patience > 0 && isBest(history.measurements)) run.best = takeSnapshot(model);
  };
  let outcome = ended(run);
  // So that there is something to resume from the very first step on.
  if (inFile === undefined) await save();
  try {
    while (outcome === undefined) {
      // Lets signals and timers in between steps.
      await setImmediate();
      if (hooks.signal?.aborted) {
        outcome = "stopped";
        break;
      }
      step();
      if (model.step % options.evaluateEvery === 0 || model.step === options.steps) measure();
      outcome = ended(run);
      if (outcome === undefined && model.step % options.checkpointEvery === 0) await save();
      hooks.onProgress?.(progressOf(run, elapsed() / (model.step - firstStep)));
    }
    if (outcome !== "stopped" && run.best !== undefined) {
      restoreSnapshot(model, run.best);
      delete run.best;
    }
    await save();
  } catch (error) {
    throw error instanceof Divergence ? withAdvice(error, options, hooks.checkpoint, inFile) : error;
  }
  return { ...run, outcome };
}

/** Why a run has ended, a stop aside; undefined while it goes on. */
function ended({ options, history: { losses, measurements } }: Run): Outcome | undefined {
  const latest = measurements.at(-1);
  const { target, patience, steps } = options;
  if (latest !== undefined && latest.operands >= target && latest.templates >= target) return "target reached";
  if (patience > 0 && measurementsSinceBetter(measurements) >= patience) {
    return `no better for ${patience} measurement${patience === 1 ? "" : "s"}`;
  }
  return losses.length >= steps ? "all steps taken" : undefined;
}

/** A divergence, with what is left of the run and what may help. */
function withAdvice(
  { message }: Divergence,
  { learningRate, warmUp, clipNorm }: TrainOptions,
  checkpoint: string | undefined,
  saved: number | undefined,
): SoftmachineError {
  const left = saved === undefined ? "" : `; ${checkpoint} still holds step ${saved}`;
  return new SoftmachineError(
    `${message}${left}. The same settings diverge again: begin anew with a lower learning rate (now ${learningRate}), a longer warm-up (now ${warmUp} steps) or a smaller clip norm (now ${clipNorm})`,
  );
}

/** Where a run's sentences come from. */
interface Sources {
  readonly oneStep: SentenceSource;
  readonly twoSteps?: TwoStepSource;
}

function sourcesOf({ options, model: { table } }: Run): Sources {
  const oneStep = new SentenceSource(table.programs, options);
  return { oneStep, ...(options.calls > 1 ? { twoSteps: new TwoStepSource(table.programs, oneStep) } : {}) };
}

/** The sentences of the step to come: a function of the seed and the step, whatever was drawn before. */
function drawBatch({ oneStep: source, twoSteps }: Sources, { options, model, sentences }: Run): Sentence[] {
  const next = random(options.seed, PURPOSES.data, model.step);
  const share = oneOperandShareAt(options, model.step);
  const { wordDropout, wordDropoutLater, steps } = options;
  const dropout = wordDropout + ((wordDropoutLater - wordDropout) * model.step) / steps;
  const risen = twoStepRise(options, model.step);
  const one = source.oneOperandPrograms;
  const several = source.severalOperandPrograms;
  return Array.from({ length: options.batch }, () => {
    if (sentences.length > 0 && next() < options.ownShare) return sentences[integer(next, sentences.length)];
    if (twoSteps !== undefined && next() < options.twoStepShare * risen) {
      // No word is left out of these: without one, two steps are easily none.
      return twoSteps.draw(next, "train", options.twoStepTelling);
    }
    const oneOperand = several.length === 0 || (one.length > 0 && next() < share);
    const sentence = source.draw(next, "train", oneOperand ? one : several);
    return { ...sentence, text: dropWords(next, sentence.text, dropout) };
  });
}

/** How far two-step questions have come by a step, from 0 to 1: they follow the curriculum, and take as long. */
function twoStepRise({ curriculumSteps }: TrainOptions, step: number): number {
  return curriculumSteps === 0 ? 1 : Math.min(1, Math.max(0, step / curriculumSteps - 1));
}

/** The share of one-operand programs in a step: a line from the first to the later one, over the curriculum. */
function oneOperandShareAt(options: TrainOptions, step: number): number {
  const { oneOperandShare: from, oneOperandShareLater: to, curriculumSteps } = options;
  return step < curriculumSteps ? from + ((to - from) * step) / curriculumSteps : to;
}

/** Rates of a step: a linear rise, then a cosine down to a part of the peak. */
function settingsAt(options: TrainOptions, step: number) {
  const { learningRate, warmUp, decayTo, steps } = options;
  const rise = warmUp === 0 ? 1 : Math.min(1, (step + 1) / warmUp);
  const decay = decayTo + (1 - decayTo) * 0.5 * (1 + Math.cos((Math.PI * step) / steps));
  const rate = learningRate * rise * decay;
  return { rate, numeralRate: rate * options.numeralRateFactor, clipNorm: options.clipNorm };
}

function progressOf({ options, model, history }: Run, secondsAStep: number): Progress {
  const latest = history.losses.slice(-LATEST);
  const measurement = history.measurements.at(-1);
  return {
    step: model.step,
    steps: options.steps,
    loss: latest.reduce((sum, loss) => sum + loss, 0) / latest.length,
    accuracy: measurement?.operands,
    templateAccuracy: measurement?.templates,
    secondsLeft: secondsAStep * (options.steps - model.step),
  };
}

/** Refuses what a step would stumble over later: a sentence without the labels that are learned from, an answer that is none, a text too long to be read. */
function checkOwnSentences(
  sentences: readonly Sentence[],
  { table: { n }, tokenizer }: Model,
  { objective }: TrainOptions,
): void {
  if (objective === "calls" && sentences.some(({ program, steps }) => program === undefined && steps === undefined)) {
    throw new SoftmachineError('objective "calls" learns from labelled calls, and own sentences have answers alone');
  }
  for (const [i, { text, answer }] of sentences.entries()) {
    const where = `own sentence ${i + 1}, "${text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text}"`;
    if (!(Number.isInteger(answer) && answer >= 0 && answer < n)) {
      throw new SoftmachineError(`${where}, has answer ${answer}; answers are whole numbers in 0..${n - 1}`);
    }
    if (!/[0-9]/.test(text)) {
      throw new SoftmachineError(`${where}, has no number in digits, which is what a model can read`);
    }
    try {
      encodeText(tokenizer, text);
    } catch (error) {
      throw error instanceof SoftmachineError ? new SoftmachineError(`${where}: ${error.message}`) : error;
    }
  }
}
