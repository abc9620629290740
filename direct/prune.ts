import { type Graph, type Node, operandsOf, outputsOf, type Region, regionsOf, type ValueId } from "./graph.js";
import { checkOf } from "./graph-ops.js";

/** Whether a node may end the run, so that it stays even where nothing uses its value. */
export function mayEndRun(graph: Graph, node: Node): boolean {
  if (node.kind === "loop" || node.kind === "call") return true;
  // What goes back over a loop computes again what has been computed before.
  if (node.kind === "reverse") return false;
  if (node.kind === "op") return checkOf(graph.arithmetic, node.op, node.span) !== undefined;
  return regionsOf(node).some((region) => region.nodes.some((inner) => mayEndRun(graph, inner)));
}

/** Leaves out what no result depends on: nodes, outputs of branches, and functions that are never called. */
export function prune(graph: Graph): Graph {
  const called = new Set<string>();
  /** How many `reverse` nodes are around. */
  let going = 0;
  const pruneRegion = (region: Region, used: Set<ValueId>): Region => {
    for (const id of region.results) used.add(id);
    const nodes: Node[] = [];
    for (const node of [...region.nodes].reverse()) {
      const isUsed = outputsOf(node).some((id) => used.has(id));
      if (!isUsed && (going > 0 || !mayEndRun(graph, node))) continue;
      nodes.push(pruneNode(node, used));
    }
    return { ...region, nodes: nodes.reverse() };
  };
  const pruneNode = (node: Node, used: Set<ValueId>): Node => {
    for (const id of operandsOf(node)) used.add(id);
    if (node.kind === "call") called.add(node.callee);
    if (node.kind === "loop") return pruneLoop(node, used);
    if (node.kind === "reverse") {
      going++;
      const phases = node.phases.map((phase) => pruneRegion(phase, used));
      const step = pruneRegion(node.step, used);
      going--;
      return { ...node, step, phases };
    }
    if (node.kind !== "if") return node;
    const kept = node.outputs.map((id) => used.has(id));
    const keep = <T>(items: readonly T[]) => items.filter((_, i) => kept[i]);
    const side = (region: Region) => pruneRegion({ ...region, results: keep(region.results) }, used);
    return {
      ...node,
      outputs: keep(node.outputs),
      consequent: side(node.consequent),
      alternative: side(node.alternative),
    };
  };
  /** Of a loop that nothing goes back over, nothing is recorded. */
  const pruneLoop = (node: Extract<Node, { kind: "loop" }>, used: Set<ValueId>): Node => {
    if (node.tape !== undefined && used.has(node.tape)) return { ...node, body: pruneRegion(node.body, used) };
    const results = node.body.results.slice(0, 1 + node.initial.length + node.outputs.length);
    return { ...node, tape: undefined, body: pruneRegion({ ...node.body, results }, used) };
  };
  const main = pruneRegion(graph.main, new Set());
  const functions = new Map<string, Region>();
  for (let size = -1; size !== functions.size; ) {
    size = functions.size;
    for (const name of [...called]) {
      const region = graph.functions.get(name);
      if (region && !functions.has(name)) functions.set(name, pruneRegion(region, new Set()));
    }
  }
  return { ...graph, main, functions };
}
