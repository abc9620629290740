import { printNumber, SoftmachineError, suggestion } from "../scheme/index.js";
import { type FitData, FitProblem, readColumns, sampleRows } from "./fit-problem.js";
import { type Bounds, startingPoints } from "./fit-starts.js";
import { atMinimum, identifiability } from "./identifiability.js";
import type { DirectModule } from "./module.js";
import { adam } from "./optimizers/adam.js";
import { lBfgs } from "./optimizers/l-bfgs.js";
import { levenbergMarquardt } from "./optimizers/levenberg-marquardt.js";
import { type Descent, type Limits, withinBounds } from "./optimizers/optimizer.js";
import type { Floats } from "./slots.js";

export const fitMethods = ["levenberg-marquardt", "l-bfgs", "adam"] as const;
export type FitMethod = (typeof fitMethods)[number];

export interface FitOptions {
  /** The column that the program's value is to match. */
  readonly target: string;
  /** Parameters to fit with their start values; the module's own parameters if left out. */
  readonly params?: Readonly<Record<string, number>>;
  readonly method?: FitMethod;
  /** How many points to descend from, `params` the first, the others the best of several. Default 8, for Adam 1. */
  readonly starts?: number;
  /** Chooses the further starts: a whole number, 1 by default. Equal seeds give equal fits. */
  readonly seed?: number;
  /** The lowest and highest value of a parameter; an infinity where there is none. */
  readonly bounds?: Bounds;
  /** Standard deviation of the target in each row, up to a common factor: a column's name or numbers. */
  readonly sigma?: string | number | Floats | readonly number[];
  /** Iterations from each start. Default 200, for L-BFGS 500, for Adam 2000. */
  readonly iterations?: number;
  /** Relative reduction of the sum of squares in one iteration that ends the descent. Default 1e-14, for float32 1e-9. */
  readonly tolerance?: number;
  /** Adam's step, as a share of the parameters' start values. Default 0.05. */
  readonly learningRate?: number;
}

export interface Fit {
  readonly params: Readonly<Record<string, number>>;
  /** Standard errors, from the exact Jacobian: infinite where a parameter is not determined, NaN without spare rows. */
  readonly errors: Readonly<Record<string, number>>;
  /** √(Σ(residual/σ)² / (rows - parameters)): in the target's units where no σ was given. NaN without spare rows. */
  readonly residualStandardError: number;
  /** The share of the target's weighted variance that the fit explains; NaN for a constant target. */
  readonly rSquared: number;
  /** Iterations of the descent that led here. */
  readonly iterations: number;
  /** Whether this is a minimum, by the relative offset of Bates and Watts (1981). */
  readonly converged: boolean;
  readonly method: FitMethod;
  readonly rows: number;
  /** What to know before one relies on the parameters: those that are flat, collinear, periodic or at a bound. */
  readonly warnings: readonly string[];
}

const known: Readonly<Record<keyof FitOptions, true>> = {
  target: true,
  params: true,
  method: true,
  starts: true,
  seed: true,
  bounds: true,
  sigma: true,
  iterations: true,
  tolerance: true,
  learningRate: true,
};
const defaultIterations: Readonly<Record<FitMethod, number>> = {
  "levenberg-marquardt": 200,
  "l-bfgs": 500,
  adam: 2000,
};

/**
 * Finds the parameters of a program for which its value matches the target best: least Σ((f - target)/σ)². Exact Jacobians
 * by `prepare`; the best of several descents.
 *
 * @param data the target and the program's other inputs, by column name. Further columns are not looked at.
 * @throws SoftmachineError for columns that are missing or hold anything but finite numbers, for fewer rows than parameters,
 * for options that don't fit, and where the program's value is no finite number at any start.
 */
export function fit(module: DirectModule, data: FitData, options: FitOptions): Fit {
  const { names, start, limits, method, starts, seed } = checked(module, options);
  const columns = readColumns(module, data, { target: options.target, parameters: names, sigma: options.sigma });
  if (columns.rows < names.length)
    throw new SoftmachineError(`${names.length} parameters can't be told from ${columns.rows} rows: give more rows`);
  const problem = new FitProblem(module, columns, names);
  const sample = sampleRows(columns, sampledRows);
  const others =
    sample === columns
      ? scout(problem, start, limits, starts - 1, seed)
      : promising(new FitProblem(module, sample, names), start, limits, starts - 1, seed);
  const descents: Descent[] = [];
  for (const from of [start, ...others]) {
    if (!Number.isFinite(problem.linearize(from).loss)) continue;
    const { point, ...rest } = descend(method, problem, from, {
      ...limits,
      learningRate: options.learningRate ?? 0.05,
    });
    descents.push({ ...rest, point: withinBounds(point, limits) });
  }
  if (descents.length === 0) {
    const where = names.map((name, j) => `${name} = ${printNumber(start[j])}`).join(", ");
    const elsewhere = starts > 1 ? `, nor at ${starts - 1} other starts` : "";
    throw new SoftmachineError(
      `the program's value or its slope is not a finite number for every row at ${where}${elsewhere}: give other start values`,
    );
  }
  const lowest = Math.min(...descents.map(({ loss }) => loss));
  const equals = descents.filter(({ loss }) => loss <= lowest * (1 + equalLoss) + negligible);
  const distance = ({ point }: Descent) =>
    point.reduce((sum, x, j) => sum + ((x - start[j]) / (Math.abs(start[j]) || 1)) ** 2, 0);
  const best = equals.reduce((a, b) => (distance(b) < distance(a) ? b : a));
  return report(problem, best, equals, { method, limits, target: options.target, dtype: module.dtype });
}

