/** Gradient descent on a program's logits, from one start. */
import { checkWholeNumber, type Image } from "../../assembler/index.js";
import { SoftmachineError } from "../../scheme/index.js";
import { entryOf } from "../exact.js";
import { seededRandom } from "../random-soft-program.js";
import type { SoftDtype } from "../soft-layout.js";
import { SoftMachine } from "../soft-machine.js";
import { fieldNames, type SoftFields, type SoftMask } from "../soft-program.js";
import { Adam, type AdamState } from "./adam.js";
import { randomly } from "./choices.js";
import { type LossParts, type LossWeights, lossOf, totalLoss } from "./loss.js";
import {
  type AdaptiveDistributions,
  type AdaptiveParameters,
  discretise,
  distributionsOf,
  flashParameters,
  parametersGradient,
  type Trained,
  trainedMask,
} from "./parameters.js";
import { prove, runner, type Verdict } from "./proof.js";
import { type AdaptationTask, type DrawnExample, drawExample, type HardProgram } from "./task.js";

export interface AdaptationOptions {
  readonly iterations?: number;
  /** Examples drawn for each iteration. */
  readonly batch?: number;
  readonly learningRate?: number;
  /** Of the logits to start from: the odds of a choice of the generic program against another are its exponential. */
  readonly sharpness?: number;
  /** Standard deviation of what is added to the logits at the start, so that starts differ. */
  readonly noise?: number;
  readonly weights?: Partial<LossWeights>;
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
  iterations: 2000,
  batch: 8,
  learningRate: 0.1,
  sharpness: 4,
  noise: 0.5,
  weights: { correctness: 1, confidence: 1, halting: 5, time: 0.05 },
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

/** Where a start is, as plain numbers: `Adaptation.from` goes on with it to the same end. */
export interface AdaptationState {
  readonly start: number;
  readonly iteration: number;
  /** The logits; null is minus infinity, which JSON does not have. */
  readonly logits: readonly (number | null)[];
  readonly optimizer: AdamState;
  readonly best:
    | {
        readonly fields: Record<keyof SoftFields, readonly number[]>;
        readonly constants: readonly number[];
        readonly iteration: number;
      }
    | undefined;
}

/** Runs drawn for a look at a program, before a proof. */
const glances = 24;

/** What a proof during training may take; the last one takes what `prove` does. */
const quickProof = { mostRuns: 20_000, samples: 2000 };

/** One start: a generic program's logits, disturbed, and their descent. */
export class Adaptation {
  readonly options: Required<AdaptationOptions> & { readonly weights: LossWeights };
  readonly parameters: AdaptiveParameters;
  iteration = 0;
  /** The fastest program seen that is right. */
  best: Found | undefined;
  private readonly flashed: AdaptiveDistributions;
  private readonly adam: Adam;
  private readonly mask: SoftMask;
  private readonly machine: SoftMachine;
  private readonly line: number;
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
    const { sharpness, noise, batch, dtype, trained, learningRate } = this.options;
    this.parameters = flashParameters(task, sharpness);
    this.flashed = distributionsOf(task, this.parameters);
    this.mask = trainedMask(task.image, trained);
    this.disturb(noise);
    this.adam = new Adam(this.parameters.all.length, learningRate);
    this.line = entryOf(task.image, task.program).line;
    const first = distributionsOf(task, this.parameters).program;
    this.machine = new SoftMachine(first, { batch, gradientSteps: task.steps, dtype });
  }

  /** Goes on with a start. */
  static from(task: AdaptationTask, options: AdaptationOptions, state: AdaptationState): Adaptation {
    const adaptation = new Adaptation(task, options, state.start);
    const { parameters } = adaptation;
    if (state.logits.length !== parameters.all.length)
      throw new SoftmachineError(`the state is of another program than "${task.program}"`);
    parameters.all.set(state.logits.map((x) => x ?? Number.NEGATIVE_INFINITY));
    adaptation.adam.restore(state.optimizer);
    adaptation.iteration = state.iteration;
    if (state.best !== undefined) {
      const { fields, constants, iteration } = state.best;
      const { op, a, b, out, k } = fields;
      const program = {
        image: {
          ...task.image,
          instructions: {
            op: Uint8Array.from(op),
            a: Uint8Array.from(a),
            b: Uint8Array.from(b),
            out: Uint8Array.from(out),
            k: Uint16Array.from(k),
          },
        },
        constants,
      };
      adaptation.best = { program, iteration, verdict: prove(task, program, quickProof) };
    }
    return adaptation;
  }

  get state(): AdaptationState {
    const { start, iteration, parameters, adam, best } = this;
    const fields = (image: Image) =>
      Object.fromEntries(fieldNames.map((name) => [name, [...image.instructions[name]]])) as Record<
        keyof SoftFields,
        number[]
      >;
    return {
      start,
      iteration,
      logits: [...parameters.all].map((x) => (Number.isFinite(x) ? x : null)),
      optimizer: adam.state,
      best: best && {
        fields: fields(best.program.image),
        constants: best.program.constants,
        iteration: best.iteration,
      },
    };
  }

