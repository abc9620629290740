import { activeValues } from "./active-values.js";
import { GraphContext, RegionBuilder } from "./builder.js";
import { Algebra, partialDerivative } from "./derivative-rules.js";
import { ForwardMode, mostDirections, type Tangents } from "./forward-mode.js";
import { captured, type Graph, type Node, outputsOf, type Region, usedBy, type ValueId } from "./graph.js";
import { prune } from "./prune.js";
import { isCheaperBackwards, type LoopRecord, LoopSweeps } from "./reverse-loops.js";
import { copyNode, copyRegion, type Renaming, renamed } from "./transform.js";

/** What a backward sweep must know of a node that the forward sweep has written. */
type Record =
  | { readonly kind: "op"; readonly node: Extract<Node, { kind: "op" }> }
  | { readonly kind: "if"; readonly node: Extract<Node, { kind: "if" }> }
  | LoopRecord
  /** A loop or a call, with the slope of each output in each of some values it depends on. */
  | {
      readonly kind: "jacobian";
      readonly outputs: readonly ValueId[];
      readonly sources: readonly ValueId[];
      readonly slopes: readonly Tangents[];
    };

/**
 * How a loop is differentiated: `forward`, by operations that can be differentiated in turn; `backward`, over a record of
 * its iterations, for execution alone; or the `cheaper` of both.
 */
export type LoopMode = "forward" | "backward" | "cheaper";

/**
 * Reverse mode: one graph for a value and its slopes. Straight-line code and branches are swept backwards (Griewank and
 * Walther, "Evaluating Derivatives", 2008, chapter 3); a branch's backward sweep is a branch again, which computes anew
 * what it needs of the branch taken. Loops are gone back over too (see `LoopSweeps`), or give their slopes by forward mode,
 * as recursive calls do.
 */
class ReverseMode {
  private readonly graph: Graph;
  private readonly context: GraphContext;
  private readonly active: ReadonlySet<ValueId>;
  private readonly functions: Map<string, Region>;
  private readonly names: Renaming;
  private readonly loops: LoopSweeps<Record>;
  /** Whether to go back over a loop that depends on so many values. */
  private readonly goesBack: (sources: number) => boolean;

  constructor(
    graph: Graph,
    context: GraphContext,
    active: ReadonlySet<ValueId>,
    functions: Map<string, Region>,
    names: Renaming,
    goesBack: (sources: number) => boolean,
  ) {
    this.graph = graph;
    this.context = context;
    this.active = active;
    this.functions = functions;
    this.names = names;
    this.goesBack = goesBack;
    this.loops = new LoopSweeps({
      graph,
      active,
      names,
      again: (builder, nodes, given) => this.forward(builder, nodes, given),
      backward: (builder, records, adjoints) => this.backward(builder, records, adjoints),
    });
  }

  private nameOf(old: ValueId): ValueId {
    return renamed(this.names, old);
  }

  /**
   * Writes the nodes of a region and gives what a backward sweep needs of them. Those that run `again`, for the backward
   * sweep alone, leave out control flow whose values it does not use: each branch computes anew only what is its own.
   *
   * @param again where each value stands that needn't be computed again; undefined for nodes that run for the first time.
   */
  forward(builder: RegionBuilder, nodes: readonly Node[], again?: ReadonlyMap<ValueId, ValueId>): Record[] {
    const records: Record[] = [];
    const used = again ? usedBy(nodes) : undefined;
    for (const node of nodes) {
      const isActive = outputsOf(node).some((id) => this.active.has(id));
      const given = node.kind === "op" ? again?.get(node.output) : undefined;
      if (isActive && (node.kind === "loop" || node.kind === "call")) records.push(...this.iterated(builder, node));
      else {
        const isNeeded =
          !used || node.kind === "op" || node.kind === "constant" || outputsOf(node).some((id) => used.has(id));
        if (node.kind === "op" && given !== undefined) this.names.set(node.output, given);
        else if (isNeeded) copyNode(builder, node, this.names);
        if (isActive && (node.kind === "op" || node.kind === "if")) records.push({ kind: node.kind, node } as Record);
      }
    }
    return records;
  }

  private iterated(builder: RegionBuilder, node: Extract<Node, { kind: "loop" | "call" }>): Record[] {
    const used = node.kind === "call" ? new Set(node.args) : new Set([...node.initial, ...captured(node.body)]);
    const sources = [...used].filter((id) => this.active.has(id));
    const record = node.kind === "loop" && this.goesBack(sources.length) && this.loops.record(builder, node);
    if (record) return [record];
    const records: Record[] = [];
    for (let start = 0; start < sources.length; start += mostDirections)
      records.push(this.jacobian(builder, node, sources.slice(start, start + mostDirections)));
    return records;
  }

