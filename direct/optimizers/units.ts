import type { LeastSquares, Limits } from "./optimizer.js";

/** A unit for each parameter: its size at the start, or where that is 0 half the width of its bounds, or else 1. */
export function unitsAt(start: Float64Array, { low, high }: Limits): Float64Array {
  return start.map((x, j) => {
    const width = (high[j] - low[j]) / 2;
    return Math.abs(x) || (Number.isFinite(width) && width) || 1;
  });
}

/** A problem over parameters that are measured in units of their own. */
export function inUnitsOf(
  units: Float64Array,
  problem: LeastSquares,
  limits: Limits,
  start: Float64Array,
): { problem: LeastSquares; limits: Limits; start: Float64Array } {
  const absolute = (point: Float64Array) => point.map((x, j) => x * units[j]);
  const relative = (point: Float64Array) => point.map((x, j) => x / units[j]);
  return {
    problem: {
      loss: (point) => problem.loss(absolute(point)),
      linearize: (point) => {
        const near = problem.linearize(absolute(point));
        return { ...near, gradient: absolute(near.gradient) };
      },
    },
    limits: { ...limits, low: relative(limits.low), high: relative(limits.high) },
    start: relative(start),
  };
}
