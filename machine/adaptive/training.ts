/** Gradient descent on a program's logits, from one start. */
import { checkWholeNumber } from "../../assembler/index.js";
import { adamStep, type Moments, withMoments } from "../../direct/index.js";
import { SoftmachineError } from "../../scheme/index.js";
import { seededRandom } from "../random-soft-program.js";
import type { SoftDtype } from "../soft-layout.js";
import { SoftMachine } from "../soft-machine.js";
import { fieldNames, type SoftMask } from "../soft-program.js";
import { randomly } from "./choices.js";
import { type LossParts, type LossWeights, totalLoss } from "./loss.js";
import { lossGradient } from "./loss-gradient.js";
import {
  type AdaptiveDistributions,
  type AdaptiveGradient,
  type AdaptiveParameters,
  discretise,
  distributionsOf,
  flashParameters,
  parametersGradient,
  type Trained,
  trainedMask,
} from "./parameters.js";
import { numbersOf, type ProgramNumbers, programFromNumbers } from "./program-numbers.js";
import { prove, runner, type Verdict } from "./proof.js";
import { type AdaptationTask, drawExample, type HardProgram } from "./task.js";

export interface AdaptationOptions {
  readonly iterations?: number;
  /** Examples drawn for each iteration. */
  readonly batch?: number;
  readonly learningRate?: number;
  /**
   * Iterations until the fastest right program so far, at first the generic one, is flashed again and descent begins anew
   * from there: basin hopping (Wales and Doye, 1997) with gradients.
   */
  readonly cycle?: number;
  /** Of the logits that a cycle begins with: the odds of a choice of the program against another are its exponential. */
  readonly hardness?: number;
  /** The share of lines, constants and first lines that a cycle softens; it draws its own. */
  readonly share?: readonly [low: number, high: number];
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
  batch: 8,
  learningRate: 0.2,
  cycle: 150,
  hardness: 6,
  share: [0.1, 1],
  sharpness: [0.5, 4],
  horizon: [5, Number.POSITIVE_INFINITY],
  noise: 1,
  weights: { correctness: 10, confidence: 0, halting: 10, time: 0.1 },
  hurry: [0.2, 5],
  prior: { weight: 0, decay: 0 },
  trained: {},
  checkEvery: 5,
  seed: 1,
  dtype: "float32",
} as const satisfies AdaptationOptions;

/** A program found, and what a proof says of it. */
export interface Found {
  readonly program: HardProgram;
  readonly verdict: Verdict;
  readonly iteration: number;
}

/** What an iteration has seen. */
export interface AdaptationProgress {
  readonly iteration: number;
  readonly loss: number;
  readonly parts: LossParts;
  readonly best: Found | undefined;
}

/** Where a start is, as plain data: `Adaptation.from` goes on with it to the same end. */
export interface AdaptationState {
  readonly start: number;
  /** The iteration that the cycle under way began with: a cycle that was stopped is done again. */
  readonly iteration: number;
  /** The fastest right program when it began. */
  readonly best: (ProgramNumbers & { readonly iteration: number }) | undefined;
}

/** Runs drawn for a look at a program, before a proof. */
const glances = 24;

/** What a proof during training may take; the last one takes what `prove` does. */
const quickProof = { mostRuns: 20_000, samples: 2000 };

/** One start: a generic program's logits, disturbed, and their descent. */
export class Adaptation {
  readonly options: Required<AdaptationOptions> & { readonly weights: LossWeights };
  parameters: AdaptiveParameters;
  iteration = 0;
  /** The fastest program seen that is right. */
  best: Found | undefined;
  /** What `best` was when the cycle under way began. */
  private base: Found | undefined;
  private flashed: AdaptiveDistributions;
  private moments: Moments;
  /** The weights of the cycle under way. */
  private weights: LossWeights;
  private steps: number;
  private readonly mask: SoftMask;
  private readonly machine: SoftMachine;
  private lastLook = "";

