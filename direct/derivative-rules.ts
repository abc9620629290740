import type { RegionBuilder } from "./builder.js";
import type { ValueId } from "./graph.js";
import type { GraphOp } from "./graph-ops.js";

/** Writes derivative expressions into a region. */
export class Algebra {
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

  square(a: ValueId): ValueId {
    return this.op("square", a);
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

/** The partial derivative of an operation with respect to one argument, from its arguments and its value. */
type Partial = (a: Algebra, args: readonly ValueId[], value: ValueId) => ValueId;

/** One partial derivative an argument; undefined where it is 0 everywhere. */
type Rule = readonly (Partial | undefined)[];

const step: Rule = [];
const one: Partial = (a) => a.number(1);

/** The share of a winner: 1 where the test holds, half where both tie, as PyTorch has it. */
const winner =
  (op: "<" | ">", mine: 0 | 1): Partial =>
  (a, args) =>
    a.op("+", a.op(op, args[mine], args[1 - mine]), a.multiply(a.number(0.5), a.op("=", args[0], args[1])));

/** `x*x + y*y` of the arguments of atan2. */
const radius = (a: Algebra, [y, x]: readonly ValueId[]) => a.op("+", a.square(y), a.square(x));

/** A quotient's slopes have it in common: a division costs several products. */
const reciprocal = (a: Algebra, x: ValueId) => a.op("/", a.number(1), x);

const power: Rule = [
  (a, [x, y], value) => {
    const exponent = a.builder.constantOf(y);
    if (exponent === 0) return a.number(0);
    if (exponent === 2) return a.multiply(a.number(2), x);
    if (exponent === 3) return a.multiply(a.number(3), a.square(x));
    if (exponent === -1) return a.negate(reciprocal(a, a.square(x)));
    if (exponent === 0.5) return a.op("/", a.number(0.5), value);
    const slope = (inner: Algebra) => inner.multiply(y, inner.op("expt", x, inner.op("-", y, inner.number(1))));
    if (exponent !== undefined) return slope(a);
    return a.choose(a.op("zero?", y), (inner) => inner.number(0), slope);
  },
  (a, [x, y], value) =>
    a.choose(
      a.multiply(a.op("zero?", x), a.op(">=", y, a.number(0))),
      (inner) => inner.number(0),
      (inner) => inner.multiply(value, inner.op("log", x)),
    ),
];

/**
 * The derivative of each operation, as expressions in the language itself, so that they have derivatives in turn.
 * At kinks these are the subgradients that PyTorch takes: 0 for |x| at 0, halves for ties of min and max.
 */
const rules: { readonly [K in GraphOp]: Rule } = {
  // Each factor is the other's slope, and 0 where the product is 0 for control's sake.
  "chain*": [(a, [, y]) => a.conditional(y), (a, [x]) => a.conditional(x)],
  "+": [one, one],
  "-": [one, (a) => a.number(-1)],
  "*": [(_, args) => args[1], (_, args) => args[0]],
  "/": [(a, [, y]) => reciprocal(a, y), (a, [, y], value) => a.negate(a.multiply(value, reciprocal(a, y)))],
  expt: power,
  modulo: [one, (a, [x, y]) => a.negate(a.op("floor", a.op("/", x, y)))],
  remainder: [one, (a, [x, y]) => a.negate(a.op("truncate", a.op("/", x, y)))],
  quotient: step,
  gcd: step,
  lcm: step,
  min: [winner("<", 0), winner("<", 1)],
  max: [winner(">", 0), winner(">", 1)],
  abs: [(a, [x]) => a.op("-", a.op("positive?", x), a.op("negative?", x))],
  square: [(a, [x]) => a.multiply(a.number(2), x)],
  sqrt: [(a, _, value) => a.op("/", a.number(0.5), value)],
  exp: [(_a, _args, value) => value],
  log: [(a, [x]) => reciprocal(a, x)],
  sin: [(a, [x]) => a.op("cos", x)],
  cos: [(a, [x]) => a.negate(a.op("sin", x))],
  tan: [(a, _, value) => a.op("+", a.number(1), a.square(value))],
  asin: [(a, [x]) => reciprocal(a, a.op("sqrt", a.op("-", a.number(1), a.square(x))))],
  acos: [(a, [x]) => a.negate(reciprocal(a, a.op("sqrt", a.op("-", a.number(1), a.square(x)))))],
  atan: [(a, [x]) => reciprocal(a, a.op("+", a.number(1), a.square(x)))],
  atan2: [(a, args) => a.op("/", args[1], radius(a, args)), (a, args) => a.negate(a.op("/", args[0], radius(a, args)))],
  sinh: [(a, [x]) => a.op("cosh", x)],
  cosh: [(a, [x]) => a.op("sinh", x)],
  tanh: [(a, _, value) => a.op("-", a.number(1), a.square(value))],
  floor: step,
  ceiling: step,
  round: step,
  truncate: step,
  "=": step,
  "<": step,
  ">": step,
  "<=": step,
  ">=": step,
  not: step,
  "zero?": step,
  "positive?": step,
  "negative?": step,
  "odd?": step,
  "even?": step,
  ref: step,
};

/** The partial derivative of `op` with respect to argument `index`, if it is not 0 everywhere. */
export function partialDerivative(op: GraphOp, index: number): Partial | undefined {
  return rules[op][index];
}
