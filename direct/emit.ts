import { describeShape, printAnf, printCore, SoftmachineError } from "../scheme/index.js";
import { emitDot } from "./emit-dot.js";
import { emitJavascript } from "./emit-javascript.js";
import { emitOnnx } from "./emit-onnx.js";
import { emitPython } from "./emit-python.js";
import { emitWasm, emitWat } from "./emit-wasm.js";
import type { Graph } from "./graph.js";
import { describe } from "./inputs.js";
import type { Compiled } from "./module.js";
import { elementNames } from "./shaped-values.js";
import { printSlots } from "./slots.js";

/** The text forms of a program that `emit` gives: its stages, then languages that run it. */
export const emitForms = ["ast", "anf", "graph", "slots", "wat", "js", "torch", "jax"] as const;
export type EmitForm = (typeof emitForms)[number];

/** Forms that are bytes: a WebAssembly module, and an ONNX model. */
export const binaryForms = ["wasm", "onnx"] as const;
export type BinaryForm = (typeof binaryForms)[number];

export interface EmitOptions {
  /** The value with its slope in each input, instead of the value alone. The forms js, torch and jax have both in any case. */
  readonly gradient?: boolean;
}

/** A program that is to be emitted, and how the graph of its value and slopes is made. */
export interface Emission {
  readonly compiled: Compiled;
  readonly slopes: () => Graph;
  /** The same for forms that can't go back over loops. */
  readonly forwardSlopes: () => Graph;
}

/** What a graph's results are called: `value`, or `value[0]` and so on, then, with the gradient, `d/dx`. */
function resultNames({ graph, shape }: Compiled, gradient: boolean): string[] {
  return [...elementNames("value", shape), ...(gradient ? graph.inputs.map((name) => `d/d${name}`) : [])];
}

function checkedGradient(form: EmitForm | BinaryForm, { shape }: Compiled, options: EmitOptions): boolean {
  if (typeof options !== "object" || options === null)
    throw new SoftmachineError(`options of emit are given by name, as { gradient: true }, not as ${describe(options)}`);
  for (const [name, value] of Object.entries(options)) {
    if (name !== "gradient") throw new SoftmachineError(`unknown option "${name}" of emit: there is gradient`);
    if (value !== undefined && typeof value !== "boolean")
      throw new SoftmachineError(`option gradient must be true or false, not ${describe(value)}`);
  }
  const { gradient = false } = options;
  if (gradient && (form === "ast" || form === "anf"))
    throw new SoftmachineError(
      `the form ${form} is of the program's text, which has no gradient; graph and slots have`,
    );
  if (gradient && shape.length > 0)
    throw new SoftmachineError(
      `a gradient is of a program whose value is a number; this one's is ${describeShape(shape)}`,
    );
  return gradient;
}

/**
 * A program in one of its stages, or in another language or format.
 * @throws SoftmachineError for what a form can't say, and options that don't fit.
 */
export function emitProgram(
  form: EmitForm | BinaryForm,
  { compiled, slopes, forwardSlopes }: Emission,
  options: EmitOptions = {},
): string | Uint8Array<ArrayBuffer> {
  const gradient = checkedGradient(form, compiled, options);
  const { core, anf, budget, shape, shapes, parameters } = compiled;
  const face = { names: core.inputs, shapes, parameters, shape };
  if (form === "ast") return printCore(core);
  if (form === "anf") return printAnf(anf);
  const graph = !gradient ? compiled.graph : form === "slots" ? slopes() : forwardSlopes();
  switch (form) {
    case "graph":
      return emitDot(graph, resultNames(compiled, gradient), parameters);
    case "slots":
      return printSlots(graph);
    case "wat":
      return emitWat(graph, { results: resultNames(compiled, gradient), parameters }, budget);
    case "wasm":
      return emitWasm(graph, { results: resultNames(compiled, gradient), parameters }, budget);
    case "js":
      return emitJavascript(compiled.graph, shape.length === 0 ? slopes() : undefined, face, budget);
    case "torch":
    case "jax":
      return emitPython(compiled.graph, form, face, budget);
    case "onnx":
      return emitOnnx(graph, face, gradient, budget.iterations);
  }
}
