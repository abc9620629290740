import { SoftmachineError } from "../../scheme/index.js";
import { OdeRecord, type OdeSolution } from "./ode-solution.js";
import { type OdeProblem, type OdeSystem, odeSystem } from "./ode-system.js";

export interface FixedStepProblem extends OdeProblem {
  /** How many steps of equal length. */
  readonly steps: number;
}

/** Writes y(t + h) to `next`, given the slope at t. */
type Step = (t: number, h: number, y: Float64Array, slope: Float64Array, next: Float64Array) => void;

/**
 * Euler's method: y += h·f(t, y). Of first order. Gradients are exact for these steps: they are differentiated themselves.
 * @throws SoftmachineError for names or numbers that don't fit, and where the solution is no longer finite.
 */
export function euler(problem: FixedStepProblem): OdeSolution {
  return march(problem, "linear", () => (_t, h, y, slope, next) => {
    for (let i = 0; i < y.length; i++) next[i] = y[i] + h * slope[i];
  });
}

/** The classical method of Runge and Kutta (Kutta 1901), of fourth order. Otherwise as `euler`. */
export function rungeKutta4(problem: FixedStepProblem): OdeSolution {
  return march(problem, "hermite", (system, record) => {
    const size = system.initial.length;
    const [k2, k3, k4, middle] = Array.from({ length: 4 }, () => new Float64Array(size));
    return (t, h, y, k1, next) => {
      for (let i = 0; i < size; i++) middle[i] = y[i] + (h / 2) * k1[i];
      system.slopes(t + h / 2, middle, k2);
      for (let i = 0; i < size; i++) middle[i] = y[i] + (h / 2) * k2[i];
      system.slopes(t + h / 2, middle, k3);
      for (let i = 0; i < size; i++) middle[i] = y[i] + h * k3[i];
      system.slopes(t + h, middle, k4);
      record.evaluations += 3;
      for (let i = 0; i < size; i++) next[i] = y[i] + (h / 6) * (k1[i] + 2 * (k2[i] + k3[i]) + k4[i]);
    };
  });
}

function march(
  problem: FixedStepProblem,
  interpolation: "linear" | "hermite",
  method: (system: OdeSystem, record: OdeRecord) => Step,
): OdeSolution {
  const { steps } = problem;
  if (!Number.isInteger(steps) || steps < 1)
    throw new SoftmachineError(`option steps must be a whole number from 1, not ${JSON.stringify(steps)}`);
  const system = odeSystem(problem);
  const record = new OdeRecord(system, interpolation);
  const step = method(system, record);
  const { from, to } = system;
  let y = system.initial;
  let next: Float64Array = new Float64Array(y.length);
  const slope = new Float64Array(y.length);
  const slopesAt = (t: number) => {
    system.slopes(t, y, slope);
    record.evaluations++;
    record.add(t, y, slope);
  };
  slopesAt(from);
  const timeOf = (i: number) => (i === steps ? to : from + ((to - from) * i) / steps);
  for (let i = 0; i < steps; i++) {
    step(timeOf(i), timeOf(i + 1) - timeOf(i), y, slope, next);
    [y, next] = [next, y];
    slopesAt(timeOf(i + 1));
  }
  return record.solution();
}
