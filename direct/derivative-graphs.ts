import { GraphContext, RegionBuilder } from "./builder.js";
import { ForwardMode, mostDirections, type Tangents } from "./forward-mode.js";
import type { Graph, Region, ValueId } from "./graph.js";
import { prune } from "./prune.js";
import { copyFunctions, type LoopMode, slopesGraph, type VjpOptions, vjpGraph as vjpOf } from "./reverse-mode.js";
import { type Renaming, renamed } from "./transform.js";
import { unrollLoops } from "./unroll.js";

const positions = (items: readonly unknown[]) => items.map((_, i) => i);

/** Writes graphs from a graph by forward mode. */
class ForwardSweeps {
  readonly builder: RegionBuilder;
  readonly parameters: readonly ValueId[];
  private readonly graph: Graph;
  private readonly context: GraphContext;
  private readonly functions: Map<string, Region>;

  constructor(graph: Graph) {
    this.graph = graph;
    this.context = new GraphContext(graph.arithmetic);
    this.builder = new RegionBuilder(this.context);
    this.functions = copyFunctions(graph, this.context);
    this.parameters = graph.inputs.map(() => this.builder.parameter());
  }

  /** The results, and the slopes of each in each direction, where the inputs have these slopes. */
  sweep(inputs: readonly Tangents[]): { values: ValueId[]; slopes: ValueId[][] } {
    const directions = inputs[0]?.length ?? 0;
    const { parameters, nodes, results } = this.graph.main;
    const forward = new ForwardMode(this.graph, this.context, directions, this.functions);
    const names: Renaming = new Map(parameters.map((old, i) => [old, this.parameters[i]]));
    const tangents = new Map(parameters.map((old, i) => [old, inputs[i]]));
    for (const node of nodes) forward.node(this.builder, node, names, tangents);
    const none = new Array<undefined>(directions).fill(undefined);
    return {
      values: results.map((id) => renamed(names, id)),
      slopes: results.map((id) => (tangents.get(id) ?? none).map((slope) => slope ?? this.builder.constant(0))),
    };
  }

  finish(inputs: readonly string[], parameters: readonly ValueId[], results: readonly ValueId[]): Graph {
    const main = this.builder.finish(parameters, results);
    return prune({ ...this.graph, inputs, main, functions: this.functions, size: this.context.size });
  }
}

/** As `jacobianGraph`, by forward mode: a sweep for each 32 inputs. */
export function forwardJacobianGraph(graph: Graph): Graph {
  const sweeps = new ForwardSweeps(graph);
  const one = sweeps.builder.constant(1);
  const rows: ValueId[][] = graph.main.results.map(() => []);
  let values = graph.inputs.length === 0 ? sweeps.sweep([]).values : [];
  for (let start = 0; start < graph.inputs.length; start += mostDirections) {
    const directions = positions(graph.inputs).slice(start, start + mostDirections);
    const swept = sweeps.sweep(
      graph.inputs.map((_, i) => directions.map((direction) => (direction === i ? one : undefined))),
    );
    values = swept.values;
    for (const [i, slopes] of swept.slopes.entries()) rows[i].push(...slopes);
  }
  return sweeps.finish(graph.inputs, sweeps.parameters, [...values, ...rows.flat()]);
}

/**
 * The graph of a graph's results, followed by the slopes of the first result in each input, those of the second, and so on:
 * by reverse mode, or by forward mode where there are more results than inputs. Where its loops are gone back over, it is
 * for execution alone.
 */
export function jacobianGraph(graph: Graph, loops: LoopMode = "cheaper"): Graph {
  const { results } = graph.main;
  return results.length <= Math.max(1, graph.inputs.length)
    ? slopesGraph(loops === "forward" ? unrollLoops(graph) : graph, positions(graph.inputs), positions(results), loops)
    : forwardJacobianGraph(graph);
}

/**
 * The graph of a graph's only result, its slopes, and its second derivatives by rows: forward mode over reverse mode
 * (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 5).
 */
export function hessianGraph(graph: Graph): Graph {
  const slopes = slopesGraph(unrollLoops(graph), positions(graph.inputs), [0], "forward");
  const size = graph.inputs.length;
  const second = forwardJacobianGraph(slopes);
  const { results } = second.main;
  // Without the slopes of the value that follow the values: they are among the values.
  return prune({
    ...second,
    main: { ...second.main, results: [...results.slice(0, 1 + size), ...results.slice(1 + 2 * size)] },
  });
}

/**
 * The graph of a graph's results followed by their Jacobian-vector product: how fast each changes where the inputs change
 * as further inputs say, which come after the graph's own.
 */
export function jvpGraph(graph: Graph): Graph {
  const sweeps = new ForwardSweeps(graph);
  const speeds = graph.inputs.map(() => sweeps.builder.parameter());
  const { values, slopes } = sweeps.sweep(speeds.map((speed) => [speed]));
  const names = graph.inputs.map((name) => `tangent of ${name}`);
  const tangents = graph.inputs.length === 0 ? slopes.map(() => sweeps.builder.constant(0)) : slopes.flat();
  return sweeps.finish([...graph.inputs, ...names], [...sweeps.parameters, ...speeds], [...values, ...tangents]);
}

/** As `reverse-mode` has it, of loops written out where that is better. */
export function vjpGraph(graph: Graph, options: VjpOptions = {}): Graph {
  return vjpOf(options.loops === "forward" ? unrollLoops(graph) : graph, options);
}
