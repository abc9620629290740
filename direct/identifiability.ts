import { dot, norm, scaled, singularValueDecomposition, triangularize } from "./linear-algebra.js";
import type { DirectModule } from "./module.js";
import { freeParameters, type Limits, type Linearization } from "./optimizers/optimizer.js";

/** Share of the target that a parameter must move, when it changes by its own size, to have an effect. */
const leastEffect = 1e-10;
/** Ratio of singular values of the Jacobian, its columns of length 1, below which columns are nearly dependent. */
const nearlyDependent = 1e-4;
/** The same ratio where nothing but rounding tells them apart. */
const dependent = 1e-9;
/** Share of a unit vector that counts as taking part in it. */
const participation = 0.1;
/** Largest relative offset that is at the minimum, to what the data can tell. */
const convergedOffset = 1e-3;
type Dtype = DirectModule["dtype"];
/** Shares of the data's squares that are rounding, in the program's own arithmetic. */
const rounding: Readonly<Record<Dtype, number>> = { float64: 1e-26, float32: 1e-12 };

/** What the Jacobian at a minimum says of the parameters, by their index. */
export interface Identifiability {
  /** Square roots of the diagonal of (JᵀJ)⁻¹; infinite where a parameter is not determined. */
  readonly spreads: Float64Array;
  readonly flat: readonly number[];
  /** Sets of parameters of which only combinations are determined. */
  readonly collinear: readonly (readonly number[])[];
}

export function identifiability(near: Linearization, point: Float64Array): Identifiability {
  const lengths = Float64Array.from(near.jacobian, norm);
  const flat = [...lengths.keys()].filter((j) => !(lengths[j] * Math.max(Math.abs(point[j]), 1) > leastEffect));
  const shaped = [...lengths.keys()].filter((j) => !flat.includes(j));
  const spreads = new Float64Array(point.length).fill(Number.POSITIVE_INFINITY);
  if (shaped.length === 0) return { spreads, flat, collinear: [] };
  const columns = shaped.map((j) => scaled(near.jacobian[j], 1 / lengths[j]));
  const { values, right } = singularValueDecomposition(triangularize(columns, near.residuals).columns);
  const largest = values.reduce((a, b) => Math.max(a, b));
  const weak = [...values.keys()].filter((k) => values[k] < nearlyDependent * largest);
  for (const [i, j] of shaped.entries()) {
    let variance = 0;
    for (const [k, value] of values.entries())
      if (value >= dependent * largest) variance += (right[k][i] / value) ** 2;
      else if (Math.abs(right[k][i]) > participation) variance = Number.POSITIVE_INFINITY;
    spreads[j] = Math.sqrt(variance) / lengths[j];
  }
  return {
    spreads,
    flat,
    collinear: weak.map((k) => shaped.filter((_, i) => Math.abs(right[k][i]) > participation)),
  };
}

/**
 * Whether a point is a minimum: the relative offset of Bates and Watts, "A Relative Offset Orthogonality Convergence
 * Criterion for Nonlinear Least Squares" (1981), which compares the part of the residuals that the parameters could still
 * take away with the part that they can't.
 */
export function atMinimum(near: Linearization, point: Float64Array, limits: Limits, dtype: Dtype): boolean {
  if (!Number.isFinite(near.loss)) return false;
  const mayMove = freeParameters(point, near.gradient, limits);
  const columns = near.jacobian.filter((column, j) => mayMove[j] && norm(column) > 0);
  if (columns.length === 0) return true;
  const unit = columns.map((column) => scaled(column, 1 / norm(column)));
  const { columns: triangle, head } = triangularize(unit, near.residuals);
  const { values, left } = singularValueDecomposition(triangle);
  const largest = values.reduce((a, b) => Math.max(a, b));
  const told = left.filter((_, k) => values[k] >= dependent * largest).map((vector) => dot(vector, head) ** 2);
  const removable = told.reduce((a, b) => a + b, 0);
  const freedom = near.residuals.length - told.length;
  const fixed = Math.max(0, near.loss - removable);
  if (removable <= rounding[dtype]) return true;
  return freedom > 0 && removable / told.length <= convergedOffset ** 2 * (fixed / freedom);
}
