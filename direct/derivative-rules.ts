import type { OpName, ops, Span } from "../scheme/index.js";
import type { RegionBuilder } from "./builder.js";
import type { ValueId } from "./graph.js";

/** Writes derivative expressions into a region, under the position of the operation they belong to. */
export class Algebra {
  readonly builder: RegionBuilder;
  readonly span: Span;

  constructor(builder: RegionBuilder, span: Span) {
    this.builder = builder;
    this.span = span;
  }

  number(value: number): ValueId {
    return this.builder.constant(value);
  }

  op(op: OpName, ...args: ValueId[]): ValueId {
    return this.builder.op(op, args, this.span);
  }

  add(a: ValueId | undefined, b: ValueId | undefined): ValueId | undefined {
    if (a === undefined) return b;
    return b === undefined ? a : this.op("+", a, b);
  }

  multiply(a: ValueId, b: ValueId): ValueId {
    return this.op("*", a, b);
  }

  negate(a: ValueId): ValueId {
    return this.op("*", this.number(-1), a);
  }

  /** `1 - x*x` and its like. */
  square(a: ValueId): ValueId {
    return this.op("square", a);
  }

  choose(test: ValueId, consequent: (a: Algebra) => ValueId, alternative: (a: Algebra) => ValueId): ValueId {
    const within = (inner: RegionBuilder) => new Algebra(inner, this.span);
    const [value] = this.builder.branch(
      test,
      (inner) => [consequent(within(inner))],
      (inner) => [alternative(within(inner))],
    );
    return value;
  }
}

/** The partial derivative of an operation with respect to one argument, from its arguments and its value. */
type Partial = (a: Algebra, args: readonly ValueId[], value: ValueId) => ValueId;

/** One partial derivative an argument; undefined where it is 0 everywhere. */
type Rule = readonly (Partial | undefined)[];

type Scalar = { [K in OpName]: (typeof ops)[K]["group"] extends "scalar" ? K : never }[OpName];

/** Operations on vectors and matrices have no rule of their own here: the graph holds numbers only. */
const array: Rule = [];
const step: Rule = [];
const one: Partial = (a) => a.number(1);

/** The share of a winner: 1 where the test holds, half where both tie, as PyTorch has it. */
const winner =
  (op: "<" | ">", mine: 0 | 1): Partial =>
  (a, args) =>
    a.op("+", a.op(op, args[mine], args[1 - mine]), a.multiply(a.number(0.5), a.op("=", args[0], args[1])));

/** `x*x + y*y` of the arguments of atan2. */
const radius = (a: Algebra, [y, x]: readonly ValueId[]) => a.op("+", a.square(y), a.square(x));

const power: Rule = [
  (a, [x, y]) => {
    const exponent = a.builder.constantOf(y);
    if (exponent === 0) return a.number(0);
    if (exponent === 2) return a.multiply(a.number(2), x);
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
const rules: { [K in OpName]: K extends Scalar ? Rule : typeof array } = {
  "+": [one, one],
  "-": [one, (a) => a.number(-1)],
  "*": [(_, args) => args[1], (_, args) => args[0]],
  "/": [(a, [, y]) => a.op("/", a.number(1), y), (a, [, y], value) => a.negate(a.op("/", value, y))],
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
  log: [(a, [x]) => a.op("/", a.number(1), x)],
  sin: [(a, [x]) => a.op("cos", x)],
  cos: [(a, [x]) => a.negate(a.op("sin", x))],
  tan: [(a, _, value) => a.op("+", a.number(1), a.square(value))],
  asin: [(a, [x]) => a.op("/", a.number(1), a.op("sqrt", a.op("-", a.number(1), a.square(x))))],
  acos: [(a, [x]) => a.op("/", a.number(-1), a.op("sqrt", a.op("-", a.number(1), a.square(x))))],
  atan: [(a, [x]) => a.op("/", a.number(1), a.op("+", a.number(1), a.square(x)))],
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
  vec: array,
  ref: array,
  dot: array,
  cross: array,
  norm: array,
  normalize: array,
  vsum: array,
  vlen: array,
  scale: array,
  mat: array,
  matmul: array,
  matvec: array,
  transpose: array,
  trace: array,
  det: array,
  inv: array,
  outer: array,
  eye: array,
  zeros: array,
  ones: array,
};

/** The partial derivative of `op` with respect to argument `index`, if it is not 0 everywhere. */
export function partialDerivative(op: OpName, index: number): Partial | undefined {
  return rules[op][index];
}
