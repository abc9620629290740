import {
  aNormalForm,
  type Budget,
  budgetOf,
  checkNames,
  describeShape,
  type ReadOptions,
  readProgram,
  SoftmachineError,
  suggestion,
  withinStack,
} from "../scheme/index.js";
import { anfToGraph } from "./anf-to-graph.js";
import { describe } from "./inputs.js";
import { type Compiled, DirectModule } from "./module.js";
import { prune } from "./prune.js";

export interface CompileOptions extends ReadOptions, Partial<Budget> {
  /** Shapes of inputs by name; [] for a number. Inputs named here that the program does not use are inputs all the same. */
  readonly inputs?: Readonly<Record<string, readonly number[]>>;
  /** Inputs with a value of their own, which `evaluate` and its like use where none is given. */
  readonly params?: Readonly<Record<string, number>>;
  readonly dtype?: "float64" | "float32";
  /** `ieee` (the default) goes on with infinities and NaN outside an operation's domain; `strict` throws. */
  readonly domain?: "ieee" | "strict";
}

const known = ["name", "entry", "iterations", "frames", "inputs", "params", "dtype", "domain"];

function oneOf<T extends string>(option: string, value: T, allowed: readonly T[]): T {
  if (!allowed.includes(value))
    throw new SoftmachineError(
      `option ${option} must be ${allowed.join(" or ")}, not ${typeof value === "string" ? JSON.stringify(value) : describe(value)}`,
    );
  return value;
}

/**
 * Compiles a program to a module with exact values and derivatives.
 * @throws SourceError at a fault of the program; SoftmachineError for options that don't fit it.
 */
export function compile(source: string, options: CompileOptions = {}): DirectModule {
  if (typeof source !== "string") throw new SoftmachineError(`the source must be a string, not ${typeof source}`);
  if (typeof options !== "object" || options === null || Array.isArray(options))
    throw new SoftmachineError('options are given by name, as { dtype: "float32" }');
  for (const option of Object.keys(options))
    if (!known.includes(option)) throw new SoftmachineError(`unknown option "${option}"${suggestion(option, known)}`);
  for (const option of ["name", "entry"] as const)
    if (options[option] !== undefined && typeof options[option] !== "string")
      throw new SoftmachineError(`option ${option} must be a string, not ${describe(options[option])}`);
  const dtype = oneOf("dtype", options.dtype ?? "float64", ["float64", "float32"]);
  const domain = oneOf("domain", options.domain ?? "ieee", ["ieee", "strict"]);
  const budget = budgetOf(options);
  const read = readProgram(source, options);
  for (const [name, shape] of Object.entries(options.inputs ?? {}))
    if (!Array.isArray(shape) || shape.length > 0)
      throw new SoftmachineError(
        `input "${name}" is declared as ${Array.isArray(shape) ? describeShape(shape) : describe(shape)}; the exact path takes numbers, of shape []`,
      );
  const declared = Object.keys(options.inputs ?? {}).filter((name) => !read.inputs.includes(name));
  const core = { ...read, inputs: [...read.inputs, ...declared] };
  const parameters = { ...options.params };
  for (const [name, value] of Object.entries(parameters)) {
    if (!core.inputs.includes(name)) checkNames(core.inputs, [...core.inputs, name], "input");
    if (typeof value !== "number")
      throw new SoftmachineError(`parameter "${name}" must be a number, not ${describe(value)}`);
  }
  const anf = aNormalForm(core);
  const graph = withinStack(core.source, () => prune(anfToGraph(anf, { dtype, domain })));
  const compiled: Compiled = { core, anf, graph, parameters, budget };
  return new DirectModule(compiled);
}
