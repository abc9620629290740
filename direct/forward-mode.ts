import { type GraphContext, RegionBuilder } from "./builder.js";
import { Algebra, partialDerivative } from "./derivative-rules.js";
import { executionOnly, type Graph, type Node, type Region, type ValueId } from "./graph.js";
import { type Renaming, renamed } from "./transform.js";

/** Directions of one forward sweep: a function takes and returns so many slopes for each of its values. */
export const mostDirections = 32;

/** A value's derivative in each of a number of directions; undefined where it is known to be 0. */
export type Tangents = readonly (ValueId | undefined)[];

/** A tangent that goes along with a node's values: of which value, and in which direction. */
interface Carried {
  readonly output: number;
  readonly direction: number;
}

/**
 * Forward mode: writes a graph again with, beside each value, its tangents. It goes through branches, loops and
 * recursion: a loop carries its variables' tangents along, a function returns them.
 * (Griewank and Walther, "Evaluating Derivatives", 2008, chapter 3.)
 */
export class ForwardMode {
  private readonly graph: Graph;
  private readonly context: GraphContext;
  private readonly directions: number;
  private readonly none: Tangents;
  /** The functions made so far, by name; shared by all that write into one graph. */
  private readonly functions: Map<string, Region>;
  /** Which tangents each loop's variables were found to have: what encloses a loop may have it written again. */
  private readonly active = new Map<Node, readonly (readonly boolean[])[]>();

  constructor(graph: Graph, context: GraphContext, directions: number, functions: Map<string, Region>) {
    this.graph = graph;
    this.context = context;
    this.directions = directions;
    this.functions = functions;
    this.none = new Array(directions).fill(undefined);
  }

  /** Writes a node into the builder; `tangents` is by the old graph's values, and gains this node's outputs. */
  node(builder: RegionBuilder, node: Node, names: Renaming, tangents: Map<ValueId, Tangents>): void {
    switch (node.kind) {
      case "constant":
        names.set(node.output, builder.constant(node.value));
        break;
      case "op":
        this.op(builder, node, names, tangents);
        break;
      case "if":
        this.branch(builder, node, names, tangents);
        break;
      case "loop":
        this.loop(builder, node, names, tangents);
        break;
      case "call":
        this.call(builder, node, names, tangents);
        break;
      case "reverse":
        executionOnly();
    }
  }

  private op(
    builder: RegionBuilder,
    node: Extract<Node, { kind: "op" }>,
    names: Renaming,
    tangents: Map<ValueId, Tangents>,
  ): void {
    const args = node.args.map((id) => renamed(names, id));
    const value = builder.op(node.op, args, node.span);
    names.set(node.output, value);
    const algebra = new Algebra(builder);
    let sums = this.none;
    for (const [i, arg] of node.args.entries()) {
      const own = tangents.get(arg);
      const partial = own?.some((t) => t !== undefined) ? partialDerivative(node.op, i) : undefined;
      if (!own || !partial) continue;
      const slope = partial(algebra, args, value);
      sums = sums.map((sum, k) => {
        const tangent = own[k];
        return tangent === undefined ? sum : algebra.add(sum, algebra.chain(slope, tangent));
      });
    }
    tangents.set(node.output, sums);
  }

  /** Writes a region's nodes; gives its results and their tangents. */
  private results(
    builder: RegionBuilder,
    region: Region,
    names: Renaming,
    tangents: Map<ValueId, Tangents>,
  ): { values: readonly ValueId[]; slopes: readonly Tangents[] } {
    for (const node of region.nodes) this.node(builder, node, names, tangents);
    return {
      values: region.results.map((id) => renamed(names, id)),
      slopes: region.results.map((id) => tangents.get(id) ?? this.none),
    };
  }

  private branch(
    builder: RegionBuilder,
    node: Extract<Node, { kind: "if" }>,
    names: Renaming,
    tangents: Map<ValueId, Tangents>,
  ): void {
    const builders = [builder.inner(), builder.inner()] as const;
    const first = this.results(builders[0], node.consequent, names, tangents);
    const second = this.results(builders[1], node.alternative, names, tangents);
    // A tangent is carried out of the branches if either has it.
    const carried: Carried[] = [];
    for (const [output] of node.outputs.entries())
      for (let direction = 0; direction < this.directions; direction++)
        if (first.slopes[output][direction] !== undefined || second.slopes[output][direction] !== undefined)
          carried.push({ output, direction });
    const finish = (inner: RegionBuilder, { values, slopes }: typeof first) =>
      inner.finish([], [...values, ...carried.map((c) => slopes[c.output][c.direction] ?? inner.constant(0))]);
    const outputs = builder.branchRegions(
      renamed(names, node.test),
      finish(builders[0], first),
      finish(builders[1], second),
    );
    this.setOutputs(node.outputs, outputs, carried, names, tangents);
  }

