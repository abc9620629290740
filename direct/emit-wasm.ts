import { disassemble } from "../kernel/index.js";
import { type Budget, SoftmachineError, SourceError } from "../scheme/index.js";
import { type Graph, type Node, type Region, regionsOf } from "./graph.js";
import { checkOf, isIndexCheck } from "./graph-ops.js";
import { canRunAsKernel, graphToWasm, kernelName, lanesOf } from "./graph-to-wasm.js";
import { vectorOps } from "./graph-to-wasm-ops.js";

/** What the columns of a kernel are called, and which of its inputs are parameters. */
export interface KernelFace {
  /** One name for each result of the graph. */
  readonly results: readonly string[];
  readonly parameters: Readonly<Record<string, number>>;
}

/** The first operation of a graph, as the program has them, of which a condition holds. */
function findOperation(
  { main, functions }: Graph,
  holds: (node: Extract<Node, { kind: "op" }>) => boolean,
): Extract<Node, { kind: "op" }> | undefined {
  const search = (region: Region): Extract<Node, { kind: "op" }> | undefined => {
    for (const node of region.nodes) {
      if (node.kind === "op" && holds(node)) return node;
      for (const inner of regionsOf(node)) {
        const found = search(inner);
        if (found) return found;
      }
    }
    return undefined;
  };
  for (const region of [...functions.values(), main]) {
    const found = search(region);
    if (found) return found;
  }
  return undefined;
}

/** Why a graph can't be a kernel. */
function refusal(graph: Graph): SoftmachineError {
  if (graph.arithmetic.domain === "strict")
    return new SoftmachineError("a kernel can't say which row leaves a domain: compile it without the strict domain");
  const odd = findOperation(
    graph,
    ({ op, span }) => !vectorOps[op] || checkOf(graph.arithmetic, op, span) !== undefined,
  );
  if (odd === undefined) return new SoftmachineError("the program is too large, or nests too deep, for one kernel");
  const what = isIndexCheck(odd.op)
    ? "a kernel can't refuse an index that is outside its array, and this one is computed"
    : `"${odd.op}" has no vector form`;
  return odd.span ? new SourceError(what, graph.source, odd.span) : new SoftmachineError(what);
}

/** How a kernel is called, in a line: what it exports, and its arguments by name. */
export function kernelUsage(graph: Graph, { results, parameters }: KernelFace): string {
  const columns = graph.inputs.map((name) => (Object.hasOwn(parameters, name) ? `*${name}` : name));
  return `${kernelName}(vectors, ${[...columns, ...results].join(", ")})`;
}

/**
 * A graph's fused SIMD kernel as a WebAssembly module with a name section. It imports a memory, `env.memory`, and exports
 * `run(vectors, ...addresses)`: the byte address of each input's column, then of each result's, all of numbers of the graph's
 * type. It computes `vectors` times 2 rows in float64, 4 in float32, so columns are as long as a whole number of vectors. A
 * parameter, which has a value for all rows, is one number at its address. A row past a budget of iterations or frames
 * traps: results are then unfinished.
 *
 * @throws SoftmachineError for the strict domain and for programs too large; SourceError for an operation without a vector form.
 */
export function emitWasm(graph: Graph, face: KernelFace, budget: Budget): Uint8Array<ArrayBuffer> {
  if (!canRunAsKernel(graph)) throw refusal(graph);
  return graphToWasm(graph, {
    broadcast: graph.inputs.map((name) => Object.hasOwn(face.parameters, name)),
    iterations: budget.iterations,
    frames: budget.frames,
    names: [...graph.inputs, ...face.results],
  });
}

/** The same module as text. Throws as `emitWasm` does. */
export function emitWat(graph: Graph, face: KernelFace, budget: Budget): string {
  const type = graph.arithmetic.dtype;
  const text = disassemble(emitWasm(graph, face, budget));
  return [
    `;; Made by softmachine from ${JSON.stringify(graph.source.name)}: ${kernelUsage(graph, face)}`,
    `;; computes ${lanesOf(graph)} rows of ${type} for each of the vectors. The rest are byte addresses in env.memory of columns of`,
    ";; such numbers, the inputs' first, then the results'; *name is one number for all rows.",
    text,
  ].join("\n");
}
