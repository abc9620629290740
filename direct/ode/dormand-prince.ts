import { SoftmachineError } from "../../scheme/index.js";
import { OdeRecord, type OdeSolution } from "./ode-solution.js";
import { type OdeProblem, type OdeSystem, odeSystem } from "./ode-system.js";

export interface AdaptiveProblem extends OdeProblem {
  /** Error that a step may add, relative to the state. Default 1e-8. */
  readonly relativeTolerance?: number;
  /** Error that a step may add where the state is near 0. Default 1e-10. */
  readonly absoluteTolerance?: number;
  /** Steps that may be taken. Default 100,000. */
  readonly maximumSteps?: number;
  /** The first step's length; chosen if left out. */
  readonly firstStep?: number;
}

/** Nodes and weights of Dormand and Prince, "A Family of Embedded Runge-Kutta Formulae" (1980), RK5(4)7M. */
const nodes = [0, 1 / 5, 3 / 10, 4 / 5, 8 / 9, 1, 1];
const weights: readonly (readonly number[])[] = [
  [],
  [1 / 5],
  [3 / 40, 9 / 40],
  [44 / 45, -56 / 15, 32 / 9],
  [19372 / 6561, -25360 / 2187, 64448 / 6561, -212 / 729],
  [9017 / 3168, -355 / 33, 46732 / 5247, 49 / 176, -5103 / 18656],
  [35 / 384, 0, 500 / 1113, 125 / 192, -2187 / 6784, 11 / 84],
];
/** The fifth-order result less the fourth-order one. */
const errorWeights = [71 / 57600, 0, -71 / 16695, 71 / 1920, -17253 / 339200, 22 / 525, -1 / 40];
/** Dense output of fourth order: Hairer, Nørsett and Wanner, "Solving Ordinary Differential Equations I" (1993), II.6. */
const denseWeights = [
  -12715105075 / 11282082432,
  0,
  87487479700 / 32700410799,
  -10690763975 / 1880347072,
  701980252875 / 199316789632,
  -1453857185 / 822651844,
  69997945 / 29380423,
];
const stages = nodes.length;

/**
 * Dormand and Prince's method of fifth order with steps that keep the error of each within the tolerances, and dense output
 * of fourth order. Gradients are those of the steps taken, their lengths held fixed; the state alone chooses the lengths, so
 * a solution is the same with gradients and without.
 *
 * @throws SoftmachineError for names or numbers that don't fit; where no step is short enough, as at a singularity; and where
 * `maximumSteps` do not reach the end, as with stiff equations.
 */
export function dormandPrince(problem: AdaptiveProblem): OdeSolution {
  const { relativeTolerance = 1e-8, absoluteTolerance = 1e-10, maximumSteps = 100_000, firstStep } = problem;
  const above = (name: string, value: unknown) => {
    if (typeof value !== "number" || !(value > 0 && value < Number.POSITIVE_INFINITY))
      throw new SoftmachineError(`option ${name} must be a number above 0, not ${JSON.stringify(value)}`);
  };
  above("relativeTolerance", relativeTolerance);
  above("absoluteTolerance", absoluteTolerance);
  above("maximumSteps", maximumSteps);
  if (firstStep !== undefined) above("firstStep", firstStep);
  const system = odeSystem(problem);
  const record = new OdeRecord(system, "hermite");
  const { from, to, states } = system;
  const direction = Math.sign(to - from);
  const tolerance = (a: number, b = 0) => absoluteTolerance + relativeTolerance * Math.max(Math.abs(a), Math.abs(b));
  const stage = Array.from({ length: stages }, () => new Float64Array(system.initial.length));
  let y = system.initial;
  let t = from;
  system.slopes(t, y, stage[0]);
  record.evaluations++;
  const broken = states.findIndex((_, i) => !Number.isFinite(stage[0][i]));
  if (broken >= 0)
    throw new SoftmachineError(`the slope of "${states[broken]}" at time ${from} is ${stage[0][broken]}`);
  record.add(t, y, stage[0]);
  let h = Math.min(firstStep ?? initialStep(system, stage[0], tolerance), Math.abs(to - from));
  let previousError = 1e-4;
  let refused = false;
  for (let steps = 0; t !== to; steps++) {
    if (steps >= maximumSteps)
      throw new SoftmachineError(
        `${maximumSteps} steps reach time ${t}, not ${to}: the equations may be stiff; allow more steps, or a larger error`,
      );
    if (h < 16 * Number.EPSILON * Math.max(Math.abs(t), Math.abs(to - from) * 1e-3))
      throw new SoftmachineError(
        `no step at time ${t} is short enough to keep the error within its tolerance: the solution may be singular there`,
      );
    const last = h >= Math.abs(to - t) * (1 - 1e-12);
    const signed = last ? to - t : direction * h;
    const next = tryStep(system, stage, t, signed, y);
    record.evaluations += stages - 1;
    let square = 0;
    for (let i = 0; i < states.length; i++) {
      let error = 0;
      for (let k = 0; k < stages; k++) error += errorWeights[k] * stage[k][i];
      square += ((signed * error) / tolerance(y[i], next[i])) ** 2;
    }
    const error = Math.sqrt(square / states.length);
    if (!(error <= 1) || !next.every(Number.isFinite)) {
      record.rejected++;
      refused = true;
      h = Math.abs(signed) * (Number.isFinite(error) ? Math.min(0.5, Math.max(0.1, 0.9 * error ** -0.2)) : 0.1);
      continue;
    }
    t = last ? to : t + signed;
    const correction = next.map((_, i) => {
      let sum = 0;
      for (let k = 0; k < stages; k++) sum += denseWeights[k] * stage[k][i];
      return signed * sum;
    });
    record.add(t, next, stage[stages - 1], correction);
    // The last stage is the next step's first. Step lengths by Gustafsson's proportional-integral control (1991).
    [stage[0], stage[stages - 1]] = [stage[stages - 1], stage[0]];
    y = next;
    const factor = 0.9 * Math.max(error, 1e-10) ** -0.14 * previousError ** 0.08;
    h = Math.abs(signed) * Math.min(refused ? 1 : 10, Math.max(0.2, factor));
    previousError = Math.max(error, 1e-4);
    refused = false;
  }
  return record.solution();
}

/** Fills the stages of a step and gives its end, where the last stage is the slope. */
function tryStep(
  system: OdeSystem,
  stage: readonly Float64Array[],
  t: number,
  h: number,
  y: Float64Array,
): Float64Array {
  let point = y;
  for (let k = 1; k < stages; k++) {
    point = new Float64Array(y.length);
    for (let i = 0; i < y.length; i++) {
      let sum = 0;
      for (const [j, weight] of weights[k].entries()) sum += weight * stage[j][i];
      point[i] = y[i] + h * sum;
    }
    system.slopes(t + nodes[k] * h, point, stage[k]);
  }
  return point;
}

/** A first step after Hairer, Nørsett and Wanner (1993), II.4, with the slope alone: a hundredth of the state's own time. */
function initialStep({ initial, states }: OdeSystem, slope: Float64Array, tolerance: (a: number) => number): number {
  let state = 0;
  let change = 0;
  for (let i = 0; i < states.length; i++) {
    state += (initial[i] / tolerance(initial[i])) ** 2;
    change += (slope[i] / tolerance(initial[i])) ** 2;
  }
  if (!Number.isFinite(change)) return 1e-6;
  return state < 1e-10 || change < 1e-10 ? 1e-6 : 0.01 * Math.sqrt(state / change);
}
