import {
  type AnfProgram,
  type Atom,
  type Block,
  type Computation,
  type FunctionDefinition,
  SourceError,
  specOf,
  type Tail,
} from "../scheme/index.js";
import { GraphContext, RegionBuilder } from "./builder.js";
import { type Arithmetic, countNodes, type Graph, type Region, type ValueId } from "./graph.js";

type AnfFunction = FunctionDefinition<Block>;
type Environment = Map<string, ValueId>;

/** The loops that a tail position lies in, innermost first. */
interface Chain {
  readonly label: string;
  readonly variables: number;
  readonly outer: Chain | undefined;
}

/** Past this many values, or this deep in one another, functions are called rather than written in place. */
const inlineLimit = 50_000;
const inlineDepth = 100;

/** How many values end a block in a chain: for each loop a flag and its variables, then the value itself. */
const widthOf = (chain: Chain | undefined): number => (chain ? 1 + chain.variables + widthOf(chain.outer) : 1);

/** Functions that can reach themselves by calls: those on a cycle of the call graph (Kosaraju's algorithm, as in Sharir 1981). */
function recursiveFunctions(program: AnfProgram): Set<string> {
  const callees = new Map<string, Set<string>>();
  const callers = new Map<string, Set<string>>();
  for (const name of program.functions.keys()) callers.set(name, new Set());
  for (const f of program.functions.values()) {
    const names = new Set<string>();
    collectCalls(f.body, names);
    callees.set(f.name, names);
    for (const name of names) callers.get(name)?.add(f.name);
  }
  const recursive = new Set<string>();
  const seen = new Set<string>();
  const finished = [...callees.keys()].flatMap((name) => finishingOrder(callees, name, seen));
  seen.clear();
  for (const name of finished.reverse()) {
    const component = finishingOrder(callers, name, seen);
    if (component.length > 1 || callees.get(name)?.has(name)) for (const member of component) recursive.add(member);
  }
  return recursive;
}

/** What can be reached from a node and was not seen before, each after all that it leads to. */
function finishingOrder(edges: ReadonlyMap<string, Set<string>>, start: string, seen: Set<string>): string[] {
  const order: string[] = [];
  const path: { name: string; rest: Iterator<string> }[] = [];
  const enter = (name: string) => {
    if (seen.has(name)) return;
    seen.add(name);
    path.push({ name, rest: (edges.get(name) ?? new Set<string>()).values() });
  };
  enter(start);
  for (let top = path.at(-1); top; top = path.at(-1)) {
    const next = top.rest.next();
    if (!next.done) enter(next.value);
    else {
      path.pop();
      order.push(top.name);
    }
  }
  return order;
}

function collectCalls(block: Block, into: Set<string>): void {
  for (const node of [...block.bindings.map((binding) => binding.value), block.tail]) {
    if (node.kind === "call") into.add(node.callee);
    else if (node.kind === "if") {
      collectCalls(node.consequent, into);
      collectCalls(node.alternative, into);
    } else if (node.kind === "loop") collectCalls(node.body, into);
  }
}

/** A-normal form to the graph: one node for each operation, shared where equal, folded where constant. */
class GraphBuilding {
  private readonly program: AnfProgram;
  private readonly context: GraphContext;
  private readonly recursive: ReadonlySet<string>;
  private readonly functions = new Map<string, Region>();
  private readonly pending: AnfFunction[] = [];
  private depth = 0;

  constructor(program: AnfProgram, arithmetic: Arithmetic) {
    this.program = program;
    this.context = new GraphContext(arithmetic);
    this.recursive = recursiveFunctions(program);
  }

  graph(): Graph {
    const { inputs, source } = this.program;
    const main = this.functionRegion(inputs, this.program.body);
    for (let f = this.pending.pop(); f; f = this.pending.pop())
      this.functions.set(f.name, this.functionRegion(f.parameters, f.body));
    const { arithmetic, size } = this.context;
    return { source, arithmetic, inputs, main, functions: this.functions, size };
  }

  private functionRegion(names: readonly string[], body: Block): Region {
    const builder = new RegionBuilder(this.context);
    const parameters = names.map(() => builder.parameter());
    const environment: Environment = new Map(names.map((name, i) => [name, parameters[i]]));
    return builder.finish(parameters, this.block(builder, body, environment, undefined));
  }

  private block(
    builder: RegionBuilder,
    block: Block,
    environment: Environment,
    chain: Chain | undefined,
  ): readonly ValueId[] {
    for (const { name, value } of block.bindings) environment.set(name, this.value(builder, value, environment));
    return this.tail(builder, block.tail, environment, chain);
  }

