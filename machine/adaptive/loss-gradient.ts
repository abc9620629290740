import type { SoftMachine } from "../soft-machine.js";
import type { SoftMask } from "../soft-program.js";
import { type LossParts, type LossWeights, lossOf } from "./loss.js";
import {
  type AdaptiveDistributions,
  type AdaptiveGradient,
  type AdaptiveParameters,
  distributionsOf,
  type Trained,
} from "./parameters.js";
import type { AdaptationTask, DrawnExample } from "./task.js";

/** What a loss is of. */
export interface LossOf {
  readonly parameters: AdaptiveParameters;
  /** As many as the machine has rows. */
  readonly examples: readonly DrawnExample[];
  readonly weights: LossWeights;
  readonly steps: number;
  /** The fields of lines whose gradient is wanted. */
  readonly mask: SoftMask;
  readonly trained: Trained;
}

/** The loss of parameters on examples, averaged over these, and its gradient with respect to their distributions. */
export function lossGradient(
  task: AdaptationTask,
  machine: SoftMachine,
  { parameters, examples, weights, steps, mask, trained }: LossOf,
): { parts: LossParts; distributions: AdaptiveDistributions; gradient: AdaptiveGradient } {
  const distributions = distributionsOf(task, parameters);
  machine.load(distributions.program);
  setInputs(machine, examples, distributions);
  machine.forward({ steps }, true);
  const { parts, expectedSteps } = lossOf(machine, examples, weights);
  machine.backward({ program: mask, expectedSteps });
  const { constants, entry } = parameters;
  const gradient = {
    fields: machine.takeProgramGradient() ?? distributions.program,
    constants: new Float64Array(constants.length),
    entry: new Float64Array(entry.length),
  };
  if (trained.constants !== false) addConstantsGradient(machine, examples, gradient.constants);
  if (trained.entry !== false) {
    machine.gradients.counter.forEach((g: number, i: number) => {
      gradient.entry[i % entry.length] += g;
    });
  }
  return { parts, distributions, gradient };
}

function setInputs(
  { inputs, layout }: SoftMachine,
  examples: readonly DrawnExample[],
  { constants, entry }: AdaptiveDistributions,
): void {
  const { n, registers, memorySize, lines } = layout.shape;
  inputs.registers.fill(0);
  inputs.memory.fill(0);
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
    inputs.counter.set(entry, row * lines);
  });
}

function addConstantsGradient(
  { gradients, layout }: SoftMachine,
  examples: readonly DrawnExample[],
  to: Float64Array,
): void {
  const { n, registers } = layout.shape;
  examples.forEach(({ operands }, row) => {
    const from = (row * registers + operands.length) * n;
    for (let i = 0; i < to.length; i++) to[i] += gradients.registers[from + i];
  });
}