  /** @throws SoftmachineError when the task or the options are impossible. */
  constructor(
    readonly task: AdaptationTask,
    options: AdaptationOptions = {},
    readonly start = 0,
  ) {
    const weights = { ...defaultAdaptation.weights, ...options.weights };
    this.options = { ...defaultAdaptation, ...options, weights };
    checkOptions(this.options);
    const { batch, dtype, trained } = this.options;
    this.parameters = flashParameters(task, 0);
    this.flashed = distributionsOf(task, this.parameters);
    this.mask = trainedMask(task.image, trained);
    this.moments = withMoments(this.parameters.all);
    this.weights = weights;
    this.steps = task.steps;
    this.machine = new SoftMachine(this.flashed.program, { batch, gradientSteps: task.steps, dtype });
    this.beginCycle();
  }

  /** Flashes the fastest right program, more or less sharply, and disturbs it. */
  private beginCycle(): void {
    const { task, options, best } = this;
    const { cycle, sharpness, hardness, share, horizon, hurry, weights } = options;
    this.base = best;
    this.lastLook = "";
    const random = this.random(-1 - Math.floor(this.iteration / cycle));
    const between = ([low, high]: readonly [number, number]) => low + (high - low) * random();
    this.parameters = flashParameters({ ...task, ...best?.program }, hardness);
    this.flashed = distributionsOf(task, this.parameters);
    this.soften(between(sharpness) / hardness, between(share), random);
    const factor = Math.exp(between([Math.log(hurry[0]), Math.log(hurry[1])]));
    this.weights = { ...weights, time: weights.time * factor };
    this.steps = Math.floor(between([horizon[0], Math.min(horizon[1], task.steps) + 1]));
    this.moments = withMoments(this.parameters.all);
  }

  /**
   * Makes a share of the lines, of the constants, and perhaps the first line less sharp, and disturbs them; what is around
   * them stays sharp, so that gradients go through it.
   */
  private soften(factor: number, share: number, random: () => number): void {
    const { parameters, options, task, mask } = this;
    const { trained, noise } = options;
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const softenRow = (row: Float64Array) => {
      for (let i = 0; i < row.length; i++) row[i] = row[i] * factor + noise * normal();
    };
    for (let line = 0; line < task.image.lines; line++) {
      if (random() >= share) continue;
      for (const name of fieldNames) {
        const width = parameters.fields[name].length / task.image.lines;
        if (mask[name]?.[line]) softenRow(parameters.fields[name].subarray(line * width, (line + 1) * width));
      }
    }
    const { n } = task.image;
    for (let row = 0; row < parameters.constants.length; row += n) {
      if (trained.constants !== false && random() < share) softenRow(parameters.constants.subarray(row, row + n));
    }
    if (trained.entry !== false && random() < share) softenRow(parameters.entry);
  }

  /** Goes on with a start, on the same task and with the same options, to the same end as if it had not stopped. */
  static from(
    task: AdaptationTask,
    options: AdaptationOptions,
    { start, iteration, best }: AdaptationState,
  ): Adaptation {
    const adaptation = new Adaptation(task, options, start);
    adaptation.iteration = iteration;
    if (best !== undefined) {
      const program = programFromNumbers(task, best);
      adaptation.best = { program, iteration: best.iteration, verdict: prove(task, program, quickProof) };
    }
    adaptation.beginCycle();
    return adaptation;
  }

  get state(): AdaptationState {
    const { start, base, options, iteration } = this;
    return {
      start,
      iteration: options.cycle * Math.max(0, Math.ceil(iteration / options.cycle) - 1),
      best: base && { ...numbersOf(this.task, base.program), iteration: base.iteration },
    };
  }

  get done(): boolean {
    return this.iteration >= this.options.iterations;
  }