/** Losses closer than this, relatively, are equal: below, data could not tell. */
const equalLoss = 1e-8;
/** Losses below this share of the data's squares are equal too. */
const negligible = 1e-20;

const scoutsPerStart = 8;
const sampledRows = 500;
const scoutIterations = 3;

/**
 * Further starts: each is where the best of several points got to in a few iterations, so that narrow valleys, as those of a
 * frequency, are found.
 */
function* scout(problem: FitProblem, start: Float64Array, limits: Limits, count: number, seed: number) {
  const points = startingPoints(start, limits, count * scoutsPerStart, seed);
  for (let i = 0; i < points.length; i += scoutsPerStart) {
    let best: Descent | undefined;
    for (const point of points.slice(i, i + scoutsPerStart)) {
      const reached = levenbergMarquardt(problem, point, { ...limits, iterations: scoutIterations });
      if (!best || reached.loss < best.loss) best = reached;
    }
    if (best) yield best.point;
  }
}

/** Of a large table, further starts that lead, on some of its rows, to about the best that any of them leads to. */
function promising(sample: FitProblem, start: Float64Array, limits: Limits, count: number, seed: number) {
  const descents = [...scout(sample, start, limits, count, seed)].map((from) =>
    levenbergMarquardt(sample, from, limits),
  );
  const lowest = Math.min(...descents.map(({ loss }) => loss));
  return descents.filter(({ loss }) => loss <= 1.5 * lowest + negligible).map(({ point }) => point);
}

function descend(
  method: FitMethod,
  problem: FitProblem,
  from: Float64Array,
  limits: Limits & { readonly learningRate: number },
): Descent {
  switch (method) {
    case "levenberg-marquardt":
      return levenbergMarquardt(problem, from, limits);
    case "l-bfgs":
      return lBfgs(problem, from, limits);
    case "adam":
      return adam(problem, from, limits);
  }
}

interface Reported extends Pick<DirectModule, "dtype"> {
  readonly method: FitMethod;
  readonly limits: Limits;
  readonly target: string;
}

function report(
  problem: FitProblem,
  best: Descent,
  equals: readonly Descent[],
  { method, limits, target, dtype }: Reported,
): Fit {
  const { parameters: names, columns, unit } = problem;
  const near = problem.linearize(best.point);
  const freedom = columns.rows - names.length;
  const residualStandardError = freedom > 0 ? unit * Math.sqrt(near.loss / freedom) : Number.NaN;
  const { spreads, flat, collinear } = identifiability(near, best.point);
  // Spreads are of the Jacobian divided by `unit`.
  const errors = spreads.map((spread) => (freedom > 0 ? (residualStandardError * spread) / unit : Number.NaN));
  const converged = atMinimum(near, best.point, limits, dtype);
  const quoted = (indices: readonly number[]) => indices.map((j) => `"${names[j]}"`).join(", ");
  const warnings: string[] = [];
  if (!converged)
    warnings.push(`no minimum was reached in ${best.iterations} iterations: give other starts or more iterations`);
  for (const j of flat)
    warnings.push(`"${names[j]}" is not identifiable: "${target}" does not depend on it there (flat)`);
  for (const set of collinear)
    warnings.push(
      `${quoted(set)} are not identifiable separately: their effects on "${target}" are proportional (collinear)`,
    );
  const undetermined = new Set([...flat, ...collinear.flat()]);
  const other = anotherSolution(best, equals, errors, undetermined);
  if (other) {
    const values = other.indices.map((j) => `${names[j]} = ${printNumber(Number(other.point[j].toPrecision(6)))}`);
    warnings.push(
      `${quoted(other.indices)} ${other.indices.length > 1 ? "are" : "is"} not identifiable uniquely: ${values.join(", ")} fits as well (periodic or symmetric)`,
    );
  }
  for (const [j, x] of best.point.entries())
    if (x === limits.low[j] || x === limits.high[j])
      warnings.push(`"${names[j]}" ended at its bound ${printNumber(x)}`);
  if (freedom === 0) warnings.push("there are as many rows as parameters: errors can't be told");
  const named = (values: Float64Array) => Object.fromEntries(names.map((name, j) => [name, values[j]]));
  return {
    params: named(best.point),
    errors: named(errors),
    residualStandardError,
    rSquared: rSquared(problem, near.loss),
    iterations: best.iterations,
    converged,
    method,
    rows: columns.rows,
    warnings,
  };
}

