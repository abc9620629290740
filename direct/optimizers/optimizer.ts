/** A sum of squares near a point: its value, slope, and the residuals with their Jacobian. */
export interface Linearization {
  /** Σ residual²; infinite where a residual or a slope is not a finite number. */
  readonly loss: number;
  /** ∂loss/∂parameter. */
  readonly gradient: Float64Array;
  readonly residuals: Float64Array;
  /** ∂residual/∂parameter: for each parameter a column as long as `residuals`. */
  readonly jacobian: readonly Float64Array[];
}

/** A sum of squares over parameters. Losses are divided by the weighted squares of the data, so that 1 is a bad fit. */
export interface LeastSquares {
  loss(point: Float64Array): number;
  linearize(point: Float64Array): Linearization;
}

export interface Limits {
  /** Bounds, infinite where there are none. */
  readonly low: Float64Array;
  readonly high: Float64Array;
  readonly iterations: number;
  /** Relative reduction of the loss that is not worth another iteration. */
  readonly tolerance: number;
}

/** Where an optimizer ended. */
export interface Descent {
  readonly point: Float64Array;
  readonly loss: number;
  readonly iterations: number;
}

/** A loss that only rounding is left of. */
export const negligibleLoss = 1e-30;

/** The nearest point within the bounds. */
export function withinBounds(point: Float64Array, { low, high }: Limits): Float64Array {
  return point.map((x, j) => Math.min(high[j], Math.max(low[j], x)));
}

/** Whether each parameter may move: not where it is at a bound that descent would push it through. */
export function freeParameters(point: Float64Array, gradient: Float64Array, { low, high }: Limits): boolean[] {
  return Array.from(point, (x, j) => !((x <= low[j] && gradient[j] > 0) || (x >= high[j] && gradient[j] < 0)));
}