  /** One iteration of descent. */
  step(): AdaptationProgress {
    if (this.iteration > 0 && this.iteration % this.options.cycle === 0) this.beginCycle();
    const { task, options, machine, parameters, weights } = this;
    const choose = randomly(this.random(1 + this.iteration));
    const examples = Array.from({ length: options.batch }, () => drawExample(task, choose));
    const { distributions, gradient, parts } = lossGradient(task, machine, {
      parameters,
      examples,
      weights,
      steps: this.steps,
      mask: this.mask,
      trained: options.trained,
    });
    this.addPrior(distributions, gradient);
    const slopes = parametersGradient(task, distributions, gradient);
    adamStep(this.moments, slopes, options.learningRate, (this.iteration % options.cycle) + 1);
    this.iteration++;
    if (this.iteration % options.checkEvery === 0 || this.done) this.look();
    return { iteration: this.iteration, loss: totalLoss(weights, parts), parts, best: this.best };
  }

  /** What is random in an iteration, or at the start: independent of how it was come to. */
  private random(purpose: number): () => number {
    const { seed } = this.options;
    return seededRandom(
      Math.imul(seed, 0x9e3779b1) ^ Math.imul(this.start + 1, 0x85ebca6b) ^ Math.imul(purpose, 0xc2b2ae35),
    );
  }

  private addPrior({ program, constants, entry }: AdaptiveDistributions, gradient: AdaptiveGradient): void {
    const { prior, trained } = this.options;
    const weight = prior.weight / (1 + prior.decay * this.iteration);
    if (weight === 0) return;
    const pull = (to: Float64Array, p: Float64Array, first: Float64Array, on: (i: number) => boolean) => {
      for (let i = 0; i < p.length; i++) if (on(i)) to[i] += 2 * weight * (p[i] - first[i]);
    };
    for (const name of fieldNames) {
      const width = program[name].length / program.lines;
      const isTrained = (i: number) => Boolean(this.mask[name]?.[Math.floor(i / width)]);
      pull(gradient.fields[name], program[name], this.flashed.program[name], isTrained);
    }
    pull(gradient.constants, constants, this.flashed.constants, () => trained.constants !== false);
    pull(gradient.entry, entry, this.flashed.entry, () => trained.entry !== false);
  }

  /** Keeps the program of the likeliest choices, if it is right, and faster than any before. */
  private look(): void {
    const program = discretise(this.task, this.parameters);
    const key = JSON.stringify(numbersOf(this.task, program));
    if (key === this.lastLook) return;
    this.lastLook = key;
    const run = runner(this.task, program);
    const choose = randomly(seededRandom(1));
    let steps = 0;
    for (let i = 0; i < glances; i++) {
      const ending = run(choose);
      if (ending.failure !== undefined) return;
      steps += ending.steps;
    }
    if (this.best !== undefined && steps / glances > 1.25 * this.best.verdict.meanSteps) return;
    const verdict = prove(this.task, program, quickProof);
    if (!verdict.proved || (this.best !== undefined && verdict.meanSteps > this.best.verdict.meanSteps - 1e-9)) return;
    this.best = { program, verdict, iteration: this.iteration };
  }
}

function checkOptions(options: Required<AdaptationOptions>): void {
  checkWholeNumber("the iterations", options.iterations, 1);
  checkWholeNumber("the batch", options.batch, 1);
  checkWholeNumber("the iterations of a cycle", options.cycle, 1);
  checkWholeNumber("the iterations between looks", options.checkEvery, 1);
  for (const [what, value] of Object.entries({
    ...{ "learning rate": options.learningRate, noise: options.noise, hardness: options.hardness },
    ...{ "least share": options.share[0], "greatest share": options.share[1] },
    ...{ "least sharpness": options.sharpness[0], "greatest sharpness": options.sharpness[1] },
    ...{ "least hurry": options.hurry[0], "greatest hurry": options.hurry[1] },
    ...options.weights,
  })) {
    if (!Number.isFinite(value) || value < 0)
      throw new SoftmachineError(`the ${what} must be a number of at least 0; got ${value}`);
  }
}
