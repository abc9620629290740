import { defaultBudget, withinStack } from "../../scheme/index.js";
import { GraphContext, RegionBuilder } from "../builder.js";
import type { Graph, ValueId } from "../graph.js";
import type { DirectModule } from "../module.js";
import { mayEndRun } from "../prune.js";
import { slopesGraph } from "../reverse-mode.js";
import { compileSingle } from "../slots.js";
import { copyRegion, type Renaming } from "../transform.js";

type Run = (...row: number[]) => readonly number[];

/** Several programs over the same inputs as one function: what they share is computed once, and a call costs one call. */
export interface JoinedEquations {
  /** The inputs, in the order that the functions take them. */
  readonly inputs: readonly string[];
  /** Their values. */
  readonly values: Run;
  /** Their values, then the slopes of the first in each name of `wanted`, those of the second, and so on. */
  readonly slopes: Run;
}

/**
 * The modules as one function, made where they can be one: of one arithmetic, and without loops, recursion and checks, which
 * are to say by themselves what is wrong. Undefined otherwise.
 */
export function joinEquations(
  modules: readonly DirectModule[],
  wanted: readonly string[],
): JoinedEquations | undefined {
  if (modules.some(({ shape }) => shape.length > 0)) return undefined;
  const graphs = modules.map(({ graph }) => graph);
  const [{ arithmetic }] = graphs;
  const fits = graphs.every(
    (graph) => graph.arithmetic.dtype === arithmetic.dtype && !graph.main.nodes.some((node) => mayEndRun(graph, node)),
  );
  if (!fits) return undefined;
  const inputs = [...new Set([...graphs.flatMap((graph) => graph.inputs), ...wanted])];
  const context = new GraphContext(arithmetic);
  const builder = new RegionBuilder(context);
  const parameters = new Map(inputs.map((name): [string, ValueId] => [name, builder.parameter()]));
  const results = graphs.flatMap(({ main, inputs: own }) => {
    const names: Renaming = new Map();
    for (const [i, id] of main.parameters.entries()) names.set(id, parameters.get(own[i]) ?? id);
    return copyRegion(builder, main, names);
  });
  const joined: Graph = {
    ...graphs[0],
    inputs,
    main: builder.finish([...parameters.values()], results),
    functions: new Map(),
    size: context.size,
  };
  const positions = wanted.map((name) => inputs.indexOf(name));
  const places = results.map((_, i) => i);
  return {
    inputs,
    values: compiled(joined),
    slopes: wanted.length === 0 ? compiled(joined) : compiled(slopesGraph(joined, positions, places, "forward")),
  };
}

function compiled(graph: Graph): Run {
  const run = withinStack(graph.source, () => compileSingle(graph, defaultBudget));
  // A graph with one result gives it bare.
  return (graph.main.results.length === 1 ? (...row) => [run(...row) as number] : run) as Run;
}
