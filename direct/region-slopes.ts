import type { RegionBuilder } from "./builder.js";
import { ForwardMode, mostDirections, type Tangents } from "./forward-mode.js";
import { captured, type Graph, type Node, type Region, regionsOf, type ValueId } from "./graph.js";
import { sweepRegion } from "./reverse-mode.js";
import type { Renaming } from "./transform.js";

/**
 * Writes the derivative of a region, the main one of `graph`, into the region around it: the slopes of the first result in
 * each parameter, those of the second, and so on, where the parameters have the values `at`. What the region takes from
 * around it is constant to them. `functions` are the graph's, and gain those that slopes need. By forward mode, or by reverse mode where there are fewer results than parameters.
 */
export function regionSlopes(
  builder: RegionBuilder,
  graph: Graph,
  functions: Map<string, Region>,
  at: readonly ValueId[],
): readonly ValueId[] {
  const { parameters, results } = graph.main;
  const names: Renaming = new Map([...captured(graph.main)].map((id) => [id, id]));
  for (const [i, id] of parameters.entries()) names.set(id, at[i]);
  if (results.length < parameters.length) {
    const back = sweepRegion(builder, graph, functions, names, parameters, () => false);
    return results.flatMap((result) => back(new Map([[result, builder.constant(1)]])));
  }
  const rows = results.map((): ValueId[] => []);
  for (let start = 0; start < parameters.length; start += mostDirections) {
    const seeded = parameters.slice(start, start + mostDirections);
    const one = builder.constant(1);
    const forward = new ForwardMode(graph, builder.context, seeded.length, functions);
    const tangents = new Map<ValueId, Tangents>(
      seeded.map((id, k) => [id, seeded.map((_, other) => (other === k ? one : undefined))]),
    );
    const sweep = new Map(names);
    for (const node of graph.main.nodes) forward.node(builder, node, sweep, tangents);
    for (const [i, id] of results.entries())
      rows[i].push(...seeded.map((_, k) => tangents.get(id)?.[k] ?? builder.constant(0)));
  }
  return rows.flat();
}

/** The functions that some nodes call, those in their regions included. */
export function calleesOf(nodes: readonly Node[]): Set<string> {
  const callees = new Set<string>();
  const work = [...nodes];
  for (let node = work.pop(); node; node = work.pop()) {
    if (node.kind === "call") callees.add(node.callee);
    for (const region of regionsOf(node)) for (const inner of region.nodes) work.push(inner);
  }
  return callees;
}