  /**
   * Notes where a node's values stand, and after them their tangents. A tangent that has been through control flow may be
   * a 0 that stands for none.
   */
  private setOutputs(
    olds: readonly ValueId[],
    news: readonly ValueId[],
    carried: readonly Carried[],
    names: Renaming,
    tangents: Map<ValueId, Tangents>,
  ): void {
    const slopes = olds.map(() => [...this.none]);
    for (const [i, { output, direction }] of carried.entries()) {
      const slope = news[olds.length + i];
      this.context.conditional.add(slope);
      slopes[output][direction] = slope;
    }
    for (const [i, old] of olds.entries()) {
      names.set(old, news[i]);
      tangents.set(old, slopes[i]);
    }
  }

  private loop(
    builder: RegionBuilder,
    node: Extract<Node, { kind: "loop" }>,
    names: Renaming,
    tangents: Map<ValueId, Tangents>,
  ): void {
    const count = node.initial.length;
    const initialSlopes = node.initial.map((id) => tangents.get(id) ?? this.none);
    // Which tangents the loop's variables have is a fixed point: what a step gives them, they bring to the next.
    const known = this.active.get(node);
    let active = initialSlopes.map((slopes, i) => slopes.map((t, k) => t !== undefined || known?.[i][k] === true));
    for (;;) {
      const inner = builder.inner();
      const parameters = node.body.parameters.map(() => inner.parameter());
      const carried = active.flatMap((flags, output) =>
        flags.flatMap((flag, direction) => (flag ? [{ output, direction }] : [])),
      );
      const carriedParameters = carried.map(() => inner.parameter());
      this.setOutputs(node.body.parameters, [...parameters, ...carriedParameters], carried, names, tangents);
      const { values, slopes } = this.results(inner, node.body, names, tangents);
      const next = active.map((flags, i) => flags.map((flag, k) => flag || slopes[1 + i][k] !== undefined));
      if (next.some((flags, i) => flags.some((flag, k) => flag !== active[i][k]))) {
        active = next;
        continue;
      }
      this.active.set(node, active);
      const slopeOf = ({ output, direction }: Carried, offset: number) =>
        slopes[offset + output][direction] ?? inner.constant(0);
      const exits = node.outputs.flatMap((_, output) =>
        slopes[1 + count + output].flatMap((t, direction) => (t === undefined ? [] : [{ output, direction }])),
      );
      const results = [
        ...values.slice(0, 1 + count),
        ...carried.map((c) => slopeOf(c, 1)),
        ...values.slice(1 + count),
        ...exits.map((c) => slopeOf(c, 1 + count)),
      ];
      const initial = [
        ...node.initial.map((id) => renamed(names, id)),
        ...carried.map((c) => initialSlopes[c.output][c.direction] ?? builder.constant(0)),
      ];
      const outputs = builder.loop(initial, inner.finish([...parameters, ...carriedParameters], results));
      this.setOutputs(node.outputs, outputs, exits, names, tangents);
      return;
    }
  }

  private call(
    builder: RegionBuilder,
    node: Extract<Node, { kind: "call" }>,
    names: Renaming,
    tangents: Map<ValueId, Tangents>,
  ): void {
    const args = node.args.map((id) => renamed(names, id));
    const width = node.outputs.length;
    const own = node.args.map((id) => tangents.get(id) ?? this.none);
    if (own.every((slopes) => slopes.every((t) => t === undefined))) {
      const outputs = builder.call(node.callee, args, width);
      this.setOutputs(node.outputs, outputs, [], names, tangents);
      return;
    }
    const callee = this.dual(node.callee);
    const slopes = own.flatMap((list) => list.map((t) => t ?? builder.constant(0)));
    const outputs = builder.call(callee, [...args, ...slopes], width * (1 + this.directions));
    this.setOutputs(node.outputs, outputs, this.dense(width), names, tangents);
  }

  /** Every tangent of a number of values. */
  private dense(count: number): Carried[] {
    return Array.from({ length: count }, (_, output) =>
      this.none.map((_none, direction) => ({ output, direction })),
    ).flat();
  }

  /** The name of the function that takes and returns values with tangents, made when first needed. */
  private dual(callee: string): string {
    const name = `${callee}'${this.directions}`;
    const region = this.graph.functions.get(callee);
    if (!region) throw new Error(`no function ${callee}`);
    if (this.functions.has(name)) return name;
    this.functions.set(name, { parameters: [], nodes: [], results: [] });
    const builder = new RegionBuilder(this.context);
    const names: Renaming = new Map();
    const tangents = new Map<ValueId, Tangents>();
    const count = region.parameters.length;
    const parameters = Array.from({ length: count * (1 + this.directions) }, () => builder.parameter());
    this.setOutputs(region.parameters, parameters, this.dense(count), names, tangents);
    const { values, slopes } = this.results(builder, region, names, tangents);
    const dense = slopes.flatMap((list) => list.map((t) => t ?? builder.constant(0)));
    this.functions.set(name, builder.finish(parameters, [...values, ...dense]));
    return name;
  }
}
