import { partialDerivative } from "./derivative-rules.js";
import { type Graph, type Region, regionsOf, type ValueId } from "./graph.js";

/** A graph's values that depend on some of its inputs, other than by steps. */
export function activeValues(graph: Graph, wanted: readonly ValueId[]): Set<ValueId> {
  const active = new Set(wanted);
  const mark = (ids: readonly ValueId[], flags: readonly boolean[]) => {
    let changed = false;
    for (const [i, id] of ids.entries())
      if (flags[i] && !active.has(id)) {
        active.add(id);
        changed = true;
      }
    return changed;
  };
  const scan = (region: Region) => {
    for (const node of region.nodes) {
      const isActive = (id: ValueId) => active.has(id);
      if (node.kind === "op") {
        if (node.args.some((id, i) => isActive(id) && partialDerivative(node.op, i))) active.add(node.output);
      } else if (node.kind === "call") {
        if (node.args.some(isActive)) for (const id of node.outputs) active.add(id);
      } else if (node.kind === "if") {
        for (const inner of regionsOf(node)) {
          scan(inner);
          mark(node.outputs, inner.results.map(isActive));
        }
      } else if (node.kind === "loop") {
        const { body, initial, outputs } = node;
        mark(body.parameters, initial.map(isActive));
        do scan(body);
        while (mark(body.parameters, body.results.slice(1, 1 + initial.length).map(isActive)));
        mark(outputs, body.results.slice(1 + initial.length).map(isActive));
      }
    }
  };
  scan(graph.main);
  return active;
}
