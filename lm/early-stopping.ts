/** When held-out accuracy has stopped getting better, and which measurement was the best. */
import type { TrainOptions } from "./options.js";
import type { Measurement } from "./run.js";
import type { Split } from "./sentences.js";

/**
 * The unseen templates that measurements ask, and those of a test: other ones, where measurements decide when training
 * ends or which model is kept.
 */
export function templateSplits({ patience, target }: Pick<TrainOptions, "patience" | "target">) {
  const all = { measured: "held-out templates", tested: "held-out templates" } as const;
  const parts = { measured: "calibration templates", tested: "test templates" } as const;
  return (patience > 0 || target <= 1 ? parts : all) satisfies Record<string, Split>;
}

/** Whether `a` is better than `b`: by the lower of its two accuracies, then by the higher. */
function isBetter(a: Measurement, b: Measurement): boolean {
  const [low, lowOther] = [a, b].map(({ operands, templates }) => Math.min(operands, templates));
  const [high, highOther] = [a, b].map(({ operands, templates }) => Math.max(operands, templates));
  return low > lowOther || (low === lowOther && high > highOther);
}

/** Whether the latest measurement is better than each before it. */
export function isBest(measurements: readonly Measurement[]): boolean {
  const latest = measurements.at(-1);
  return latest !== undefined && measurements.slice(0, -1).every((earlier) => isBetter(latest, earlier));
}

/** Measurements since either accuracy was last above all that it had been before, or one was the best so far. */
export function measurementsSinceBetter(measurements: readonly Measurement[]): number {
  let since = 0;
  let best: Measurement | undefined;
  let [operands, templates] = [-1, -1];
  for (const measurement of measurements) {
    const isNewBest = best === undefined || isBetter(measurement, best);
    if (isNewBest) best = measurement;
    since = isNewBest || measurement.operands > operands || measurement.templates > templates ? 0 : since + 1;
    operands = Math.max(operands, measurement.operands);
    templates = Math.max(templates, measurement.templates);
  }
  return since;
}
