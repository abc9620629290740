import { SoftmachineError } from "../../scheme/index.js";
import type { OdeSystem } from "./ode-system.js";

/** A solution at the steps' times, and between them. */
export interface OdeSolution {
  /** Where the steps ended, the first being the start. */
  readonly times: Float64Array;
  /** Each state variable at `times`. */
  readonly states: Readonly<Record<string, Float64Array>>;
  readonly final: Readonly<Record<string, number>>;
  /** ∂final/∂name: by state variable, then by name in `gradients`. */
  readonly finalGradient: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** How often the right-hand sides were evaluated. */
  readonly evaluations: number;
  /** Steps that were taken again with a smaller size. */
  readonly rejected: number;
  /**
   * The state at a time between the first and the last, by the method's own interpolation: linear for Euler, cubic for
   * Runge-Kutta, of fourth order for Dormand-Prince.
   * @throws SoftmachineError for a time outside.
   */
  at(time: number): Record<string, number>;
  /** ∂state/∂name at such a time. */
  gradientAt(time: number): Record<string, Record<string, number>>;
}

/** Between two steps: y = y₀ + θ(Δ + (1-θ)(b + θ(Δ - h·f₁ - b + (1-θ)d))) with Δ = y₁ - y₀ and b = h·f₀ - Δ. */
export type Interpolation = "linear" | "hermite";

/** Steps as they are taken, then the solution made from them. */
export class OdeRecord {
  evaluations = 0;
  rejected = 0;
  private readonly system: OdeSystem;
  private readonly interpolation: Interpolation;
  private readonly times: number[] = [];
  private readonly values: Float64Array[] = [];
  private readonly slopes: Float64Array[] = [];
  /** For the step that begins here, what it adds to Hermite's cubic: θ²(1-θ)²·d. */
  private readonly corrections: (Float64Array | undefined)[] = [];

  constructor(system: OdeSystem, interpolation: Interpolation) {
    this.system = system;
    this.interpolation = interpolation;
  }

  /** Notes a point: y and dy/dt there, and the correction of the step that led to it. */
  add(time: number, y: Float64Array, slope: Float64Array, correction?: Float64Array): void {
    const { states } = this.system;
    const broken = y.findIndex((value) => !Number.isFinite(value));
    if (broken >= 0) {
      const what =
        broken < states.length ? `"${states[broken]}"` : `the gradient of "${states[broken % states.length]}"`;
      throw new SoftmachineError(`the solution is no longer finite at time ${time}: ${what} is ${y[broken]}`);
    }
    this.times.push(time);
    this.values.push(y.slice());
    this.slopes.push(slope.slice());
    if (this.times.length > 1) this.corrections.push(correction);
  }

  solution(): OdeSolution {
    const { states, gradients } = this.system;
    const { times, values } = this;
    const size = states.length;
    const last = values[values.length - 1];
    const stateOf = (y: Float64Array) => Object.fromEntries(states.map((name, i) => [name, y[i]]));
    const gradientOf = (y: Float64Array) =>
      Object.fromEntries(
        states.map((name, i) => [
          name,
          Object.fromEntries(gradients.map((variable, g) => [variable, y[size * (1 + g) + i]])),
        ]),
      );
    return {
      times: Float64Array.from(times),
      states: Object.fromEntries(states.map((name, i) => [name, Float64Array.from(values, (y) => y[i])])),
      final: stateOf(last),
      finalGradient: gradientOf(last),
      evaluations: this.evaluations,
      rejected: this.rejected,
      at: (time) => stateOf(this.between(time)),
      gradientAt: (time) => {
        if (gradients.length === 0)
          throw new SoftmachineError('no gradients were asked for: name them, as gradients: ["k"]');
        return gradientOf(this.between(time));
      },
    };
  }

  private between(time: number): Float64Array {
    const { times } = this;
    const end = times.length - 1;
    const forward = times[end] > times[0];
    const inside = forward ? time >= times[0] && time <= times[end] : time <= times[0] && time >= times[end];
    if (!inside) throw new SoftmachineError(`time ${time} is outside the solution's, ${times[0]} to ${times[end]}`);
    let low = 0;
    let high = end;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (forward ? times[middle] <= time : times[middle] >= time) low = middle;
      else high = middle;
    }
    const h = times[high] - times[low];
    const theta = (time - times[low]) / h;
    const [y0, y1, f0, f1] = [this.values[low], this.values[high], this.slopes[low], this.slopes[high]];
    const correction = this.corrections[low];
    return y0.map((start, i) => {
      const change = y1[i] - start;
      if (this.interpolation === "linear") return start + theta * change;
      const bend = h * f0[i] - change;
      const inner = change - h * f1[i] - bend + (1 - theta) * (correction?.[i] ?? 0);
      return theta === 1 ? y1[i] : start + theta * (change + (1 - theta) * (bend + theta * inner));
    });
  }
}
