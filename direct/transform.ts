import type { RegionBuilder } from "./builder.js";
import { executionOnly, type Node, type Region, type ValueId } from "./graph.js";

/** Where the values of one graph stand in another. */
export type Renaming = Map<ValueId, ValueId>;

export function renamed(names: Renaming, id: ValueId): ValueId {
  const found = names.get(id);
  if (found === undefined) throw new Error(`value ${id} is not computed yet`);
  return found;
}

/** Writes a node again in another graph, with its regions, and notes where its outputs stand there. */
export function copyNode(builder: RegionBuilder, node: Node, names: Renaming): void {
  const of = (id: ValueId) => renamed(names, id);
  const setAll = (olds: readonly ValueId[], news: readonly ValueId[]) => {
    for (const [i, old] of olds.entries()) names.set(old, news[i]);
  };
  switch (node.kind) {
    case "constant":
      names.set(node.output, builder.constant(node.value));
      break;
    case "op":
      names.set(node.output, builder.op(node.op, node.args.map(of), node.span, node.origin));
      break;
    case "if": {
      const { test, consequent, alternative, outputs } = node;
      setAll(
        outputs,
        builder.branch(
          of(test),
          (inner) => copyRegion(inner, consequent, names),
          (inner) => copyRegion(inner, alternative, names),
        ),
      );
      break;
    }
    case "loop": {
      const inner = builder.inner();
      const parameters = node.body.parameters.map(() => inner.parameter());
      setAll(node.body.parameters, parameters);
      const initial = node.initial.map(of);
      setAll(node.outputs, builder.loop(initial, inner.finish(parameters, copyRegion(inner, node.body, names))));
      break;
    }
    case "reverse":
      executionOnly();
      break;
    case "call":
      setAll(node.outputs, builder.call(node.callee, node.args.map(of), node.outputs.length));
      break;
  }
}

/** Writes a region's nodes again and gives its results; the region's parameters must be named already. */
export function copyRegion(builder: RegionBuilder, region: Region, names: Renaming): readonly ValueId[] {
  for (const node of region.nodes) copyNode(builder, node, names);
  return region.results.map((id) => renamed(names, id));
}
