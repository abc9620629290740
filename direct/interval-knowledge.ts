import { type Graph, type Node, type Region, regionsOf, type ValueId } from "./graph.js";
import { clip, hasNumbers, type Interval, isEmpty, nextDown, nextUp, only, point } from "./interval.js";
import { intervalOf } from "./interval-ops.js";

type OpNode = Extract<Node, { kind: "op" }>;
type IfNode = Extract<Node, { kind: "if" }>;

/** How far back a value is computed anew from what a test has said of its arguments. */
const furthestBack = 8;

/** The values that a region computes, over those of the regions around it. A test may narrow these. */
export class Scope {
  readonly values = new Map<ValueId, Interval>();
  readonly outer: Scope | undefined;
  narrowed = false;

  constructor(outer?: Scope) {
    this.outer = outer;
  }
}

/** What defines a value: an operation, a constant, or a branch's output. */
type Definition =
  | { readonly kind: "op"; readonly node: OpNode }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "if"; readonly node: IfNode; readonly output: number };

/** What is known of a graph's values where control has come to, from what they are made of and from the tests passed. */
export class Knowledge {
  private readonly dtype: "float64" | "float32";
  private readonly definitions = new Map<ValueId, Definition>();

  constructor(graph: Graph) {
    this.dtype = graph.arithmetic.dtype;
    const scan = (region: Region) => {
      for (const node of region.nodes) {
        if (node.kind === "op") this.definitions.set(node.output, { kind: "op", node });
        else if (node.kind === "constant") this.definitions.set(node.output, { kind: "constant", value: node.value });
        else if (node.kind === "if")
          for (const [output, id] of node.outputs.entries()) this.definitions.set(id, { kind: "if", node, output });
        for (const inner of regionsOf(node)) scan(inner);
      }
    };
    for (const region of [graph.main, ...graph.functions.values()]) scan(region);
  }

  /** The numbers that the program has as constants. */
  constants(): number[] {
    return [...this.definitions.values()].flatMap((one) => (one.kind === "constant" ? [one.value] : []));
  }

  /** What is known of a value here. Where a test has narrowed other values, it is computed anew from those. */
  get(scope: Scope, id: ValueId, back = 0): Interval {
    const found = this.find(scope, id, back);
    if (!found) throw new Error(`value ${id} is not computed yet`);
    return found;
  }

  private find(scope: Scope, id: ValueId, back: number): Interval | undefined {
    const own = scope.values.get(id);
    const definition = this.definitions.get(id);
    if (own || !scope.outer) return own ?? (definition?.kind === "constant" ? point(definition.value) : undefined);
    const outer = this.find(scope.outer, id, back);
    if (!outer || !scope.narrowed || back >= furthestBack || definition?.kind !== "op") return outer;
    const { op, args } = definition.node;
    const known = args.map((arg) => this.find(scope, arg, back + 1));
    const given = known.filter((value) => value !== undefined);
    if (given.length < args.length) return outer;
    const anew = intervalOf(op, given, args[0] === args[1], this.dtype);
    const both = clip({ ...outer, nan: outer.nan && anew.nan }, anew.low, anew.high);
    if (back === 0) scope.values.set(id, both);
    return both;
  }

  /** As a test's truth has it; false where that can't be. */
  assumeTest(id: ValueId, truth: boolean, scope: Scope): boolean {
    // What a later part of a test says may make more of what an earlier part did.
    const rounds = this.definitions.get(id)?.kind === "if" ? 2 : 1;
    let possible = true;
    for (let i = 0; i < rounds && possible; i++) possible = this.assume(id, truth, scope);
    return possible;
  }

  /** Narrows what is known in a scope to what a test's truth leaves possible; false where that is nothing. */
  private assume(id: ValueId, truth: boolean, scope: Scope): boolean {
    const value = this.find(scope, id, 0);
    const left = value && (truth ? this.without(value, 0) : clip({ ...value, nan: false }, 0, 0));
    if (left && !this.narrow(scope, id, left)) return false;
    const definition = this.definitions.get(id);
    if (definition?.kind === "constant") return (definition.value !== 0) === truth;
    if (definition?.kind === "if") return this.assumeBranch(definition.node, definition.output, truth, scope);
    if (definition?.kind === "op") return this.assumeOp(definition.node, truth, scope);
    return true;
  }

