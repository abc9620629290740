import { checkNames, SoftmachineError } from "../../scheme/index.js";
import type { DirectModule } from "../module.js";
import { type SystemSlopes, systemSlopes } from "./system-slopes.js";

/** The right-hand sides dy/dt of the state variables: by name, or in the order of the initial state's names. */
export type RightHandSides = Readonly<Record<string, DirectModule>> | readonly DirectModule[];

/** An initial value problem: dy/dt = f(t, y, parameters), y(from) = initial. */
export interface OdeProblem {
  readonly rightHandSides: RightHandSides;
  readonly initial: Readonly<Record<string, number>>;
  /** Inputs of the right-hand sides that are neither state nor time. The modules' own parameters may be left out. */
  readonly params?: Readonly<Record<string, number>>;
  readonly from?: number;
  readonly to: number;
  /** What the right-hand sides call time; `t` if left out. */
  readonly time?: string;
  /**
   * Names to differentiate by: a state variable's name is its initial value. The solution then has `gradientAt` and
   * `finalGradient`.
   */
  readonly gradients?: readonly string[];
}

/**
 * A problem as first-order equations over one array: the state, then for each name in `gradients` the state's sensitivity
 * S = ∂y/∂name, with dS/dt = (∂f/∂y) S + ∂f/∂name by the modules' exact slopes. What steps this system differentiates the
 * steps themselves: it is discretised, then differentiated.
 */
export interface OdeSystem {
  readonly states: readonly string[];
  readonly gradients: readonly string[];
  readonly initial: Float64Array;
  readonly from: number;
  readonly to: number;
  /** Writes dy/dt at (t, y) to `slope`. */
  readonly slopes: SystemSlopes;
}

/** @throws SoftmachineError for names that do not match and values that are no finite numbers. */
export function odeSystem(problem: OdeProblem): OdeSystem {
  const { rightHandSides, initial, params = {}, from = 0, to, time = "t", gradients = [] } = problem;
  const states = Object.keys(initial);
  if (states.length === 0) throw new SoftmachineError("initial must give the state, as { x: 1 }");
  const clash = states.find((name) => Object.hasOwn(params, name) || name === time);
  if (clash !== undefined)
    throw new SoftmachineError(`"${clash}" is a state and ${clash === time ? "the time" : "a parameter"}`);
  if (Object.hasOwn(params, time)) throw new SoftmachineError(`"${time}" is a parameter and the time`);
  for (const [name, value] of [...Object.entries(initial), ...Object.entries(params)]) finite(`"${name}"`, value);
  finite("from", from);
  finite("to", to);
  if (from === to) throw new SoftmachineError(`there is no time from ${from} to ${to}`);
  const modules = inOrder(rightHandSides, states);
  const inputs = [...new Set(modules.flatMap((module) => module.inputs))];
  const own = modules.flatMap((module) => Object.keys(module.parameters));
  const given = new Set([...states, ...Object.keys(params), time]);
  checkNames([...new Set([...inputs, ...given])], [...new Set([...given, ...own])], "parameter");
  const unused = Object.keys(params).filter((name) => !inputs.includes(name));
  if (unused.length > 0) checkNames(inputs, [...inputs, ...unused], "parameter");
  const variables = [...new Set([...states, ...inputs])].filter((name) => name !== time);
  checkNames(variables, [...variables, ...gradients.filter((name) => !variables.includes(name))], "parameter");
  const size = states.length;
  const start = new Float64Array(size * (1 + gradients.length));
  for (const [i, name] of states.entries()) {
    start[i] = initial[name];
    for (const [g, variable] of gradients.entries()) if (variable === name) start[size * (1 + g) + i] = 1;
  }
  const slopes = systemSlopes({ modules, states, time, params, gradients });
  return { states, gradients, initial: start, from, to, slopes };
}

function inOrder(rightHandSides: RightHandSides, states: readonly string[]): readonly DirectModule[] {
  if (isList(rightHandSides)) {
    if (rightHandSides.length === states.length) return rightHandSides;
    throw new SoftmachineError(
      `there are ${rightHandSides.length} right-hand sides for ${states.length} state variables`,
    );
  }
  checkNames(states, Object.keys(rightHandSides), "state variable");
  return states.map((name) => rightHandSides[name]);
}

const isList = (modules: RightHandSides): modules is readonly DirectModule[] => Array.isArray(modules);

function finite(what: string, value: unknown): void {
  if (typeof value !== "number" || !Number.isFinite(value))
    throw new SoftmachineError(`${what} must be a finite number, not ${JSON.stringify(value) ?? value}`);
}
