/** The loss that adapts a program, and its cotangents ("Adaptive Neural Compilation", Bunel et al., 2016, section 3). */
import type { SoftMachine } from "../soft-machine.js";
import type { DrawnExample } from "./task.js";

/** How much each part counts; the Greek letters are those of the paper's code. */
export interface LossWeights {
  /** α: the squared distance of the read-out from what is wanted, over the cells that count. */
  readonly correctness: number;
  /**
   * β: the probability of a cell to be wrong when the machine halts, summed over the cells that count. It is linear in
   * the read-out, a mixture over halting times, and so the expectation over these of each one's error.
   */
  readonly confidence: number;
  /** δ: the probability of not having halted at the end. */
  readonly halting: number;
  /** γ: the expected number of steps. */
  readonly time: number;
}

/** Each part of the loss, unweighted, averaged over a batch. */
export type LossParts = { readonly [Part in keyof LossWeights]: number };

/** The weighted sum. */
export const totalLoss = (weights: LossWeights, parts: LossParts): number =>
  weights.correctness * parts.correctness +
  weights.confidence * parts.confidence +
  weights.halting * parts.halting +
  weights.time * parts.time;

/** The parts of the loss of a machine's last run, a row for each example; the cotangents are set for its way back. */
export function lossOf(
  machine: SoftMachine,
  examples: readonly DrawnExample[],
  weights: LossWeights,
): { parts: LossParts; expectedSteps: number } {
  const { n, memorySize, registers } = machine.layout.shape;
  const { results, cotangents } = machine;
  const share = 1 / examples.length;
  cotangents.registers.fill(0);
  cotangents.memory.fill(0);
  cotangents.counter.fill(0);
  cotangents.halted.fill(-weights.halting * share);
  let [correctness, confidence, halting, time] = [0, 0, 0, 0];
  examples.forEach((example, row) => {
    const count = (from: typeof results.memory, to: typeof cotangents.memory, start: number, value: number) => {
      confidence += 1 - from[start + value];
      for (let i = 0; i < n; i++) {
        const difference = from[start + i] - (i === value ? 1 : 0);
        correctness += difference * difference;
        to[start + i] += 2 * weights.correctness * share * difference;
      }
      to[start + value] -= weights.confidence * share;
    };
    for (const [cell, value] of example.cells)
      count(results.memory, cotangents.memory, (row * memorySize + cell) * n, value);
    if (example.result !== undefined)
      count(results.registers, cotangents.registers, row * registers * n, example.result);
    halting += 1 - results.halted[row];
    time += machine.expectedSteps[row];
  });
  const parts = {
    correctness: correctness * share,
    confidence: confidence * share,
    halting: halting * share,
    time: time * share,
  };
  return { parts, expectedSteps: weights.time * share };
}