  /** The test is a branch's own result, as `and` and `or` are: the side that can't have given it was not taken. */
  private assumeBranch(node: IfNode, output: number, truth: boolean, scope: Scope): boolean {
    const can = (side: Region) => {
      // `or` gives its test itself, where that is true.
      if (side.results[output] === node.test) return truth === (side === node.consequent);
      const definition = this.definitions.get(side.results[output]);
      return definition?.kind !== "constant" || (definition.value !== 0) === truth;
    };
    const [first, second] = [can(node.consequent), can(node.alternative)];
    if (first && second) return true;
    if (!first && !second) return false;
    const side = first ? node.consequent : node.alternative;
    return this.assume(node.test, first, scope) && this.assume(side.results[output], truth, scope);
  }

  private assumeOp({ op, args }: OpNode, truth: boolean, scope: Scope): boolean {
    const [a, b] = args;
    switch (op) {
      case "not":
      case "zero?":
        return this.assume(a, !truth, scope);
      case "positive?":
        return this.order(undefined, a, truth, true, scope);
      case "negative?":
        return this.order(a, undefined, truth, true, scope);
      case "<":
        return this.order(a, b, truth, true, scope);
      case "<=":
        return this.order(a, b, truth, false, scope);
      case ">":
        return this.order(b, a, truth, true, scope);
      case ">=":
        return this.order(b, a, truth, false, scope);
      case "=":
        return this.equality(a, b, truth, scope);
      default:
        return true;
    }
  }

  /** `a < b`, or `a <= b` if not `strict`; an operand that is left out is 0. Of what is computed elsewhere nothing is known. */
  private order(
    a: ValueId | undefined,
    b: ValueId | undefined,
    truth: boolean,
    strict: boolean,
    scope: Scope,
  ): boolean {
    const { dtype } = this;
    const left = a === undefined ? point(0) : this.find(scope, a, 0);
    const right = b === undefined ? point(0) : this.find(scope, b, 0);
    if (!left || !right || a === b) return true;
    if (truth) {
      const high = strict ? nextDown(right.high, dtype) : right.high;
      const low = strict ? nextUp(left.low, dtype) : left.low;
      if (!hasNumbers(left) || !hasNumbers(right)) return false;
      return (
        this.narrow(scope, a, clip({ ...left, nan: false }, Number.NEGATIVE_INFINITY, high)) &&
        this.narrow(scope, b, clip({ ...right, nan: false }, low, Number.POSITIVE_INFINITY))
      );
    }
    // Not less: at least as much, or one of them is NaN, and then the other may be anything.
    const low = strict ? right.low : nextUp(right.low, dtype);
    const high = strict ? left.high : nextDown(left.high, dtype);
    const first = right.nan ? left : clip(left, low, Number.POSITIVE_INFINITY);
    const second = left.nan ? right : clip(right, Number.NEGATIVE_INFINITY, high);
    return this.narrow(scope, a, first) && this.narrow(scope, b, second);
  }

  private equality(a: ValueId, b: ValueId, truth: boolean, scope: Scope): boolean {
    const left = this.find(scope, a, 0);
    const right = this.find(scope, b, 0);
    if (!left || !right || a === b) return true;
    if (!truth) {
      const [x, y] = [only(right), only(left)];
      return (
        (x === undefined || this.narrow(scope, a, this.without(left, x))) &&
        (y === undefined || this.narrow(scope, b, this.without(right, y)))
      );
    }
    return (
      this.narrow(scope, a, clip({ ...left, nan: false }, right.low, right.high)) &&
      this.narrow(scope, b, clip({ ...right, nan: false }, left.low, left.high))
    );
  }

  /** An interval less one number, where that is an end of it. */
  private without(a: Interval, value: number): Interval {
    const { dtype } = this;
    const low = a.low !== value ? a.low : a.whole ? value + 1 : nextUp(value, dtype);
    const high = a.high !== value ? a.high : a.whole ? value - 1 : nextDown(value, dtype);
    return clip(a, low, high);
  }

  private narrow(scope: Scope, id: ValueId | undefined, value: Interval): boolean {
    if (id === undefined) return true;
    scope.values.set(id, value);
    scope.narrowed = true;
    return !isEmpty(value);
  }
}
