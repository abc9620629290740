import {
  aNormalForm,
  type Budget,
  budgetOf,
  checkNames,
  describeShape,
  type ReadOptions,
  readProgram,
  type Shape,
  SoftmachineError,
  SourceError,
  suggestion,
  withinStack,
} from "../scheme/index.js";
import { checkShapes, shapedGraph } from "./anf-to-graph.js";
import { usesArrays } from "./call-graph.js";
import type { Graph } from "./graph.js";
import { describe } from "./inputs.js";
import { type Compiled, DirectModule } from "./module.js";
import { prune } from "./prune.js";

export interface CompileOptions extends ReadOptions, Partial<Budget> {
  /** Shapes of inputs by name: [] for a number, [n] for a vector, [rows, columns] for a matrix. Inputs named here that the program does not use are inputs all the same. */
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
  const declared = declaredShapes(options.inputs);
  const unused = [...declared.keys()].filter((name) => !read.inputs.includes(name));
  const core = { ...read, inputs: [...read.inputs, ...unused] };
  const parameters = { ...options.params };
  for (const [name, value] of Object.entries(parameters)) {
    if (!core.inputs.includes(name)) checkNames(core.inputs, [...core.inputs, name], "input");
    if (typeof value !== "number")
      throw new SoftmachineError(`parameter "${name}" must be a number, not ${describe(value)}`);
    const shape = declared.get(name);
    if (shape && shape.length > 0)
      throw new SoftmachineError(
        `parameter "${name}" is a number, but input "${name}" is declared as ${describeShape(shape)}`,
      );
    declared.set(name, []);
  }
  const anf = aNormalForm(core);
  const definition = { source, options: { ...options } };
  return moduleFor({ core, anf, arithmetic: { dtype, domain }, parameters, budget, definition }, declared);
}

/** Shapes by input name, from the option. */
function declaredShapes(inputs: CompileOptions["inputs"] = {}): Map<string, Shape> {
  if (typeof inputs !== "object" || inputs === null || Array.isArray(inputs))
    throw new SoftmachineError("option inputs gives shapes by name, as { v: [3] }");
  for (const [name, shape] of Object.entries(inputs)) {
    const isShape =
      Array.isArray(shape) && shape.length <= 2 && shape.every((length) => Number.isInteger(length) && length > 0);
    if (!isShape)
      throw new SoftmachineError(
        `input "${name}" must be declared by its shape, [] for a number, [3] for a vector of 3, [2, 2] for a matrix, not by ${Array.isArray(shape) ? JSON.stringify(shape) : describe(shape)}`,
      );
  }
  return new Map(Object.entries(inputs));
}

type Program = Pick<Compiled, "core" | "anf" | "arithmetic" | "parameters" | "budget" | "definition">;

/** Most modules that one keeps for shapes given by its calls. */
const mostSpecialisations = 64;

/**
 * The module for declared shapes. Inputs without are numbers, unless the program can't be one on numbers: then its graph
 * waits for shapes.
 */
function moduleFor(program: Program, declared: ReadonlyMap<string, Shape>): DirectModule {
  const { core, anf, arithmetic } = program;
  const shapes = core.inputs.map((name) => declared.get(name) ?? []);
  const build = () => {
    const { graph, shape } = withinStack(core.source, () => shapedGraph(anf, arithmetic, shapes));
    return { graph: withinStack(core.source, () => prune(graph)), shape };
  };
  const names = core.inputs.filter((name) => !declared.has(name));
  if (names.length === 0) return new DirectModule({ ...program, shapes, ...build() });
  const specialisations = new Map<string, DirectModule>();
  const specialise = (given: ReadonlyMap<string, Shape>) => {
    const all = new Map([...names.map((name) => [name, given.get(name) ?? []] as const), ...declared]);
    const key = JSON.stringify([...all.values()]);
    const found = specialisations.get(key) ?? moduleFor(program, all);
    const [oldest] = specialisations.size >= mostSpecialisations ? specialisations.keys() : [];
    if (oldest !== undefined) specialisations.delete(oldest);
    specialisations.set(key, found);
    return found;
  };
  try {
    return new DirectModule({ ...program, shapes, ...build(), undeclared: { names, needsShapes: false, specialise } });
  } catch (error) {
    if (!(error instanceof SourceError) || !usesArrays(anf)) throw error;
    withinStack(core.source, () => checkShapes(anf, arithmetic, declared));
    const list = names.map((name) => `"${name}"`).join(", ");
    return new DirectModule({
      ...program,
      shapes,
      shape: [],
      undeclared: { names, needsShapes: true, specialise },
      get graph(): Graph {
        throw new SoftmachineError(
          `this needs the shapes of inputs ${list}: declare them, in code by { inputs: { ${names[0]}: [3] } }, on the command line by --shapes ${names[0]}=3; as numbers they don't fit: ${error.message}`,
        );
      },
    });
  }
}
