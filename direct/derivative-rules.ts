import { type NumberAlgebra, type PartialDerivative, partialDerivative as scalarPartial } from "../scheme/index.js";
import type { RegionBuilder } from "./builder.js";
import type { ValueId } from "./graph.js";
import { type GraphOp, isArrayCheck, isIndexCheck } from "./graph-ops.js";

/** Writes derivative expressions into a region. */
export class Algebra implements NumberAlgebra<ValueId> {
  readonly builder: RegionBuilder;

  constructor(builder: RegionBuilder) {
    this.builder = builder;
  }

  number(value: number): ValueId {
    return this.builder.constant(value);
  }

  op(op: GraphOp, ...args: ValueId[]): ValueId {
    return this.builder.op(op, args);
  }

  constantOf(id: ValueId): number | undefined {
    return this.builder.constantOf(id);
  }

  /** The sum of two slopes, either of which may be none. */
  add(a: ValueId | undefined, b: ValueId | undefined): ValueId | undefined {
    if (a === undefined) return b;
    if (b === undefined) return a;
    const sum = this.sum(a, b);
    return this.isConditional(a) && this.isConditional(b) ? this.conditional(sum) : sum;
  }

  /** The product of two slopes, as the chain rule has it: a branch not taken passes nothing on, not even NaN. */
  chain(a: ValueId, b: ValueId): ValueId {
    if (!this.isConditional(a) && !this.isConditional(b)) return this.multiply(a, b);
    const isPlain = (value: number | undefined) => value !== undefined && Number.isFinite(value) && value !== 0;
    const plain = [a, b].some((id) => isPlain(this.builder.constantOf(id)));
    return this.conditional(this.op(plain ? "*" : "chain*", a, b));
  }

  /** Notes that a slope may be 0 because control passes elsewhere. */
  conditional(slope: ValueId): ValueId {
    this.builder.context.conditional.add(slope);
    return slope;
  }

  isConditional(slope: ValueId): boolean {
    return this.builder.context.conditional.has(slope);
  }

  /** Two signs cancel, and one goes into a constant: that changes no bit. */
  multiply(a: ValueId, b: ValueId): ValueId {
    const [first, second] = [this.builder.constantOf(a), this.builder.constantOf(b)];
    if (first === 1) return b;
    if (second === 1) return a;
    if (first === -1) return this.negate(b);
    if (second === -1) return this.negate(a);
    const [plainA, plainB] = [this.positive(a), this.positive(b)];
    if (plainA !== undefined && plainB !== undefined) return this.op("*", plainA, plainB);
    if (plainA !== undefined && second !== undefined) return this.op("*", plainA, this.number(-second));
    if (plainB !== undefined && first !== undefined) return this.op("*", this.number(-first), plainB);
    return this.op("*", a, b);
  }

  negate(a: ValueId): ValueId {
    const plain = this.positive(a);
    if (plain !== undefined) return plain;
    const { builder } = this;
    const negative = this.op("*", this.number(-1), a);
    if (builder.constantOf(negative) === undefined) builder.context.negated.set(negative, a);
    return negative;
  }

  /** What a value is the negative of, where it was made as such. */
  private positive(a: ValueId): ValueId | undefined {
    return this.builder.context.negated.get(a);
  }

  private sum(a: ValueId, b: ValueId): ValueId {
    const [plainA, plainB] = [this.positive(a), this.positive(b)];
    if (plainB !== undefined) return this.op("-", a, plainB);
    return plainA !== undefined ? this.op("-", b, plainA) : this.op("+", a, b);
  }

  choose(test: ValueId, consequent: (a: Algebra) => ValueId, alternative: (a: Algebra) => ValueId): ValueId {
    const [value] = this.builder.branch(
      test,
      (inner) => [consequent(new Algebra(inner))],
      (inner) => [alternative(new Algebra(inner))],
    );
    return value;
  }
}

/** The partial derivative of an operation of the graph with respect to one argument, from its arguments and its value. */
type Partial = (a: Algebra, args: readonly ValueId[], value: ValueId) => ValueId;

/** Each factor is the other's slope, and 0 where the product is 0 for control's sake. */
const chainRule: readonly Partial[] = [(a, [, y]) => a.conditional(y), (a, [x]) => a.conditional(x)];

const one: Partial = (a) => a.number(1);

/** The partial derivative of `op` with respect to argument `index`, if it is not 0 everywhere. */
export function partialDerivative(op: GraphOp, index: number): Partial | PartialDerivative | undefined {
  if (op === "chain*") return chainRule[index];
  if (!isArrayCheck(op)) return scalarPartial(op, index);
  return isIndexCheck(op) ? undefined : one;
}
