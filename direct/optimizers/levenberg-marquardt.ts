import { dot, norm, scaled, singularValueDecomposition, triangularize } from "../linear-algebra.js";
import {
  type Descent,
  freeParameters,
  type LeastSquares,
  type Limits,
  negligibleLoss,
  withinBounds,
} from "./optimizer.js";

const hopelessDamping = 1e16;

/**
 * Levenberg and Marquardt's method: Gauss-Newton steps, damped while they do not help. Columns are scaled as in Moré,
 * "The Levenberg-Marquardt Algorithm" (1978); the damping follows Nielsen, "Damping Parameter in Marquardt's Method"
 * (1999). A parameter at a bound that descent would push it through stays there for the step.
 */
export function levenbergMarquardt(problem: LeastSquares, start: Float64Array, limits: Limits): Descent {
  let point = start;
  let near = problem.linearize(point);
  let damping = 1e-3;
  const scales = new Float64Array(start.length);
  let iterations = 0;
  while (iterations < limits.iterations && near.loss > negligibleLoss && Number.isFinite(near.loss)) {
    iterations++;
    for (const [j, column] of near.jacobian.entries()) scales[j] = Math.max(scales[j], norm(column));
    const mayMove = freeParameters(point, near.gradient, limits);
    const moving = [...point.keys()].filter((j) => mayMove[j] && scales[j] > 0);
    if (moving.length === 0) break;
    const columns = moving.map((j) => scaled(near.jacobian[j], 1 / scales[j]));
    const { columns: triangle, head } = triangularize(columns, near.residuals);
    const { values, right, left } = singularValueDecomposition(triangle);
    const along = left.map((vector) => dot(vector, head));
    let growth = 2;
    let next: Float64Array | undefined;
    let predicted = 0;
    let reached = near.loss;
    while (damping < hopelessDamping) {
      const step = new Float64Array(moving.length);
      predicted = 0;
      for (const [k, s] of values.entries()) {
        const denominator = s * s + damping;
        for (let i = 0; i < step.length; i++) step[i] -= (right[k][i] * s * along[k]) / denominator;
        predicted += along[k] ** 2 * (1 - (damping / denominator) ** 2);
      }
      const trial = point.slice();
      for (const [i, j] of moving.entries()) trial[j] += step[i] / scales[j];
      const candidate = withinBounds(trial, limits);
      reached = problem.loss(candidate);
      if (reached < near.loss) {
        const gain = (near.loss - reached) / predicted;
        damping = Math.max(1e-16, damping * Math.max(1 / 3, 1 - (2 * gain - 1) ** 3));
        next = candidate;
        break;
      }
      if (predicted <= limits.tolerance * near.loss) break;
      damping *= growth;
      growth *= 2;
    }
    if (!next) break;
    const small = Math.max(predicted, near.loss - reached) <= limits.tolerance * near.loss;
    const ahead = problem.linearize(next);
    if (!Number.isFinite(ahead.loss)) break;
    point = next;
    near = ahead;
    if (small) break;
  }
  return { point, loss: near.loss, iterations };
}
