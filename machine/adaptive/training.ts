/** Gradient descent on a program's logits, from one start. */
import { adamStep, type Moments, withMoments } from "../../direct/index.js";
import { seededRandom } from "../random-soft-program.js";
import { SoftMachine } from "../soft-machine.js";
import { fieldNames, type SoftMask } from "../soft-program.js";
import { randomly } from "./choices.js";
import { operationNumbers, redrawnProgram, reorderedProgram } from "./edits.js";
import { Glance } from "./glance.js";
import { type LossParts, type LossWeights, totalLoss } from "./loss.js";
import { lossGradient } from "./loss-gradient.js";
import { type AdaptationOptions, checkOptions, defaultAdaptation } from "./options.js";
import {
  type AdaptiveDistributions,
  type AdaptiveGradient,
  type AdaptiveParameters,
  discretise,
  distributionsOf,
  flashParameters,
  genericProgram,
  parametersGradient,
  trainedMask,
} from "./parameters.js";
import { numbersOf, type ProgramNumbers, programFromNumbers } from "./program-numbers.js";
import { prove, type Verdict } from "./proof.js";
import { type AdaptationTask, drawExample, type HardProgram } from "./task.js";

/** A program found, and what a proof says of it. */
export interface Found {
  readonly program: HardProgram;
  readonly verdict: Verdict;
  readonly iteration: number;
  /** Choices in which it differs from the program that its cycle's descent began with: those that descent has changed. */
  readonly changes: number;
}

/** A faster right program come to. */
export interface Improvement {
  readonly iteration: number;
  readonly meanSteps: number;
  /** Choices that descent has changed to come to it; 0 where it was a proposal, or what a cycle began with. */
  readonly changes: number;
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
  /** Cycles before it. */
  readonly cycles: number;
  /** The program that it began from, and the fastest right one then. */
  readonly base: FoundNumbers | undefined;
  readonly best: FoundNumbers | undefined;
  readonly improvements: readonly Improvement[];
}

/** A program found, as plain data. */
export type FoundNumbers = ProgramNumbers & Pick<Found, "iteration" | "changes">;

/** What a proof during training may take; the last one takes what `prove` does. */
const quickProof = { mostRuns: 20_000, samples: 2000 };