  private jacobian(
    builder: RegionBuilder,
    node: Extract<Node, { kind: "loop" | "call" }>,
    sources: readonly ValueId[],
  ): Record {
    const forward = new ForwardMode(this.graph, this.context, sources.length, this.functions);
    const one = builder.constant(1);
    const tangents = new Map<ValueId, Tangents>(
      sources.map((id, k) => [id, sources.map((_, other) => (other === k ? one : undefined))]),
    );
    forward.node(builder, node, this.names, tangents);
    const slopes = node.outputs.map((id) => tangents.get(id) ?? []);
    return { kind: "jacobian", outputs: node.outputs, sources, slopes };
  }

  /** Adds to each value's adjoint what its uses pass back, the last use first. */
  backward(builder: RegionBuilder, records: readonly Record[], adjoints: Map<ValueId, ValueId>): void {
    const algebra = new Algebra(builder);
    const add = (id: ValueId, share: ValueId) => {
      const sum = algebra.add(adjoints.get(id), share);
      if (sum !== undefined) adjoints.set(id, sum);
    };
    for (const record of [...records].reverse()) {
      if (record.kind === "op") this.backwardOp(algebra, record.node, adjoints, add);
      else if (record.kind === "if") this.backwardBranch(algebra, record.node, adjoints, add);
      else if (record.kind === "loop") this.loops.backward(algebra, record, adjoints, add);
      else {
        for (const [j, output] of record.outputs.entries()) {
          const adjoint = adjoints.get(output);
          if (adjoint === undefined) continue;
          for (const [k, source] of record.sources.entries()) {
            const slope = record.slopes[j][k];
            if (slope !== undefined) add(source, algebra.chain(adjoint, slope));
          }
        }
      }
    }
  }

  private backwardOp(
    algebra: Algebra,
    node: Extract<Node, { kind: "op" }>,
    adjoints: ReadonlyMap<ValueId, ValueId>,
    add: (id: ValueId, share: ValueId) => void,
  ): void {
    const adjoint = adjoints.get(node.output);
    if (adjoint === undefined) return;
    const args = node.args.map((id) => this.nameOf(id));
    for (const [i, arg] of node.args.entries()) {
      const partial = this.active.has(arg) ? partialDerivative(node.op, i) : undefined;
      if (!partial) continue;
      const slope = partial(algebra, args, this.nameOf(node.output));
      add(arg, algebra.chain(slope, adjoint));
    }
  }

  private backwardBranch(
    algebra: Algebra,
    node: Extract<Node, { kind: "if" }>,
    adjoints: ReadonlyMap<ValueId, ValueId>,
    add: (id: ValueId, share: ValueId) => void,
  ): void {
    const seeds = node.outputs.map((id) => adjoints.get(id));
    if (seeds.every((seed) => seed === undefined)) return;
    const outside = new Set(
      [...captured(node.consequent), ...captured(node.alternative)].filter((id) => this.active.has(id)),
    );
    const sweep = (region: Region) => {
      const inner = algebra.builder.inner();
      const records = this.forward(inner, region.nodes, new Map());
      const within = new Map<ValueId, ValueId>();
      const innerAlgebra = new Algebra(inner);
      for (const [i, id] of region.results.entries()) {
        const sum = this.active.has(id) ? innerAlgebra.add(within.get(id), seeds[i]) : undefined;
        if (sum !== undefined) within.set(id, sum);
      }
      this.backward(inner, records, within);
      return { inner, within };
    };
    const sides = [sweep(node.consequent), sweep(node.alternative)] as const;
    const passed = [...outside].filter((id) => sides.some(({ within }) => within.has(id)));
    const regions = sides.map(({ inner, within }) =>
      inner.finish(
        [],
        passed.map((id) => within.get(id) ?? inner.constant(0)),
      ),
    );
    const shares = algebra.builder.branchRegions(this.nameOf(node.test), regions[0], regions[1]);
    for (const [i, id] of passed.entries()) {
      const isConditional = sides.some(({ within }) => {
        const share = within.get(id);
        return share === undefined || algebra.isConditional(share);
      });
      add(id, isConditional ? algebra.conditional(shares[i]) : shares[i]);
    }
  }
}

/**
 * The forward sweep of a graph's main region, written into another region, after which slopes in some of its values can be
 * swept back. `names` says where what the region takes stands there, its parameters included, and gains the rest.
 *
 * @param goesBack whether to go back over a loop that depends on so many values; not where derivatives of the slopes are.
 */
