import { compileModule, type WebAssemblyModule } from "../kernel/index.js";
import type { Graph } from "./graph.js";
import { graphToWasm, type KernelOptions } from "./graph-to-wasm.js";

/** Compiled kernels by what they were made from, those used last at the end: equal programs share one. */
const kernels = new Map<string, WebAssemblyModule>();
const mostKernels = 256;
/** Characters that all keys have together, at most. */
const mostText = 2 ** 24;
let text = 0;

/** All of a graph that its kernel depends on. Places in the source are not of it, so it is equal for equal programs. */
function keyOf(graph: Graph, options: KernelOptions): string {
  const { arithmetic, main, functions } = graph;
  return JSON.stringify([arithmetic, options, main, [...functions]], (name, value) => {
    if (name === "span" || value === undefined) return null;
    // Infinities, NaN and -0 have no JSON.
    return typeof value === "number" && (!Number.isFinite(value) || Object.is(value, -0))
      ? `${1 / value} ${value}`
      : value;
  });
}

/**
 * A graph as a kernel, made once for equal graphs.
 * @throws SoftmachineError if it is more than the engine compiles.
 */
export function compiledKernel(graph: Graph, options: KernelOptions): WebAssemblyModule {
  const key = keyOf(graph, options);
  const module = kernels.get(key) ?? compileModule(graphToWasm(graph, options));
  if (!kernels.delete(key)) text += key.length;
  kernels.set(key, module);
  for (const [oldest] of kernels) {
    if (kernels.size <= mostKernels && text <= mostText) break;
    kernels.delete(oldest);
    text -= oldest.length;
  }
  return module;
}