/** One start: a generic program's logits, disturbed, and their descent. */
export class Adaptation {
  readonly options: Required<AdaptationOptions> & { readonly weights: LossWeights };
  parameters: AdaptiveParameters;
  iteration = 0;
  /** The fastest program seen that is right; at first the generic one, if that is. */
  best: Found | undefined;
  /** How it was come to. */
  improvements: readonly Improvement[] = [];
  /** The right program that the cycle under way began from, and the fastest other one that it came to. */
  private base: Found | undefined;
  private candidate: Found | undefined;
  private begun: Omit<AdaptationState, "start"> = {
    ...{ iteration: 0, cycles: -1, base: undefined, best: undefined, improvements: [] },
  };
  /** Where descent began, as a hard program. */
  private origin: readonly number[] = [];
  private flashed: AdaptiveDistributions;
  private moments: Moments;
  /** The weights of the cycle under way. */
  private weights: LossWeights;
  private steps: number;
  private readonly mask: SoftMask;
  private readonly glance: Glance;
  private readonly operations: readonly number[];
  private readonly machine: SoftMachine;
  private lastLook = "";
  private lastChange = 0;

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
    this.glance = new Glance(task);
    this.operations = operationNumbers(task);
    this.moments = withMoments(this.parameters.all);
    this.weights = weights;
    this.steps = task.steps;
    this.machine = new SoftMachine(this.flashed.program, { batch, gradientSteps: task.steps, dtype });
    const verdict = prove(task, genericProgram(task), quickProof);
    if (verdict.proved) this.base = { program: genericProgram(task), verdict, iteration: 0, changes: 0 };
    this.best = this.base;
    this.beginCycle();
  }

  /** Flashes a right program, more or less sharply, and disturbs it. */
  private beginCycle(): void {
    const { task, options, base, best, iteration, begun } = this;
    const { sharpness, share, horizon, hurry, weights } = options;
    this.begun = {
      ...{ iteration, cycles: begun.cycles + 1, improvements: this.improvements },
      ...{ base: numbered(task, base), best: numbered(task, best) },
    };
    this.candidate = undefined;
    this.lastLook = "";
    this.lastChange = iteration;
    const random = this.random(-1 - this.begun.cycles);
    const between = ([low, high]: readonly [number, number]) => low + (high - low) * random();
    this.propose(random);
    const from = this.base?.program ?? genericProgram(task);
    const { program, lines } =
      this.reorders && random() < options.edits ? reorderedProgram(task, from, random) : { program: from, lines: [] };
    const hardness = Math.exp(between([Math.log(options.hardness[0]), Math.log(options.hardness[1])]));
    this.parameters = flashParameters({ ...task, ...program }, hardness);
    this.flashed = distributionsOf(task, this.parameters);
    this.soften(
      between(sharpness) / hardness,
      Math.exp(between([Math.log(share[0]), Math.log(share[1])])),
      lines,
      random,
    );
    this.origin = choicesOf(task, discretise(task, this.parameters));
    const factor = Math.exp(between([Math.log(hurry[0]), Math.log(hurry[1])]));
    this.weights = { ...weights, time: weights.time * factor };
    const longest = Math.max(horizon[0], Math.min(horizon[1], this.base?.verdict.mostSteps ?? task.steps, task.steps));
    this.steps = Math.min(task.steps, Math.floor(between([horizon[0], longest + 1])));
    this.moments = withMoments(this.parameters.all);
  }

  /** Whether lines may change their places. */
  private get reorders(): boolean {
    const { lines, fields, constants, entry } = this.options.trained;
    return lines === undefined && fields === undefined && constants !== false && entry !== false;
  }

  /** Goes from the base through proposals to another right program. */
  private propose(random: () => number): void {
    const { base, task, options, mask, operations, glance } = this;
    if (base === undefined) return;
    let { program } = base;
    let steps = glance.steps(program) ?? 0;
    for (let i = 0; i < options.proposals; i++) {
      const reorders = random() < options.reorders && this.reorders;
      const near = reorders ? reorderedProgram(task, program, random).program : program;
      const proposal =
        reorders && random() < 0.5
          ? near
          : redrawnProgram(task, near, { operations, mask, trained: options.trained }, random);
      const taken = glance.steps(proposal);
      if (taken === undefined || taken > steps) continue;
      program = proposal;
      steps = taken;
    }
    if (program === base.program) return;
    const verdict = prove(task, program, quickProof);
    if (!verdict.proved || verdict.meanSteps > base.verdict.meanSteps + 1e-9) return;
    this.base = { program, verdict, iteration: this.iteration, changes: 0 };
    this.keep(this.base);
  }

  /** Takes a right program as the best, if it is faster. */
  private keep(found: Found): void {
    const { iteration, verdict, changes } = found;
    if (this.best !== undefined && !isFaster(verdict, this.best.verdict)) return;
    this.best = found;
    this.improvements = [...this.improvements, { iteration, meanSteps: verdict.meanSteps, changes }];
  }

  /** Takes what the cycle came to as where the next one begins, or not. */
  private endCycle(): void {
    const { base, candidate, options } = this;
    if (candidate === undefined) return;
    const slower = base === undefined ? 0 : candidate.verdict.meanSteps / base.verdict.meanSteps - 1;
    const random = this.random(-1e6 - this.begun.cycles);
    if (slower < 1e-9 || random() < Math.exp(-slower / options.temperature)) this.base = candidate;
  }

  /**
   * Makes a share of the lines, of the constants, and perhaps the first line less sharp, and disturbs them; what is around
   * them stays sharp, so that gradients go through it.
   */
  private soften(factor: number, share: number, lines: readonly number[], random: () => number): void {
    const { parameters, options, task, mask } = this;
    const { trained, noise } = options;
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const softenRow = (row: Float64Array) => {
      for (let i = 0; i < row.length; i++) row[i] = row[i] * factor + noise * normal();
    };
    const byField = random() < options.byField;
    for (let line = 0; line < task.image.lines; line++) {
      const whole = lines.includes(line) || (!byField && random() < share);
      for (const name of fieldNames) {
        const width = parameters.fields[name].length / task.image.lines;
        if (!(whole || (byField && random() < share)) || !mask[name]?.[line]) continue;
        softenRow(parameters.fields[name].subarray(line * width, (line + 1) * width));
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
    { start, iteration, cycles, base, best, improvements }: AdaptationState,
  ): Adaptation {
    const adaptation = new Adaptation(task, options, start);
    const found = (numbers: FoundNumbers | undefined): Found | undefined => {
      if (numbers === undefined) return undefined;
      const program = programFromNumbers(task, numbers);
      const verdict = prove(task, program, quickProof);
      return { program, verdict, iteration: numbers.iteration, changes: numbers.changes };
    };
    adaptation.iteration = iteration;
    adaptation.base = found(base);
    adaptation.best = found(best);
    adaptation.improvements = improvements;
    adaptation.begun = { ...adaptation.begun, cycles: cycles - 1 };
    adaptation.beginCycle();
    return adaptation;
  }

  get state(): AdaptationState {
    return { start: this.start, ...this.begun };
  }

  get done(): boolean {
    const last = this.improvements.at(-1)?.iteration ?? Number.POSITIVE_INFINITY;
    return this.iteration >= Math.min(this.options.iterations, last + this.options.rest);
  }

  /** One iteration of descent. */
  step(): AdaptationProgress {
    const { cycle, patience } = this.options;
    if (this.iteration - this.begun.iteration >= cycle || this.iteration - this.lastChange >= patience) {
      this.endCycle();
      this.beginCycle();
    }
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
    adamStep(this.moments, slopes, options.learningRate, this.iteration - this.begun.iteration + 1);
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

  /** Keeps the program of the likeliest choices if it is right, and faster than any before or any of its cycle. */
  private look(): void {
    const { task, base, candidate, options, glance } = this;
    const program = discretise(task, this.parameters);
    const choices = choicesOf(task, program);
    const key = choices.join();
    if (key === this.lastLook) return;
    if (this.lastLook !== "") this.lastChange = this.iteration;
    this.lastLook = key;
    const steps = glance.steps(program);
    if (steps === undefined) return;
    const slowest = (1.25 + 4 * options.temperature) * (base?.verdict.meanSteps ?? Number.POSITIVE_INFINITY);
    if (steps > slowest || key === choicesOf(task, base?.program).join()) return;
    const verdict = prove(task, program, quickProof);
    if (!verdict.proved) return;
    const changes = choices.reduce((sum, choice, i) => sum + (choice === this.origin[i] ? 0 : 1), 0);
    const found = { program, verdict, iteration: this.iteration, changes };
    if (candidate === undefined || isFaster(verdict, candidate.verdict)) this.candidate = found;
    this.keep(found);
  }
}

/** Whether a program is faster than another, by more than rounding. */
const isFaster = (one: Verdict, other: Verdict) => one.meanSteps < other.meanSteps - 1e-9;

function numbered(task: AdaptationTask, found: Found | undefined): FoundNumbers | undefined {
  if (found === undefined) return undefined;
  const { program, iteration, changes } = found;
  return { ...numbersOf(task, program), iteration, changes };
}

/** Every choice of a program in one list. */
function choicesOf(task: AdaptationTask, program: HardProgram | undefined): readonly number[] {
  if (program === undefined) return [];
  const { fields, constants, entry } = numbersOf(task, program);
  return [...Object.values(fields).flat(), ...constants, entry];
}
