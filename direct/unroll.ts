import { GraphContext, RegionBuilder } from "./builder.js";
import { captured, type Graph, type Node, type ValueId } from "./graph.js";
import { copyFunctions } from "./reverse-mode.js";
import { copyNode, type Renaming, renamed } from "./transform.js";

/** A loop that depends on more values than this has its rounds written out where their number is known. */
const mostSources = 32;
/** Most values that the rounds of one loop may be. */
const mostValues = 100_000;

type Loop = Extract<Node, { kind: "loop" }>;

/**
 * Writes out the rounds of loops whose number of rounds is constant and which depend on many values. Where a loop's
 * derivative must be taken forwards, its cost grows with those; that of straight-line code does not (see `reverse-mode`).
 */
export function unrollLoops(graph: Graph): Graph {
  if (!graph.main.nodes.some((node) => node.kind === "loop")) return graph;
  const context = new GraphContext(graph.arithmetic);
  const builder = new RegionBuilder(context);
  const functions = copyFunctions(graph, context);
  const names: Renaming = new Map();
  const parameters = graph.main.parameters.map((old) => {
    const id = builder.parameter();
    names.set(old, id);
    return id;
  });
  for (const node of graph.main.nodes) write(builder, node, names);
  const main = builder.finish(
    parameters,
    graph.main.results.map((id) => renamed(names, id)),
  );
  return { ...graph, main, functions, size: context.size };
}

function write(builder: RegionBuilder, node: Node, names: Renaming): void {
  if (node.kind === "loop" && isWide(builder, node, names) && rounds(builder.inner(), node, names)) {
    const exits = rounds(builder, node, names) ?? [];
    for (const [i, old] of node.outputs.entries()) names.set(old, exits[i]);
  } else copyNode(builder, node, names);
}

function isWide(builder: RegionBuilder, node: Loop, names: Renaming): boolean {
  const sources = [...node.initial, ...captured(node.body)];
  return sources.filter((id) => builder.constantOf(renamed(names, id)) === undefined).length > mostSources;
}

/** Writes a loop's rounds and gives its outputs; undefined as soon as it is not known whether there is another round. */
function rounds(builder: RegionBuilder, { initial, body }: Loop, names: Renaming): readonly ValueId[] | undefined {
  const before = builder.context.size;
  let values = initial.map((id) => renamed(names, id));
  while (builder.context.size - before < mostValues) {
    for (const [i, old] of body.parameters.entries()) names.set(old, values[i]);
    for (const node of body.nodes) write(builder, node, names);
    const results = body.results.map((id) => renamed(names, id));
    const flag = builder.constantOf(results[0]);
    if (flag === undefined) return undefined;
    if (flag === 0) return results.slice(1 + initial.length);
    values = results.slice(1, 1 + initial.length);
  }
  return undefined;
}
