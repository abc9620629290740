import { GraphContext, RegionBuilder } from "./builder.js";
import type { Arithmetic, Graph } from "./graph.js";
import { prune } from "./prune.js";
import { copyFunctions } from "./reverse-mode.js";
import { copyRegion, type Renaming } from "./transform.js";

/** A graph in another precision, with some of its inputs as constants; the others stay, in their order. */
export function bindInputs(graph: Graph, values: ReadonlyMap<string, number>, dtype: Arithmetic["dtype"]): Graph {
  const arithmetic = { ...graph.arithmetic, dtype };
  const context = new GraphContext(arithmetic);
  const builder = new RegionBuilder(context);
  const functions = copyFunctions(graph, context);
  const names: Renaming = new Map();
  const parameters = [];
  for (const [i, old] of graph.main.parameters.entries()) {
    const value = values.get(graph.inputs[i]);
    const id = value === undefined ? builder.parameter() : builder.constant(value);
    names.set(old, id);
    if (value === undefined) parameters.push(id);
  }
  const main = builder.finish(parameters, copyRegion(builder, graph.main, names));
  const inputs = graph.inputs.filter((name) => !values.has(name));
  return prune({ ...graph, arithmetic, inputs, main, functions, size: context.size });
}