/** A fit as good as the best whose parameters differ by more than their errors, where these are determined at all. */
function anotherSolution(
  best: Descent,
  equals: readonly Descent[],
  errors: Float64Array,
  undetermined: ReadonlySet<number>,
): { point: Float64Array; indices: readonly number[] } | undefined {
  for (const { point } of equals) {
    const indices = [...point.keys()].filter((j) => {
      const allowed = Math.max(1e-3 * Math.abs(best.point[j]), (errors[j] || 0) / 10);
      return !undetermined.has(j) && Math.abs(point[j] - best.point[j]) > allowed;
    });
    if (indices.length > 0) return { point, indices };
  }
  return undefined;
}

function rSquared({ columns: { target, weights }, unit }: FitProblem, loss: number): number {
  let total = 0;
  let mean = 0;
  for (const [i, y] of target.entries()) {
    total += weights[i] ** 2;
    mean += weights[i] ** 2 * y;
  }
  mean /= total;
  const spread = target.reduce((sum, y, i) => sum + (weights[i] * (y - mean)) ** 2, 0);
  return spread > 0 ? 1 - (loss * unit ** 2) / spread : Number.NaN;
}

interface Checked {
  readonly names: readonly string[];
  readonly start: Float64Array;
  readonly limits: Limits;
  readonly method: FitMethod;
  readonly starts: number;
  readonly seed: number;
}

function checked(module: DirectModule, options: FitOptions): Checked {
  if (typeof options !== "object" || options === null)
    throw new SoftmachineError('options are given by name, as { target: "y", params: { k: 1 } }');
  for (const option of Object.keys(options))
    if (!Object.hasOwn(known, option))
      throw new SoftmachineError(`unknown option "${option}"${suggestion(option, Object.keys(known))}`);
  if (typeof options.target !== "string") throw new SoftmachineError("option target must name the column to match");
  const { method = "levenberg-marquardt", params = module.parameters, bounds = {} } = options;
  if (!fitMethods.includes(method))
    throw new SoftmachineError(
      `option method must be ${fitMethods.join(" or ")}, not ${JSON.stringify(method)}${suggestion(String(method), fitMethods)}`,
    );
  if (options.learningRate !== undefined && method !== "adam")
    throw new SoftmachineError("option learningRate is for method adam");
  const names = Object.keys(params);
  if (names.length === 0) throw new SoftmachineError("option params must name a parameter at least, as { k: 1 }");
  const start = Float64Array.from(names, (name) => {
    const value: unknown = params[name];
    if (typeof value === "number" && Number.isFinite(value)) return value;
    throw new SoftmachineError(
      `the start of parameter "${name}" must be a finite number, not ${JSON.stringify(value) ?? value}`,
    );
  });
  const low = new Float64Array(names.length).fill(Number.NEGATIVE_INFINITY);
  const high = new Float64Array(names.length).fill(Number.POSITIVE_INFINITY);
  for (const [name, pair] of Object.entries(bounds)) {
    const j = names.indexOf(name);
    if (j < 0)
      throw new SoftmachineError(`bounds are given for "${name}", which is not fitted${suggestion(name, names)}`);
    if (!Array.isArray(pair) || pair.length !== 2 || !(pair[0] < pair[1]))
      throw new SoftmachineError(`the bounds of "${name}" must be [low, high], low below high`);
    [low[j], high[j]] = pair;
    if (!(start[j] >= low[j] && start[j] <= high[j]))
      throw new SoftmachineError(
        `parameter "${name}" starts at ${printNumber(start[j])}, outside its bounds ${printNumber(low[j])} to ${printNumber(high[j])}`,
      );
  }
  const whole = (option: "starts" | "seed" | "iterations", value: number, least: number) => {
    if (Number.isInteger(value) && value >= least) return value;
    throw new SoftmachineError(`option ${option} must be a whole number from ${least}, not ${JSON.stringify(value)}`);
  };
  const positive = (option: "tolerance" | "learningRate", value: number) => {
    if (typeof value === "number" && value > 0 && value < 1) return value;
    throw new SoftmachineError(`option ${option} must be a number between 0 and 1, not ${JSON.stringify(value)}`);
  };
  const { learningRate, tolerance = module.dtype === "float32" ? 1e-9 : 1e-14 } = options;
  if (learningRate !== undefined) positive("learningRate", learningRate);
  const iterations = whole("iterations", options.iterations ?? defaultIterations[method], 1);
  return {
    names,
    start,
    limits: { low, high, iterations, tolerance: positive("tolerance", tolerance) },
    method,
    starts: whole("starts", options.starts ?? (method === "adam" ? 1 : 8), 1),
    seed: whole("seed", options.seed ?? 1, 0),
  };
}
