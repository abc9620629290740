/**
 * When a model should rather say nothing: weights and a threshold settled on held-out questions, right and wrong ones, and
 * what they come to on other questions ("Selective Classification for Deep Neural Networks", 2017).
 */
import { SoftmachineError } from "../scheme/index.js";
import {
  type CalibrationQuestion,
  calibrationQuestions,
  MANNERS,
  type Manner,
  type Purpose,
  type WrongKind,
} from "./calibration-questions.js";
import {
  type CertaintyWeights,
  certaintyOf,
  EVIDENCE,
  type Evidence,
  evidenceNumbers,
  evidenceOf,
  sigmoid,
  tempered,
} from "./certainty.js";
import { readInChunks } from "./evaluate.js";
import { familiarPairs } from "./familiar-pairs.js";
import { MAX_EVALUATED } from "./options.js";
import type { Run } from "./run.js";

/** What `ask` abstains by. */
export interface Calibration extends CertaintyWeights {
  /** The training step that it is of. */
  readonly step: number;
  /** The accuracy among the answered that was asked for. */
  readonly accuracy: number;
  /** Questions that it was settled on. */
  readonly questions: number;
  /** A question is answered if its certainty is above this; 1 where no threshold reaches the accuracy. */
  readonly threshold: number;
}

export interface CalibrateOptions {
  /** The share of right answers among the answered, from 0 to 1. */
  readonly accuracy?: number;
  /** Questions to settle it on, of which half are wrong ones. */
  readonly questions?: number;
}

/** The accuracy among the answered that is aimed at when nothing else is asked for. */
export const DEFAULT_ACCURACY = 0.99;

const DEFAULT_QUESTIONS = 2000;
const DEFAULT_TEST_QUESTIONS = 1000;

/** A question with the evidence for its answer. */
interface Judged {
  readonly question: CalibrationQuestion;
  readonly evidence: Evidence;
  /** The answer is right, which for a wrong question none is. */
  readonly right: boolean;
}

/**
 * Settles temperature, weights and threshold on held-out questions. Half of them are wrong ones: the accuracy is that
 * among the answered of such a mixture.
 *
 * @throws SoftmachineError for an accuracy or a number of questions that can't be.
 */
export function calibrate(run: Run, { accuracy = DEFAULT_ACCURACY, questions }: CalibrateOptions = {}): Calibration {
  if (!(accuracy > 0 && accuracy <= 1)) {
    throw new SoftmachineError(`accuracy is ${accuracy}; it is a number above 0, at most 1`);
  }
  const judged = judge(run, "calibration", questions ?? DEFAULT_QUESTIONS);
  const temperature = fitTemperature(judged);
  const certainty = fitWeights(judged, temperature);
  const threshold = thresholdFor(
    judged.map(({ evidence, right }) => ({ certainty: certaintyOf(evidence, certainty), right })),
    accuracy,
  );
  return { step: run.model.step, accuracy, questions: judged.length, ...certainty, threshold };
}

/** How a calibration does on questions of which it has seen neither the templates nor the kinds of wrong ones. */
export interface CalibrationTest {
  readonly questions: number;
  /** The share of right questions, such as have an answer, that are answered. */
  readonly coverage: number;
  readonly coverageByManner: Readonly<Partial<Record<Manner, number>>>;
  /** The share of right answers among all that are answered, wrong questions included; undefined where none is. */
  readonly accuracy: number | undefined;
  /** The same among the right questions alone. */
  readonly accuracyOfRight: number | undefined;
  /** The accuracy on right questions if all of them were answered. */
  readonly accuracyWithoutAbstention: number;
  /** The share of wrong questions that are refused, in all and by kind. */
  readonly refused: number;
  readonly refusedByKind: Readonly<Partial<Record<WrongKind, number>>>;
  /**
   * Expected calibration errors: of the soft answer's probability on right questions, as it is and after temperature
   * scaling; of the same and of the certainty on all questions.
   */
  readonly calibrationError: {
    readonly before: number;
    readonly tempered: number;
    readonly beforeOnAll: number;
    readonly certaintyOnAll: number;
  };
  /** Certainty against accuracy in ten equal bins, of all questions; those without any are left out. */
  readonly reliability: readonly ReliabilityBin[];
  /** The share of errors among the answered as more are answered: all questions, the most certain first. */
  readonly riskCoverage: readonly { readonly coverage: number; readonly risk: number }[];
}

