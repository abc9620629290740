import type { Tensor } from "@tensorflow/tfjs";
import type { TensorFlowModule } from "../tensor/index.js";
import type { Graph, Node, Region, ValueId } from "./graph.js";
import { checkOf } from "./graph-ops.js";
import { choose, tensorOps } from "./tensor-ops.js";

/** Deepest nesting of branches: each is a call within a call. */
const mostNesting = 200;

/**
 * Whether a graph can be operations on whole tensors: straight-line code and branches, without checks. Loops and recursion
 * part the rows, each of which runs as often as it must; `gcd` and `lcm` are loops too.
 */
export function canRunOnTensors(graph: Graph): boolean {
  const suits = (node: Node, depth: number): boolean => {
    if (depth > mostNesting) return false;
    if (node.kind === "op") return tensorOps[node.op] !== undefined && !checkOf(graph.arithmetic, node.op, node.span);
    if (node.kind !== "if") return node.kind === "constant";
    return [node.consequent, node.alternative].every(({ nodes }) => nodes.every((inner) => suits(inner, depth + 1)));
  };
  return graph.main.nodes.every((node) => suits(node, 0));
}

/**
 * Runs a graph as operations on tensors, one for each of its inputs, giving one for each result; numbers that are the same
 * for all rows may be of shape []. Both ways of a branch are computed, and of each row the one it takes is chosen; slopes are
 * not TensorFlow.js's but those of derivative graphs, whose branches choose in the same way, so nothing leaks from the other.
 */
export function runOnTensors(tf: TensorFlowModule, graph: Graph, inputs: readonly Tensor[]): Tensor[] {
  const values = new Map<ValueId, Tensor>(graph.main.parameters.map((id, i) => [id, inputs[i]]));
  const of = (id: ValueId): Tensor => {
    const value = values.get(id);
    if (value === undefined) throw new Error(`value ${id} is not computed yet`);
    return value;
  };
  const region = ({ nodes, results }: Region): Tensor[] => {
    for (const node of nodes) compute(node);
    return results.map(of);
  };
  const compute = (node: Node): void => {
    if (node.kind === "constant") values.set(node.output, tf.scalar(node.value, "float32"));
    else if (node.kind === "op") {
      const op = tensorOps[node.op];
      if (!op) throw new Error(`"${node.op}" has no form on tensors`);
      values.set(node.output, op(tf, ...node.args.map(of)));
    } else if (node.kind === "if") {
      const [yes, no] = [region(node.consequent), region(node.alternative)];
      const test = of(node.test).notEqual(0);
      for (const [i, id] of node.outputs.entries()) values.set(id, choose(tf, test, yes[i], no[i]));
    } else throw new Error(`a ${node.kind} has no form on tensors`);
  };
  return region(graph.main);
}
