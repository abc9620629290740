import { type Bounds, compile, type Fit, type FitMethod } from "../direct/index.js";
import { seededRandom } from "../machine/index.js";

/** A standard normal number from uniform ones, by Box and Muller (1958). */
const standardNormal = (uniform: () => number) =>
  Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());

/** A law with constants to recover: program, their true values, where a fit starts, and the ranges of its inputs. */
export interface Law {
  readonly name: string;
  readonly source: string;
  readonly truth: Readonly<Record<string, number>>;
  readonly start: Readonly<Record<string, number>>;
  readonly ranges: Readonly<Record<string, readonly [number, number]>>;
  /** Where constants of either sign, or angles apart by a turn, give the same values. */
  readonly bounds: Bounds;
}

/** The 15 equations of "The Neural Compiler" (2026), appendix A; constants, starts and ranges are ours.
 * Trained are the constants that the data can tell apart. */
export const feynmanLaws: readonly Law[] = [
  law("Planck", "(* h f)", { h: 6.626 }, { h: 1 }, { f: [0.1, 5] }),
  law("Hooke", "(* (- 0 k) x)", { k: 3.5 }, { k: 1 }, { x: [-2, 2] }),
  law("Kinetic", "(* alpha (* m (pow v 2)))", { alpha: 0.5 }, { alpha: 1 }, { m: [0.5, 5], v: [0.1, 4] }),
  law("Gravity", "(/ (* G (* m1 m2)) (pow r 2))", { G: 6.674 }, { G: 1 }, { m1: [0.5, 5], m2: [0.5, 5], r: [0.5, 4] }),
  law("Ideal gas", "(* n (* R T))", { R: 8.314 }, { R: 1 }, { n: [0.1, 3], T: [1, 5] }),
  law("Pendulum", "(* k (sqrt (/ L g)))", { k: 2 * Math.PI }, { k: 1 }, { L: [0.1, 3], g: [1, 15] }),
  law("Heat", "(* m (* c dT))", { c: 4.186 }, { c: 1 }, { m: [0.1, 5], dT: [-5, 5] }),
  law("Coulomb", "(/ (* ke (* q1 q2)) (pow r 2))", { ke: 8.99 }, { ke: 1 }, { q1: [-2, 2], q2: [-2, 2], r: [0.5, 4] }),
  law(
    "Gaussian",
    "(/ (exp (/ (- 0 (pow (- x mu) 2)) (* 2 (pow sigma 2)))) (* sigma (sqrt (* 2 3.141592653589793))))",
    { mu: 1.5, sigma: 0.8 },
    { mu: 0, sigma: 1 },
    { x: [-3, 5] },
  ),
  law(
    "Relativistic energy",
    "(/ (* m (pow c 2)) (sqrt (- 1 (/ (pow v 2) (pow c 2)))))",
    { m: 2, c: 3 },
    { m: 1, c: 4 },
    { v: [0.1, 2.7] },
    { c: [0, Number.POSITIVE_INFINITY] },
  ),
  law("Sound", "(sqrt (/ (* gamma P) rho))", { gamma: 1.4 }, { gamma: 1 }, { P: [0.5, 5], rho: [0.5, 3] }),
  law(
    "Barometric",
    "(* P0 (exp (/ (- 0 (* M (* g h))) (* R T))))",
    { P0: 101.3, M: 0.02896 },
    { P0: 50, M: 0.01 },
    { h: [0, 8000], T: [230, 300], g: [9.78, 9.83], R: [8.314, 8.314] },
  ),
  law("E-field", "(* coeff (* E (* E V)))", { coeff: 0.5 }, { coeff: 1 }, { E: [0.5, 5], V: [0.5, 3] }),
  law(
    "Oscillator",
    "(* A (sin (+ (* omega t) phi)))",
    { A: 2, omega: 3, phi: 0.5 },
    { A: 1, omega: 1, phi: 0 },
    { t: [0, 10] },
    { omega: [0, 10], phi: [-Math.PI / 2, Math.PI / 2] },
  ),
  law(
    "Lorentz",
    "(/ 1 (sqrt (- 1 (pow (/ v c) 2))))",
    { c: 3 },
    { c: 1 },
    { v: [0, 2.9] },
    { c: [0, Number.POSITIVE_INFINITY] },
  ),
];

function law(
  name: string,
  source: string,
  truth: Law["truth"],
  start: Law["start"],
  ranges: Law["ranges"],
  bounds: Bounds = {},
): Law {
  return { name, source, truth, start, ranges, bounds };
}

export interface FeynmanOptions {
  /** Samples of each law. */
  readonly rows?: number;
  /** Standard deviation of the noise, as a share of the target's. */
  readonly noise?: number;
  readonly seed?: number;
  readonly method?: FitMethod;
  readonly starts?: number;
}

export interface FeynmanResult {
  readonly law: Law;
  readonly fit: Fit;
  /** The largest relative error of a constant. */
  readonly error: number;
}

/** Samples a law with noise, and fits its constants. */
export function recoverLaw(law: Law, options: FeynmanOptions = {}): FeynmanResult {
  const { rows = 1000, noise = 0.02, seed = 1, method = "levenberg-marquardt", starts = 24 } = options;
  const module = compile(law.source, { name: law.name });
  const uniform = seededRandom(seed);
  const columns = Object.fromEntries(
    Object.entries(law.ranges).map(([name, [low, high]]) => [
      name,
      Float64Array.from({ length: rows }, () => low + (high - low) * uniform()),
    ]),
  );
  const exact = Float64Array.from(module.batch({ ...columns, ...law.truth }));
  const mean = exact.reduce((sum, y) => sum + y, 0) / rows;
  const deviation = noise * Math.sqrt(exact.reduce((sum, y) => sum + (y - mean) ** 2, 0) / rows);
  const target = Float64Array.from(exact, (y) => y + deviation * standardNormal(uniform));
  const fit = module.fit(
    { ...columns, target },
    { target: "target", params: law.start, bounds: law.bounds, method, starts, seed },
  );
  const error = Math.max(
    ...Object.entries(law.truth).map(([name, value]) => Math.abs((fit.params[name] - value) / value)),
  );
  return { law, fit, error };
}

/** Every law, in the order of the paper's table 1. */
export const recoverFeynmanLaws = (options: FeynmanOptions = {}): FeynmanResult[] =>
  feynmanLaws.map((law) => recoverLaw(law, options));