export interface ReliabilityBin {
  readonly questions: number;
  readonly certainty: number;
  readonly accuracy: number;
}

/** Tests a calibration. */
export function testCalibration(
  run: Run,
  calibration: Calibration,
  questions = DEFAULT_TEST_QUESTIONS,
): CalibrationTest {
  const judged = judge(run, "test", questions).map((item) => ({
    ...item,
    certainty: certaintyOf(item.evidence, calibration),
  }));
  const isAnswered = ({ certainty }: { readonly certainty: number }) => certainty > calibration.threshold;
  const ofRight = judged.filter(({ question }) => question.kind === undefined);
  const ofWrong = judged.filter(({ question }) => question.kind !== undefined);
  const answered = judged.filter(isAnswered);
  const answeredOfRight = ofRight.filter(isAnswered);
  const kinds = [...new Set(ofWrong.flatMap(({ question: { kind } }) => (kind === undefined ? [] : [kind])))];
  const refused = (some: typeof judged) => share(some, (item) => !isAnswered(item)) ?? 1;
  const probability = ({ evidence: { distribution, answer } }: Judged) => distribution[answer];
  return {
    questions: judged.length,
    coverage: share(ofRight, isAnswered) ?? 0,
    coverageByManner: Object.fromEntries(
      MANNERS.flatMap((manner) => {
        const covered = share(
          ofRight.filter(({ question }) => question.manner === manner),
          isAnswered,
        );
        return covered === undefined ? [] : [[manner, covered]];
      }),
    ),
    accuracy: share(answered, ({ right }) => right),
    accuracyOfRight: share(answeredOfRight, ({ right }) => right),
    accuracyWithoutAbstention: share(ofRight, ({ right }) => right) ?? 0,
    refused: refused(ofWrong),
    refusedByKind: Object.fromEntries(
      kinds.map((kind) => [kind, refused(ofWrong.filter(({ question }) => question.kind === kind))]),
    ),
    calibrationError: {
      before: calibrationError(ofRight.map((item) => ({ certainty: probability(item), right: item.right }))),
      tempered: calibrationError(
        ofRight.map(({ evidence: { distribution, answer }, right }) => ({
          certainty: tempered(distribution, calibration.temperature)[answer],
          right,
        })),
      ),
      beforeOnAll: calibrationError(judged.map((item) => ({ certainty: probability(item), right: item.right }))),
      certaintyOnAll: calibrationError(judged),
    },
    reliability: reliabilityBins(judged),
    riskCoverage: riskCoverage(judged),
  };
}

function judge(run: Run, purpose: Purpose, count: number): Judged[] {
  if (!(Number.isInteger(count) && count >= 2 && count <= MAX_EVALUATED)) {
    throw new SoftmachineError(`${count} questions can't be drawn; 2 to ${MAX_EVALUATED} can`);
  }
  const { model, options } = run;
  const questions = calibrationQuestions(model.table.programs, purpose, count, options);
  const pairs = familiarPairs(model, run);
  const readings = readInChunks(
    model,
    questions.map(({ text }) => text),
  );
  return questions.map((question, i) => {
    const evidence = evidenceOf(model.table, pairs, question.text, readings[i]);
    return { question, evidence, right: evidence.answer === question.answer };
  });
}

/** Something with the probability that it is right, and whether it is. */
interface Forecast {
  readonly certainty: number;
  readonly right: boolean;
}

/** The temperature under which the true answers of right questions are likeliest, from 1/8 to 8. */
function fitTemperature(judged: readonly Judged[]): number {
  const loss = (temperature: number) => {
    let sum = 0;
    for (const { question, evidence } of judged) {
      if (question.answer !== undefined) sum -= Math.log(tempered(evidence.distribution, temperature)[question.answer]);
    }
    return sum;
  };
  // The loss is unimodal in 1/T, so a search by thirds in its logarithm closes in on the least.
  let [low, high] = [-Math.log(8), Math.log(8)];
  for (let round = 0; round < 20; round++) {
    const [a, b] = [low + (high - low) / 3, high - (high - low) / 3];
    if (loss(Math.exp(a)) < loss(Math.exp(b))) high = b;
    else low = a;
  }
  return Math.exp((low + high) / 2);
}

