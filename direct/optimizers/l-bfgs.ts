import { dot } from "../linear-algebra.js";
import {
  type Descent,
  freeParameters,
  type LeastSquares,
  type Limits,
  type Linearization,
  negligibleLoss,
  withinBounds,
} from "./optimizer.js";
import { inUnitsOf, unitsAt } from "./units.js";

const remembered = 10;
const sufficientDecrease = 1e-4;
const curvature = 0.9;
const maximumTrials = 50;

interface Pair {
  readonly step: Float64Array;
  readonly change: Float64Array;
  /** 1 / (step · change). */
  readonly inverse: number;
}

/**
 * L-BFGS (Nocedal, "Updating Quasi-Newton Matrices with Limited Storage", 1980) with the bisection line search of Lewis and
 * Overton, "Nonsmooth Optimization via Quasi-Newton Methods" (2013). Steps are projected onto the bounds. Parameters are
 * measured in units of their start.
 */
export function lBfgs(problem: LeastSquares, start: Float64Array, limits: Limits): Descent {
  const units = unitsAt(start, limits);
  const { problem: scaled, limits: box, start: first } = inUnitsOf(units, problem, limits, start);
  let point = first;
  let near = scaled.linearize(point);
  const pairs: Pair[] = [];
  let iterations = 0;
  let idle = 0;
  while (iterations < box.iterations && near.loss > negligibleLoss && Number.isFinite(near.loss)) {
    iterations++;
    const free = freeParameters(point, near.gradient, box);
    const slope = near.gradient.map((x, j) => (free[j] ? x : 0));
    let direction: Float64Array = descent(slope, pairs).map((x, j) => (free[j] ? x : 0));
    if (dot(direction, slope) >= 0) {
      pairs.length = 0;
      direction = descent(slope, pairs);
    }
    if (dot(direction, slope) === 0) break;
    const found = lineSearch(scaled, point, near, direction, box);
    if (!found) {
      if (pairs.length === 0) break;
      pairs.length = 0;
      continue;
    }
    const step = found.point.map((x, j) => x - point[j]);
    const change = found.near.gradient.map((x, j) => x - near.gradient[j]);
    const product = dot(step, change);
    if (product > 1e-14 * dot(change, change)) pairs.push({ step, change, inverse: 1 / product });
    if (pairs.length > remembered) pairs.shift();
    // One short step may be the line search's; several are the end.
    idle = near.loss - found.near.loss <= box.tolerance * near.loss ? idle + 1 : 0;
    ({ point, near } = found);
    if (idle === 3) break;
  }
  return { point: point.map((x, j) => x * units[j]), loss: near.loss, iterations };
}

/** The two-loop recursion: minus the inverse Hessian's estimate times the gradient. */
function descent(gradient: Float64Array, pairs: readonly Pair[]): Float64Array {
  const q = gradient.map((x) => -x);
  const weights: number[] = [];
  for (const { step, change, inverse } of [...pairs].reverse()) {
    const weight = inverse * dot(step, q);
    weights.push(weight);
    for (let j = 0; j < q.length; j++) q[j] -= weight * change[j];
  }
  const last = pairs.at(-1);
  const length = Math.sqrt(dot(gradient, gradient));
  // The first step changes parameters by a tenth of their units, and no more than the gradient says.
  const scale = last ? 1 / (last.inverse * dot(last.change, last.change)) : Math.min(1, 0.1 / length);
  for (let j = 0; j < q.length; j++) q[j] *= scale;
  for (const { step, change, inverse } of pairs) {
    const weight = (weights.pop() ?? 0) - inverse * dot(change, q);
    for (let j = 0; j < q.length; j++) q[j] += weight * step[j];
  }
  return q;
}

/** A point along the direction, projected, with a lower loss; and if that can be had, a slope that has flattened too. */
function lineSearch(
  problem: LeastSquares,
  from: Float64Array,
  near: Linearization,
  direction: Float64Array,
  limits: Limits,
): { point: Float64Array; near: Linearization } | undefined {
  let low = 0;
  let high = Number.POSITIVE_INFINITY;
  let length = 1;
  let best: { point: Float64Array; near: Linearization } | undefined;
  const slope = dot(near.gradient, direction);
  for (let trial = 0; trial < maximumTrials; trial++) {
    const point = withinBounds(
      from.map((x, j) => x + length * direction[j]),
      limits,
    );
    const there = problem.linearize(point);
    const descended = near.gradient.reduce((sum, g, j) => sum + g * (point[j] - from[j]), 0);
    if (!(there.loss <= near.loss + sufficientDecrease * descended && there.loss < near.loss)) {
      high = length;
      if (best) return best;
    } else {
      best = { point, near: there };
      if (dot(there.gradient, direction) >= curvature * slope) return best;
      low = length;
    }
    length = high < Number.POSITIVE_INFINITY ? (low + high) / 2 : 2 * low;
  }
  return best;
}
