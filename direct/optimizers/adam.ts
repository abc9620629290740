import { type AdamSettings, adamStep, withMoments } from "./adam-step.js";
import { type Descent, type LeastSquares, type Limits, negligibleLoss, withinBounds } from "./optimizer.js";
import { inUnitsOf, unitsAt } from "./units.js";

/** Gradients here are exact, and small near a good fit: next to nothing is added to their size. */
const settings: AdamSettings = { beta1: 0.9, beta2: 0.999, epsilon: 1e-12 };

/**
 * Adam on all rows at once, its learning rate falling to 0 as half a cosine over the iterations. Parameters are measured in
 * units of their start, so that the rate is a share of them; steps are projected onto the bounds. The best point seen is
 * where it ends.
 */
export function adam(
  problem: LeastSquares,
  start: Float64Array,
  limits: Limits & { readonly learningRate: number },
): Descent {
  const units = unitsAt(start, limits);
  const { problem: scaled, limits: box, start: first } = inUnitsOf(units, problem, limits, start);
  const moments = withMoments(first.slice());
  let near = scaled.linearize(first);
  let best = { point: first, loss: near.loss };
  let iterations = 0;
  while (iterations < limits.iterations && near.loss > negligibleLoss && Number.isFinite(near.loss)) {
    const rate = (limits.learningRate * (1 + Math.cos((Math.PI * iterations) / limits.iterations))) / 2;
    iterations++;
    adamStep(moments, near.gradient, rate, iterations, settings);
    const point = withinBounds(moments.value, box);
    moments.value.set(point);
    near = scaled.linearize(point);
    if (near.loss < best.loss) best = { point, loss: near.loss };
  }
  return { point: best.point.map((x, j) => x * units[j]), loss: best.loss, iterations };
}