export function sweepRegion(
  builder: RegionBuilder,
  graph: Graph,
  functions: Map<string, Region>,
  names: Renaming,
  wanted: readonly ValueId[],
  goesBack: (sources: number) => boolean,
) {
  const reverse = new ReverseMode(graph, builder.context, activeValues(graph, wanted), functions, names, goesBack);
  const records = reverse.forward(builder, graph.main.nodes);
  return (adjoints: Map<ValueId, ValueId>) => {
    reverse.backward(builder, records, adjoints);
    return wanted.map((id) => adjoints.get(id) ?? builder.constant(0));
  };
}

/** The forward sweep of a graph, after which slopes in the inputs wanted can be swept back. */
function swept(graph: Graph, wanted: readonly number[], loops: LoopMode, sweeps: number) {
  const context = new GraphContext(graph.arithmetic);
  const builder = new RegionBuilder(context);
  const oldInputs = graph.main.parameters;
  const functions = copyFunctions(graph, context);
  const names: Renaming = new Map();
  const goesBack = (sources: number) =>
    loops === "cheaper" ? isCheaperBackwards(sources, sweeps) : loops === "backward";
  const parameters = oldInputs.map((old) => {
    const id = builder.parameter();
    names.set(old, id);
    return id;
  });
  const wantedIds = wanted.map((i) => oldInputs[i]);
  const back = sweepRegion(builder, graph, functions, names, wantedIds, goesBack);
  const finish = (inputs: readonly string[], all: readonly ValueId[], results: readonly ValueId[]): Graph =>
    prune({ ...graph, inputs, main: builder.finish(all, results), functions, size: context.size });
  return { builder, parameters, renamedValue: (old: ValueId) => renamed(names, old), back, finish };
}

/** The graph of some results of a graph, followed by the slopes of each with respect to some inputs, all by position. */
export function slopesGraph(
  graph: Graph,
  wanted: readonly number[],
  outputs: readonly number[],
  loops: LoopMode,
): Graph {
  const { builder, parameters, renamedValue, back, finish } = swept(graph, wanted, loops, outputs.length);
  const results = outputs.map((i) => graph.main.results[i]);
  const slopes = results.flatMap((result) => back(new Map([[result, builder.constant(1)]])));
  return finish(graph.inputs, parameters, [...results.map(renamedValue), ...slopes]);
}

/** The graph of result `index` of a graph, followed by its slopes with respect to the inputs named. */
export function gradientGraph(graph: Graph, wanted: readonly string[], index = 0, loops: LoopMode = "forward"): Graph {
  return slopesGraph(
    graph,
    wanted.map((name) => graph.inputs.indexOf(name)),
    [index],
    loops,
  );
}

export interface VjpOptions {
  /** Whether a factor of 0 passes nothing back, not even through an infinite slope. */
  readonly zerosWin?: boolean;
  /** `cheaper` if not given. */
  readonly loops?: LoopMode;
}

/**
 * The graph of a graph's results followed by their vector-Jacobian product: for each input, the sum over the results of a
 * factor times the slope. The factors are further inputs, after the graph's own.
 */
export function vjpGraph(graph: Graph, { zerosWin = false, loops = "cheaper" }: VjpOptions = {}): Graph {
  const { results } = graph.main;
  const { builder, parameters, renamedValue, back, finish } = swept(
    graph,
    graph.inputs.map((_, i) => i),
    loops,
    1,
  );
  const factors = results.map(() => builder.parameter());
  const algebra = new Algebra(builder);
  const adjoints = new Map<ValueId, ValueId>();
  for (const [i, result] of results.entries()) {
    const factor = zerosWin ? algebra.conditional(factors[i]) : factors[i];
    adjoints.set(result, algebra.add(adjoints.get(result), factor) ?? factor);
  }
  const slopes = back(adjoints);
  const names = results.map((_, i) => `factor of result ${i}`);
  return finish([...graph.inputs, ...names], [...parameters, ...factors], [...results.map(renamedValue), ...slopes]);
}

/** A graph's functions as they are, in another context: values alone pass through them. */
export function copyFunctions(graph: Graph, context: GraphContext): Map<string, Region> {
  return new Map([...graph.functions].map(([name, region]) => [name, copyFunction(context, region)]));
}

function copyFunction(context: GraphContext, region: Region): Region {
  const builder = new RegionBuilder(context);
  const names: Renaming = new Map();
  const parameters = region.parameters.map((old) => {
    const id = builder.parameter();
    names.set(old, id);
    return id;
  });
  return builder.finish(parameters, copyRegion(builder, region, names));
}

/** A graph with some of its results only. */
export function selectResults(graph: Graph, indices: readonly number[]): Graph {
  const main = { ...graph.main, results: indices.map((i) => graph.main.results[i]) };
  return prune({ ...graph, main });
}