  get done(): boolean {
    return this.iteration >= this.options.iterations;
  }

  /** One iteration of descent. */
  step(): AdaptationProgress {
    const { task, options, machine, parameters } = this;
    const distributions = distributionsOf(task, parameters);
    machine.load(distributions.program);
    const choose = randomly(this.random(1 + this.iteration));
    const examples = Array.from({ length: options.batch }, () => drawExample(task, choose));
    this.setInputs(examples, distributions.constants);
    machine.forward({ steps: task.steps }, true);
    const { parts, expectedSteps } = lossOf(machine, examples, options.weights);
    machine.backward({ program: this.mask, expectedSteps });
    const gradient = {
      fields: machine.takeProgramGradient() ?? distributions.program,
      constants: this.constantsGradient(examples),
    };
    this.addPrior(distributions, gradient);
    this.adam.step(parameters.all, parametersGradient(task, distributions, gradient));
    this.iteration++;
    if (this.iteration % options.checkEvery === 0 || this.done) this.look();
    return { iteration: this.iteration, loss: totalLoss(options.weights, parts), parts, best: this.best };
  }

  private disturb(noise: number): void {
    const { parameters, options, task } = this;
    const random = this.random(0);
    const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    for (const name of fieldNames) {
      const field = parameters.fields[name];
      const width = field.length / task.image.lines;
      field.forEach((_, i) => {
        const disturbance = noise * normal();
        if (this.mask[name]?.[Math.floor(i / width)]) field[i] += disturbance;
      });
    }
    if (options.trained.constants === false) return;
    parameters.constants.forEach((_, i) => {
      parameters.constants[i] += noise * normal();
    });
  }

  /** What is random in an iteration, or at the start: independent of how it was come to. */
  private random(purpose: number): () => number {
    const { seed } = this.options;
    return seededRandom(
      Math.imul(seed, 0x9e3779b1) ^ Math.imul(this.start + 1, 0x85ebca6b) ^ Math.imul(purpose, 0xc2b2ae35),
    );
  }

  private setInputs(examples: readonly DrawnExample[], constants: Float64Array): void {
    const { inputs, layout } = this.machine;
    const { n, registers, memorySize, lines } = layout.shape;
    inputs.registers.fill(0);
    inputs.memory.fill(0);
    inputs.counter.fill(0);
    examples.forEach(({ operands, memory }, row) => {
      const at = row * registers;
      operands.forEach((value, r) => {
        inputs.registers[(at + r) * n + value] = 1;
      });
      inputs.registers.set(constants, (at + operands.length) * n);
      for (let r = operands.length + constants.length / n; r < registers; r++) inputs.registers[(at + r) * n] = 1;
      memory.forEach((value, cell) => {
        inputs.memory[(row * memorySize + cell) * n + value] = 1;
      });
      inputs.counter[row * lines + this.line] = 1;
    });
  }

  private constantsGradient(examples: readonly DrawnExample[]): Float64Array {
    const { gradients, layout } = this.machine;
    const { n, registers } = layout.shape;
    const sum = new Float64Array(this.parameters.constants.length);
    if (this.options.trained.constants === false) return sum;
    examples.forEach(({ operands }, row) => {
      const from = (row * registers + operands.length) * n;
      for (let i = 0; i < sum.length; i++) sum[i] += gradients.registers[from + i];
    });
    return sum;
  }

  private addPrior(
    { program, constants }: AdaptiveDistributions,
    gradient: { readonly fields: SoftFields; readonly constants: Float64Array },
  ): void {
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
  }

  /** Keeps the program of the likeliest choices, if it is right, and faster than any before. */
  private look(): void {
    const program = discretise(this.task, this.parameters);
    const { op, a, b, out, k } = program.image.instructions;
    const key = [op, a, b, out, k, program.constants].join(";");
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
    if (!verdict.proved || (this.best !== undefined && verdict.meanSteps >= this.best.verdict.meanSteps)) return;
    this.best = { program, verdict, iteration: this.iteration };
  }
}

function checkOptions(options: Required<AdaptationOptions>): void {
  checkWholeNumber("the iterations", options.iterations, 1);
  checkWholeNumber("the batch", options.batch, 1);
  checkWholeNumber("the iterations between looks", options.checkEvery, 1);
  for (const [what, value] of Object.entries({
    ...{ "learning rate": options.learningRate, sharpness: options.sharpness, noise: options.noise },
    ...options.weights,
  })) {
    if (!Number.isFinite(value) || value < 0)
      throw new SoftmachineError(`the ${what} must be a number of at least 0; got ${value}`);
  }
}
