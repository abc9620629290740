/** When held-out accuracy has stopped getting better, and which measurement was the best. */
import type { Measurement } from "./run.js";

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
