import { SoftmachineError, type Span } from "../scheme/index.js";
import type { Arithmetic, Node, Origin, Region, ValueId } from "./graph.js";
import { checkOf, type GraphOp, meaningOf } from "./graph-ops.js";
import type { Shaped } from "./shaped-values.js";

/** Past this many values, a graph is more than can be compiled. */
const largestGraph = 2_000_000;

/** Past so many regions within one another, stages that recur on them may exhaust JavaScript's stack. */
const deepestRegion = 800;

/** What the regions of one graph share: the count of its values, and what is known of them. */
export class GraphContext {
  readonly arithmetic: Arithmetic;
  readonly constants = new Map<ValueId, number>();
  /** Slopes that may be 0 because control passes elsewhere, whatever they are multiplied with. */
  readonly conditional = new Set<ValueId>();
  /** The operation on arrays whose parts are being written. */
  origin: Origin | undefined;
  /** Values that derivatives negate, by the negated ones. */
  readonly negated = new Map<ValueId, ValueId>();
  private next = 0;

  constructor(arithmetic: Arithmetic) {
    this.arithmetic = arithmetic;
  }

  get size(): number {
    return this.next;
  }

  /** @throws SoftmachineError for a graph past all bounds. */
  fresh(): ValueId {
    if (this.next >= largestGraph)
      throw new SoftmachineError(
        `the program, or its derivative, is too large to compile: more than ${largestGraph / 1e6} million operations`,
      );
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
  private readonly depth: number;
  private readonly nodes: Node[] = [];
  private readonly known = new Map<string, ValueId>();
  private readonly calls = new Map<string, Shaped>();

  constructor(context: GraphContext, outer?: RegionBuilder) {
    this.context = context;
    this.outer = outer;
    this.depth = outer ? outer.depth + 1 : 0;
    if (this.depth > deepestRegion)
      throw new SoftmachineError(
        `the program nests too deeply: more than ${deepestRegion} branches within one another`,
      );
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

  /** The value of an operation, which stands at `span` in the program, or is a derivative's. */
  op(op: GraphOp, args: readonly ValueId[], span?: Span, origin = this.context.origin): ValueId {
    const check = checkOf(this.context.arithmetic, op, span);
    const simple = this.simplified(op, args, span);
    if (simple !== undefined) return simple;
    const key = `${op} ${args.join(" ")}${check ? " checked" : ""}`;
    const found = this.find(key);
    if (found !== undefined) return found;
    const output = this.context.fresh();
    this.add(key, { kind: "op", op, args, output, span, origin }, output);
    return output;
  }

  /** An operation whose value is known without computing it. Only identities that hold for every IEEE number. */
  private simplified(op: GraphOp, args: readonly ValueId[], span: Span | undefined): ValueId | undefined {
    const values = args.map((id) => this.constantOf(id));
    const numbers = values.filter((value) => value !== undefined);
    if (numbers.length === args.length) {
      // What leaves the domain is kept, for strict mode to refuse and for `explain` to name.
      const outside = checkOf({ ...this.context.arithmetic, domain: "strict" }, op, span)?.outside(...numbers);
      return outside ? undefined : this.constant(meaningOf(op)(...numbers));
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
    const outputs = consequent.results.map(() => this.context.fresh());
    this.nodes.push({ kind: "if", test, consequent, alternative, outputs });
    return consequent.results.map((id, i) => {
      // Where both branches end in one value from outside them, or in one constant, there is no choice to make.
      const other = alternative.results[i];
      if (id === other) return id;
      const value = this.constantOf(id);
      return value !== undefined && Object.is(value, this.constantOf(other)) ? this.constant(value) : outputs[i];
    });
  }

  loop(initial: readonly ValueId[], body: Region): readonly ValueId[] {
    const outputs = body.results.slice(1 + initial.length).map(() => this.context.fresh());
    this.nodes.push({ kind: "loop", initial, body, outputs });
    return outputs;
  }

  /** A loop that `reverse` may follow. The last `saved` of the body's results are recorded with its iterations. */
  recordedLoop(
    initial: readonly ValueId[],
    body: Region,
    saved: number,
  ): { outputs: readonly ValueId[]; tape: ValueId } {
    const outputs = body.results.slice(1 + initial.length + saved).map(() => this.context.fresh());
    const tape = this.context.fresh();
    this.nodes.push({ kind: "loop", initial, body, outputs, tape });
    return { outputs, tape };
  }

  /** See the node of that kind. */
  reverse(tape: ValueId, seeds: readonly ValueId[], step: Region, phases: readonly Region[]): readonly ValueId[] {
    const outputs = phases[0].results.map(() => this.context.fresh());
    this.nodes.push({ kind: "reverse", tape, seeds, step, phases, outputs });
    return outputs;
  }

  call(callee: string, args: readonly ValueId[], width: number): readonly ValueId[] {
    const outputs = Array.from({ length: width }, () => this.context.fresh());
    this.nodes.push({ kind: "call", callee, args, outputs });
    return outputs;
  }

  /** The value of a call, made once for the same arguments: functions are pure. */
  shared(callee: string, args: readonly ValueId[], make: () => Shaped): Shaped {
    const key = `${callee} ${args.join(" ")}`;
    for (let builder: RegionBuilder | undefined = this; builder; builder = builder.outer) {
      const found = builder.calls.get(key);
      if (found !== undefined) return found;
    }
    const value = make();
    this.calls.set(key, value);
    return value;
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