  private atom(builder: RegionBuilder, atom: Atom, environment: Environment): ValueId {
    if (atom.kind === "constant") return builder.constant(atom.value);
    const id = environment.get(atom.name);
    if (id === undefined) throw new Error(`unbound variable ${atom.name}`);
    return id;
  }

  private value(builder: RegionBuilder, node: Computation, environment: Environment): ValueId {
    if (node.kind !== "primitive") return this.control(builder, node, environment, undefined)[0];
    if (specOf(node.op).group !== "scalar")
      throw new SourceError(
        `"${node.op}" works on vectors and matrices, which the exact path does not compile; the reference evaluator runs it`,
        this.program.source,
        node.span,
      );
    return builder.op(
      node.op,
      node.args.map((arg) => this.atom(builder, arg, environment)),
      node.span,
    );
  }

  /** What ends a block, laid out as `widthOf(chain)` values. */
  private tail(
    builder: RegionBuilder,
    tail: Tail,
    environment: Environment,
    chain: Chain | undefined,
  ): readonly ValueId[] {
    switch (tail.kind) {
      case "return":
        return this.leave(builder, chain, this.atom(builder, tail.value, environment));
      case "recur":
        return this.again(
          builder,
          chain,
          tail.label,
          tail.args.map((arg) => this.atom(builder, arg, environment)),
        );
      case "call":
        return this.leave(builder, chain, this.control(builder, tail, environment, undefined)[0]);
      default:
        return this.control(builder, tail, environment, chain);
    }
  }

  private zeros(builder: RegionBuilder, count: number): readonly ValueId[] {
    return new Array<ValueId>(count).fill(builder.constant(0));
  }

  /** Every loop of the chain ends with this value. */
  private leave(builder: RegionBuilder, chain: Chain | undefined, value: ValueId): readonly ValueId[] {
    if (!chain) return [value];
    return [...this.zeros(builder, 1 + chain.variables), ...this.leave(builder, chain.outer, value)];
  }

  /** The loop of that label goes on; those within it end. */
  private again(
    builder: RegionBuilder,
    chain: Chain | undefined,
    label: string,
    next: readonly ValueId[],
  ): readonly ValueId[] {
    if (!chain) throw new Error(`no loop ${label} around its recur`);
    if (chain.label === label) return [builder.constant(1), ...next, ...this.zeros(builder, widthOf(chain.outer))];
    return [...this.zeros(builder, 1 + chain.variables), ...this.again(builder, chain.outer, label, next)];
  }

  private control(
    builder: RegionBuilder,
    node: Exclude<Computation, { kind: "primitive" }>,
    environment: Environment,
    chain: Chain | undefined,
  ): readonly ValueId[] {
    if (node.kind === "if") {
      const test = this.atom(builder, node.test, environment);
      return builder.branch(
        test,
        (inner) => this.block(inner, node.consequent, environment, chain),
        (inner) => this.block(inner, node.alternative, environment, chain),
      );
    }
    if (node.kind === "loop") {
      const initial = node.initial.map((atom) => this.atom(builder, atom, environment));
      const inner = builder.inner();
      const parameters = node.variables.map(() => inner.parameter());
      for (const [i, name] of node.variables.entries()) environment.set(name, parameters[i]);
      const own: Chain = { label: node.label, variables: parameters.length, outer: chain };
      return builder.loop(initial, inner.finish(parameters, this.block(inner, node.body, environment, own)));
    }
    const args = node.args.map((arg) => this.atom(builder, arg, environment));
    return [builder.shared(node.callee, args, () => this.call(builder, node.callee, args))];
  }

  private call(builder: RegionBuilder, callee: string, args: readonly ValueId[]): ValueId {
    const f = this.program.functions.get(callee);
    if (!f) throw new Error(`no function ${callee}`);
    if (!this.recursive.has(callee) && this.context.size < inlineLimit && this.depth < inlineDepth) {
      const environment: Environment = new Map(f.parameters.map((name, i) => [name, args[i]]));
      this.depth++;
      const [result] = this.block(builder, f.body, environment, undefined);
      this.depth--;
      return result;
    }
    if (!this.functions.has(callee)) {
      this.functions.set(callee, { parameters: [], nodes: [], results: [] });
      this.pending.push(f);
    }
    return builder.call(callee, args, 1)[0];
  }
}

export function anfToGraph(program: AnfProgram, arithmetic: Arithmetic): Graph {
  return new GraphBuilding(program, arithmetic).graph();
}

/** How many nodes a whole graph has. */
export function graphSize(graph: Graph): number {
  return [graph.main, ...graph.functions.values()].reduce((total, region) => total + countNodes(region), 0);
}
