import { type OpName, type Span, scalarMeaning, specOf } from "../scheme/index.js";
import type { Arithmetic, Node, Region, ValueId } from "./graph.js";

/** What the regions of one graph share: the count of its values, and the values known to be constant. */
export class GraphContext {
  readonly arithmetic: Arithmetic;
  readonly constants = new Map<ValueId, number>();
  private next = 0;

  constructor(arithmetic: Arithmetic) {
    this.arithmetic = arithmetic;
  }

  get size(): number {
    return this.next;
  }

  fresh(): ValueId {
    return this.next++;
  }

  round(value: number): number {
    return this.arithmetic.dtype === "float32" ? Math.fround(value) : value;
  }
}

const keyOfConstant = (value: number) => (Object.is(value, -0) ? "-0" : String(value));

/**
 * Builds one region. Equal subexpressions become one node, operations on constants are folded, and a constant test
 * leaves only its branch.
 */
export class RegionBuilder {
  readonly context: GraphContext;
  private readonly outer: RegionBuilder | undefined;
  private readonly nodes: Node[] = [];
  private readonly known = new Map<string, ValueId>();

  constructor(context: GraphContext, outer?: RegionBuilder) {
    this.context = context;
    this.outer = outer;
  }

  parameter(): ValueId {
    return this.context.fresh();
  }

  finish(parameters: readonly ValueId[], results: readonly ValueId[]): Region {
    return { parameters, nodes: this.nodes, results };
  }

  inner(): RegionBuilder {
    return new RegionBuilder(this.context, this);
  }

  constant(value: number): ValueId {
    const rounded = this.context.round(value);
    const key = keyOfConstant(rounded);
    const found = this.find(key);
    if (found !== undefined) return found;
    const output = this.context.fresh();
    this.context.constants.set(output, rounded);
    this.add(key, { kind: "constant", value: rounded, output }, output);
    return output;
  }

  /** The value of an id that is known to be constant. */
  constantOf(id: ValueId): number | undefined {
    return this.context.constants.get(id);
  }

  op(op: OpName, args: readonly ValueId[], span: Span): ValueId {
    const simple = this.simplified(op, args);
    if (simple !== undefined) return simple;
    const key = `${op} ${args.join(" ")}`;
    const found = this.find(key);
    if (found !== undefined) return found;
    const output = this.context.fresh();
    this.add(key, { kind: "op", op, args, output, span }, output);
    return output;
  }

  /** An operation whose value is known without computing it. Only identities that hold for every IEEE number. */
  private simplified(op: OpName, args: readonly ValueId[]): ValueId | undefined {
    const values = args.map((id) => this.constantOf(id));
    const numbers = values.filter((value) => value !== undefined);
    if (numbers.length === args.length) {
      const outside = this.context.arithmetic.domain === "strict" && specOf(op).outside?.(...numbers);
      return outside ? undefined : this.constant(scalarMeaning(op)(...numbers));
    }
    if (op === "*" && values[0] === 1) return args[1];
    if ((op === "*" || op === "/") && values[1] === 1) return args[0];
    if (op === "-" && Object.is(values[1], 0)) return args[0];
    return undefined;
  }

  /** Both branches are built whole, then the node; a constant test builds its branch in place. */
  branch(
    test: ValueId,
    consequent: (inner: RegionBuilder) => readonly ValueId[],
    alternative: (inner: RegionBuilder) => readonly ValueId[],
  ): readonly ValueId[] {
    const known = this.constantOf(test);
    if (known !== undefined) return known !== 0 ? consequent(this) : alternative(this);
    return this.branchRegions(test, this.region(consequent), this.region(alternative));
  }

  region(build: (inner: RegionBuilder) => readonly ValueId[]): Region {
    const inner = this.inner();
    return inner.finish([], build(inner));
  }

  branchRegions(test: ValueId, consequent: Region, alternative: Region): readonly ValueId[] {
    const outputs = consequent.results.map((id, i) => {
      // Where both branches end in one value from outside them, or in one constant, there is no choice to make.
      const other = alternative.results[i];
      const value = this.constantOf(id);
      if (value !== undefined && Object.is(value, this.constantOf(other))) return this.constant(value);
      return this.context.fresh();
    });
    this.nodes.push({ kind: "if", test, consequent, alternative, outputs: this.distinct(outputs) });
    return outputs;
  }

  /** Outputs of a node are ids of their own; those that are known otherwise get an unused one. */
  private distinct(outputs: readonly ValueId[]): readonly ValueId[] {
    return outputs.map((id) => (this.context.constants.has(id) ? this.context.fresh() : id));
  }

  loop(initial: readonly ValueId[], body: Region): readonly ValueId[] {
    const outputs = body.results.slice(1 + initial.length).map(() => this.context.fresh());
    this.nodes.push({ kind: "loop", initial, body, outputs });
    return outputs;
  }

  call(callee: string, args: readonly ValueId[], width: number): readonly ValueId[] {
    const outputs = Array.from({ length: width }, () => this.context.fresh());
    this.nodes.push({ kind: "call", callee, args, outputs });
    return outputs;
  }

  private find(key: string): ValueId | undefined {
    for (let builder: RegionBuilder | undefined = this; builder; builder = builder.outer) {
      const id = builder.known.get(key);
      if (id !== undefined) return id;
    }
    return undefined;
  }

  private add(key: string, node: Node, output: ValueId): void {
    this.nodes.push(node);
    this.known.set(key, output);
  }
}
