import { SoftmachineError } from "../../scheme/index.js";
import type { DirectModule } from "../module.js";
import { joinEquations } from "./joined-equations.js";

/** What the right-hand sides of a problem are, and what they are differentiated by. */
export interface Equations {
  /** One for each state variable. */
  readonly modules: readonly DirectModule[];
  readonly states: readonly string[];
  readonly time: string;
  readonly params: Readonly<Record<string, number>>;
  readonly gradients: readonly string[];
}

/**
 * Writes the slopes of the state at time t to `slope`, and behind them, for each name in `gradients`, those of the state's
 * sensitivity to it: dS/dt = (∂f/∂y) S + ∂f/∂name.
 */
export type SystemSlopes = (t: number, y: Float64Array, slope: Float64Array) => void;

/** The equations as one function where they can be one, else one after another. */
export function systemSlopes(equations: Equations): SystemSlopes {
  return joinedSlopes(equations) ?? separateSlopes(equations);
}

/** Whether modules that have a parameter of one name, which is not given, have it at one value. */
function agree({ modules, params }: Equations): boolean {
  const values = new Map<string, number>();
  for (const { parameters } of modules)
    for (const [name, value] of Object.entries(parameters)) {
      if (Object.hasOwn(params, name)) continue;
      if (!Object.is(values.get(name) ?? value, value)) return false;
      values.set(name, value);
    }
  return true;
}

function joinedSlopes(equations: Equations): SystemSlopes | undefined {
  const { modules, states, time, params, gradients } = equations;
  if (!agree(equations)) return undefined;
  const parameters = gradients.filter((name) => !states.includes(name));
  const joined = joinEquations(modules, gradients.length === 0 ? [] : [...states, ...parameters]);
  if (!joined) return undefined;
  const values: Record<string, number> = { ...Object.assign({}, ...modules.map((one) => one.parameters)), ...params };
  const row = joined.inputs.map((name) => values[name]);
  const timeAt = joined.inputs.indexOf(time);
  const stateAt = states.map((name) => joined.inputs.indexOf(name));
  const columns = gradients.map((name) => (states.includes(name) ? -1 : states.length + parameters.indexOf(name)));
  const size = states.length;
  const width = size + parameters.length;
  return (t, y, slope) => {
    for (let i = 0; i < size; i++) if (stateAt[i] >= 0) row[stateAt[i]] = y[i];
    if (timeAt >= 0) row[timeAt] = t;
    const results = gradients.length === 0 ? joined.values(...row) : joined.slopes(...row);
    for (let i = 0; i < size; i++) slope[i] = results[i];
    for (let g = 0; g < gradients.length; g++) {
      const at = size * (1 + g);
      for (let i = 0; i < size; i++) {
        const first = size + i * width;
        let sum = columns[g] < 0 ? 0 : results[first + columns[g]];
        for (let j = 0; j < size; j++) sum += carried(results[first + j], y[at + j]);
        slope[at + i] = sum;
      }
    }
  };
}

/** 0 · ∞ would be NaN where the state does not depend on the name at all. */
const carried = (slope: number, sensitivity: number) => (sensitivity === 0 ? 0 : slope * sensitivity);

function separateSlopes({ modules, states, time, params, gradients }: Equations): SystemSlopes {
  const size = states.length;
  const equations = modules.map((module) => {
    const known = module.inputs.filter((name) => Object.hasOwn(params, name)).map((name) => [name, params[name]]);
    const used = states.map((name, i) => [i, name] as const).filter(([, name]) => module.inputs.includes(name));
    /** Reused for every evaluation. */
    const inputs: Record<string, number> = Object.fromEntries(known);
    return { module, inputs, isTimed: module.inputs.includes(time), used };
  });
  return (t, y, slope) => {
    for (const [i, { module, inputs, isTimed, used }] of equations.entries()) {
      for (const [j, name] of used) inputs[name] = y[j];
      if (isTimed) inputs[time] = t;
      if (gradients.length === 0) {
        slope[i] = number(states[i], module.evaluate(inputs));
        continue;
      }
      const { value, gradient } = module.gradient(inputs);
      slope[i] = number(states[i], value);
      for (const [g, variable] of gradients.entries()) {
        const isInput = !states.includes(variable) && Object.hasOwn(gradient, variable);
        let sum = isInput ? number(variable, gradient[variable]) : 0;
        for (const [j, name] of used) sum += carried(number(name, gradient[name]), y[size * (1 + g) + j]);
        slope[size * (1 + g) + i] = sum;
      }
    }
  };
}

function number(name: string, value: unknown): number {
  if (typeof value === "number") return value;
  throw new SoftmachineError(`the right-hand side of "${name}" must be a number; one module for each state variable`);
}
