import { type Descent, type LeastSquares, type Limits, negligibleLoss, withinBounds } from "./optimizer.js";
import { inUnitsOf, unitsAt } from "./units.js";

const firstDecay = 0.9;
const secondDecay = 0.999;
const epsilon = 1e-12;

/**
 * Adam (Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2015) on all rows at once, its learning rate falling to
 * 0 as half a cosine over the iterations. Parameters are measured in units of their start, so that the rate is a share of
 * them; steps are projected onto the bounds. The best point seen is where it ends.
 */
export function adam(
  problem: LeastSquares,
  start: Float64Array,
  limits: Limits & { readonly learningRate: number },
): Descent {
  const units = unitsAt(start, limits);
  const { problem: scaled, limits: box, start: first } = inUnitsOf(units, problem, limits, start);
  let point = first;
  let near = scaled.linearize(point);
  let best = { point, loss: near.loss };
  const mean = new Float64Array(start.length);
  const square = new Float64Array(start.length);
  let iterations = 0;
  while (iterations < limits.iterations && near.loss > negligibleLoss && Number.isFinite(near.loss)) {
    const rate = (limits.learningRate * (1 + Math.cos((Math.PI * iterations) / limits.iterations))) / 2;
    iterations++;
    const moved = point.slice();
    for (const [j, g] of near.gradient.entries()) {
      mean[j] += (1 - firstDecay) * (g - mean[j]);
      square[j] += (1 - secondDecay) * (g * g - square[j]);
      const unbiased = mean[j] / (1 - firstDecay ** iterations);
      moved[j] -= (rate * unbiased) / (Math.sqrt(square[j] / (1 - secondDecay ** iterations)) + epsilon);
    }
    point = withinBounds(moved, box);
    near = scaled.linearize(point);
    if (near.loss < best.loss) best = { point, loss: near.loss };
  }
  return { point: best.point.map((x, j) => x * units[j]), loss: best.loss, iterations };
}