/** Steps of the regression, and how large each is: it has four parameters and standardized evidence. */
const FIT_STEPS = 400;
const FIT_RATE = 2;
/** Keeps weights finite where the evidence tells right from wrong without an error. */
const FIT_DECAY = 1e-3;

/** A logistic regression of being right on the evidence, by descent on the mean log loss; weights stay at 0 or above. */
function fitWeights(judged: readonly Judged[], temperature: number): CertaintyWeights {
  const rows = judged.map(({ evidence }) => evidenceNumbers(evidence, temperature));
  const mean = EVIDENCE.map((_, j) => rows.reduce((sum, row) => sum + row[j], 0) / rows.length);
  const deviation = EVIDENCE.map(
    (_, j) => Math.sqrt(rows.reduce((sum, row) => sum + (row[j] - mean[j]) ** 2, 0) / rows.length) || 1,
  );
  const standard = rows.map((row) => row.map((value, j) => (value - mean[j]) / deviation[j]));
  const weights = EVIDENCE.map(() => 0);
  let bias = 0;
  for (let step = 0; step < FIT_STEPS; step++) {
    const gradient = weights.map((weight) => FIT_DECAY * weight);
    let biasGradient = FIT_DECAY * bias;
    standard.forEach((row, i) => {
      const score = row.reduce((sum, value, j) => sum + weights[j] * value, bias);
      const error = (sigmoid(score) - (judged[i].right ? 1 : 0)) / standard.length;
      biasGradient += error;
      row.forEach((value, j) => {
        gradient[j] += error * value;
      });
    });
    bias -= FIT_RATE * biasGradient;
    weights.forEach((weight, j) => {
      weights[j] = Math.max(0, weight - FIT_RATE * gradient[j]);
    });
  }
  return {
    temperature,
    bias: weights.reduce((sum, weight, j) => sum - (weight * mean[j]) / deviation[j], bias),
    weights: weights.map((weight, j) => weight / deviation[j]),
  };
}

/** The lowest threshold above which the share of errors is small enough; 1 if none is. */
export function thresholdFor(forecasts: readonly Forecast[], accuracy: number): number {
  const sorted = [...forecasts].sort((a, b) => b.certainty - a.certainty);
  let threshold = 1;
  let errors = 0;
  sorted.forEach(({ certainty, right }, i) => {
    if (!right) errors++;
    const next = sorted.at(i + 1)?.certainty ?? 0;
    const risk = errors / (i + 1);
    if (next < certainty && risk <= 1 - accuracy) threshold = (certainty + next) / 2;
  });
  return threshold;
}

const BINS = 10;

function reliabilityBins(forecasts: readonly Forecast[]): ReliabilityBin[] {
  const bins = Array.from({ length: BINS }, (): Forecast[] => []);
  for (const forecast of forecasts) bins[Math.min(BINS - 1, Math.floor(forecast.certainty * BINS))].push(forecast);
  return bins.flatMap((bin) => {
    const accuracy = share(bin, ({ right }) => right);
    if (accuracy === undefined) return [];
    const certainty = bin.reduce((sum, forecast) => sum + forecast.certainty, 0) / bin.length;
    return [{ questions: bin.length, certainty, accuracy }];
  });
}

/** The expected calibration error over ten equal bins ("On Calibration of Modern Neural Networks", 2017, equation 3). */
function calibrationError(forecasts: readonly Forecast[]): number {
  return reliabilityBins(forecasts).reduce(
    (sum, { questions, certainty, accuracy }) => sum + (questions / forecasts.length) * Math.abs(certainty - accuracy),
    0,
  );
}

function riskCoverage(forecasts: readonly Forecast[]): { coverage: number; risk: number }[] {
  const sorted = [...forecasts].sort((a, b) => b.certainty - a.certainty);
  let errors = 0;
  return sorted.map(({ right }, i) => {
    if (!right) errors++;
    return { coverage: (i + 1) / sorted.length, risk: errors / (i + 1) };
  });
}

/** The share of those of which something holds; undefined of none. */
function share<T>(all: readonly T[], holds: (one: T) => boolean): number | undefined {
  return all.length === 0 ? undefined : all.filter(holds).length / all.length;
}
