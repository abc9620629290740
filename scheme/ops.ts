import { type Arrayed, arraysOver, eliminate, type Matrix, plainArithmetic, type Vector } from "./arrays.js";
import { longest, type ShapeRule, shapes } from "./shapes.js";

export type { Shape } from "./shapes.js";

/** What the language computes with: a number, a vector, or a matrix by rows. */
export type Value = Arrayed;

/** How an operation's value depends on its arguments: differentiable, continuous or affine between kinks, or piecewise constant. */
export type DerivativeClass = "smooth" | "kinked" | "step";

/** How a form with more or fewer arguments than the operation itself takes is meant. */
export type Spread =
  /** `(+ a b c)` is `(+ (+ a b) c)`; no argument gives `identity`, one gives itself (`single: "abs"`: its magnitude). */
  | { readonly kind: "fold"; readonly identity?: number; readonly single?: "abs" }
  /** `(- a b c)` is `(- (- a b) c)`; one argument is negated or inverted. */
  | { readonly kind: "inverse" }
  /** `(< a b c)` is `a < b` and `b < c`. */
  | { readonly kind: "chain" }
  /** Any number of arguments, taken as they are. */
  | { readonly kind: "list" };

/** One row of the op table. */
export interface OpSpec {
  /** Fewest and most arguments that a program may write. */
  readonly arity: readonly [number, number];
  readonly spread?: Spread;
  readonly group: "scalar" | "vector" | "matrix";
  readonly derivative: DerivativeClass;
  /** The result's shape from the arguments' shapes, or what is wrong with them. */
  readonly shape: ShapeRule;
  /** The meaning. Scalar rows take numbers and are lifted elementwise over arrays of one shape; the others take any value. */
  readonly evaluate: (...args: never[]) => Value;
  /** Why the arguments are outside the domain, in the words of strict mode; undefined inside it. */
  readonly outside?: (...args: number[]) => string | undefined;
  /** As `outside`, of an operation on one array. */
  readonly degenerate?: { readonly what: string; readonly holds: (array: never) => boolean };
  /** Where to sample each argument so that value and slopes are defined: [low, high], the last for all that follow. */
  readonly sample: readonly (readonly [number, number])[];
  readonly documentation: string;
}

const anyNumber: readonly [number, number] = [-3, 3];
const positiveNumber: readonly [number, number] = [0.2, 4];
const wholeNumber: readonly [number, number] = [1, 20];

const byZero = (_a: number, b: number) => (b === 0 ? "division by zero" : undefined);
const beyondOne = (x: number) => (Math.abs(x) > 1 ? "argument outside [-1, 1]" : undefined);
const notWhole = (...args: number[]) => (args.every(Number.isInteger) ? undefined : "arguments must be whole numbers");
const bool = (test: boolean) => (test ? 1 : 0);

/** R7RS `modulo`: the result has the sign of `b`. NaN where `b` is 0. */
export function modulo(a: number, b: number): number {
  const r = a % b;
  if (r === 0) return 0;
  return r < 0 === b < 0 ? r : r + b;
}

/** R7RS `remainder`: the result has the sign of `a`. NaN where `b` is 0. */
export function remainder(a: number, b: number): number {
  const r = a % b;
  return r === 0 ? 0 : r;
}

/** R7RS `round`: to the nearest whole number, ties to even. */
export function round(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  if (fraction !== 0.5) return Math.round(x);
  // IEEE 754 keeps the sign: -0.5 goes to -0.
  return floor % 2 === 0 ? floor : floor === -1 ? -0 : floor + 1;
}

/** IEEE 754 `pow`, which unlike JavaScript's has 1 to any power 1. */
export function expt(x: number, y: number): number {
  if (x === 1 || (x === -1 && Math.abs(y) === Number.POSITIVE_INFINITY)) return 1;
  // biome-ignore lint/style/useExponentiationOperator: tests put the kernels' functions into Math.
  return Math.pow(x, y);
}

/** Greatest common divisor of whole numbers; NaN for others. */
export function gcd(a: number, b: number): number {
  if (!Number.isInteger(a) || !Number.isInteger(b)) return Number.NaN;
  let [x, y] = [Math.abs(a), Math.abs(b)];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
}

/** Least common multiple of whole numbers; NaN for others. */
export function lcm(a: number, b: number): number {
  if (a === 0 && b === 0) return 0;
  return Math.abs(a / gcd(a, b)) * Math.abs(b);
}

type Row = Omit<OpSpec, "group" | "derivative" | "shape">;
const row = <G extends OpSpec["group"]>(
  group: G,
  derivative: DerivativeClass,
  shape: OpSpec["shape"],
  rest: Row,
): OpSpec & { readonly group: G } => ({
  group,
  derivative,
  shape,
  ...rest,
});
const scalar = (derivative: DerivativeClass, rest: Row) => row("scalar", derivative, shapes.elementwise, rest);
const unary = (
  derivative: DerivativeClass,
  evaluate: (x: number) => number,
  sample: readonly [number, number],
  documentation: string,
  outside?: (x: number) => string | undefined,
) => scalar(derivative, { arity: [1, 1], evaluate, sample: [sample], documentation, ...(outside && { outside }) });
const comparison = (evaluate: (a: number, b: number) => number, documentation: string) =>
  scalar("step", {
    arity: [1, Number.POSITIVE_INFINITY],
    spread: { kind: "chain" },
    evaluate,
    sample: [anyNumber],
    documentation,
  });
const many = Number.POSITIVE_INFINITY;

const arrays = arraysOver(plainArithmetic);

/** The op table: each primitive of the language, once. Every other table over ops is total over its names. */
export const ops = {
  "+": scalar("smooth", {
    arity: [0, many],
    spread: { kind: "fold", identity: 0 },
    evaluate: (a: number, b: number) => a + b,
    sample: [anyNumber],
    documentation: "Sum of its arguments; 0 for none.",
  }),
  "-": scalar("smooth", {
    arity: [1, many],
    spread: { kind: "inverse" },
    evaluate: (a: number, b: number) => a - b,
    sample: [anyNumber],
    documentation: "The first argument less the others; of one argument, its negation.",
  }),
  "*": scalar("smooth", {
    arity: [0, many],
    spread: { kind: "fold", identity: 1 },
    evaluate: (a: number, b: number) => a * b,
    sample: [anyNumber],
    documentation: "Product of its arguments; 1 for none.",
  }),
  "/": scalar("smooth", {
    arity: [1, many],
    spread: { kind: "inverse" },
    evaluate: (a: number, b: number) => a / b,
    outside: byZero,
    sample: [anyNumber, positiveNumber],
    documentation: "The first argument divided by the others; of one argument, its reciprocal.",
  }),
  expt: scalar("smooth", {
    arity: [2, 2],
    evaluate: expt,
    outside: (x, y) =>
      x < 0 && Number.isFinite(y) && !Number.isInteger(y)
        ? "fractional power of a negative number"
        : x === 0 && y < 0
          ? "negative power of zero"
          : undefined,
    sample: [positiveNumber, anyNumber],
    documentation: "The first argument to the power of the second; also spelt pow.",
  }),
  modulo: scalar("kinked", {
    arity: [2, 2],
    evaluate: modulo,
    outside: byZero,
    sample: [anyNumber, positiveNumber],
    documentation: "a - b*floor(a/b): the remainder with the sign of the divisor. Slopes 1 and -floor(a/b).",
  }),
  remainder: scalar("kinked", {
    arity: [2, 2],
    evaluate: remainder,
    outside: byZero,
    sample: [anyNumber, positiveNumber],
    documentation: "a - b*truncate(a/b): the remainder with the sign of the dividend. Slopes 1 and -truncate(a/b).",
  }),
  quotient: scalar("step", {
    arity: [2, 2],
    evaluate: (a: number, b: number) => Math.trunc(a / b),
    outside: byZero,
    sample: [anyNumber, positiveNumber],
    documentation: "truncate(a/b). Slope 0.",
  }),
  gcd: scalar("step", {
    arity: [0, many],
    spread: { kind: "fold", identity: 0, single: "abs" },
    evaluate: gcd,
    outside: notWhole,
    sample: [wholeNumber],
    documentation: "Greatest common divisor of whole numbers.",
  }),
  lcm: scalar("step", {
    arity: [0, many],
    spread: { kind: "fold", identity: 1, single: "abs" },
    evaluate: lcm,
    outside: notWhole,
    sample: [wholeNumber],
    documentation: "Least common multiple of whole numbers.",
  }),
  min: scalar("kinked", {
    arity: [1, many],
    spread: { kind: "fold" },
    evaluate: (a: number, b: number) => Math.min(a, b),
    sample: [anyNumber],
    documentation: "The least of its arguments; where two tie, each has half the slope.",
  }),
  max: scalar("kinked", {
    arity: [1, many],
    spread: { kind: "fold" },
    evaluate: (a: number, b: number) => Math.max(a, b),
    sample: [anyNumber],
    documentation: "The greatest of its arguments; where two tie, each has half the slope.",
  }),
  abs: unary("kinked", Math.abs, anyNumber, "Magnitude; slope 0 at 0."),
  square: unary("smooth", (x) => x * x, anyNumber, "x*x."),
  sqrt: unary("smooth", Math.sqrt, positiveNumber, "Square root.", (x) =>
    x < 0 ? "square root of a negative number" : undefined,
  ),
  exp: unary("smooth", Math.exp, anyNumber, "e to the power x."),
  log: scalar("smooth", {
    arity: [1, 2],
    evaluate: (x: number) => Math.log(x),
    outside: (x) => (x > 0 || Number.isNaN(x) ? undefined : "logarithm of a number that is not positive"),
    sample: [positiveNumber],
    documentation: "Natural logarithm; (log x base) to another base.",
  }),
  sin: unary("smooth", Math.sin, anyNumber, "Sine of an angle in radians."),
  cos: unary("smooth", Math.cos, anyNumber, "Cosine of an angle in radians."),
  tan: unary("smooth", Math.tan, [-1.2, 1.2], "Tangent of an angle in radians."),
  asin: unary("smooth", Math.asin, [-0.9, 0.9], "Angle in radians with the given sine.", beyondOne),
  acos: unary("smooth", Math.acos, [-0.9, 0.9], "Angle in radians with the given cosine.", beyondOne),
  atan: scalar("smooth", {
    arity: [1, 2],
    evaluate: (x: number) => Math.atan(x),
    sample: [anyNumber],
    documentation: "Angle in radians with the given tangent; (atan y x) is the angle of the point (x, y).",
  }),
  atan2: scalar("smooth", {
    arity: [2, 2],
    evaluate: (y: number, x: number) => Math.atan2(y, x),
    sample: [anyNumber, positiveNumber],
    documentation: "Angle in radians of the point (x, y), as (atan y x).",
  }),
  sinh: unary("smooth", Math.sinh, anyNumber, "Hyperbolic sine."),
  cosh: unary("smooth", Math.cosh, anyNumber, "Hyperbolic cosine."),
  tanh: unary("smooth", Math.tanh, anyNumber, "Hyperbolic tangent."),
  floor: unary("step", Math.floor, anyNumber, "Greatest whole number not above x."),
  ceiling: unary("step", Math.ceil, anyNumber, "Least whole number not below x."),
  round: unary("step", round, anyNumber, "Nearest whole number, ties to even."),
  truncate: unary("step", Math.trunc, anyNumber, "Whole part, towards zero."),
  "=": comparison((a, b) => bool(a === b), "1 where all arguments are equal, else 0."),
  "<": comparison((a, b) => bool(a < b), "1 where the arguments increase, else 0."),
  ">": comparison((a, b) => bool(a > b), "1 where the arguments decrease, else 0."),
  "<=": comparison((a, b) => bool(a <= b), "1 where the arguments never decrease, else 0."),
  ">=": comparison((a, b) => bool(a >= b), "1 where the arguments never increase, else 0."),
  not: unary("step", (x) => bool(x === 0), anyNumber, "1 for 0, else 0."),
  "zero?": unary("step", (x) => bool(x === 0), anyNumber, "1 for 0, else 0."),
  "positive?": unary("step", (x) => bool(x > 0), anyNumber, "1 above 0, else 0."),
  "negative?": unary("step", (x) => bool(x < 0), anyNumber, "1 below 0, else 0."),
  "odd?": unary("step", (x) => bool(Math.abs(x % 2) === 1), wholeNumber, "1 for odd whole numbers, else 0."),
  "even?": unary("step", (x) => bool(x % 2 === 0), wholeNumber, "1 for even whole numbers, else 0."),
  vec: row("vector", "smooth", shapes.vec, {
    arity: [1, longest],
    spread: { kind: "list" },
    evaluate: arrays.vec,
    sample: [anyNumber],
    documentation: "Vector of its arguments; also written [a b c].",
  }),
  ref: row("vector", "smooth", shapes.ref, {
    arity: [2, 2],
    evaluate: arrays.ref,
    sample: [anyNumber, [0, 0]],
    documentation: "(ref v i): element i of a vector, or row i of a matrix, counted from 0.",
  }),
  update: row("vector", "smooth", shapes.update, {
    arity: [3, 3],
    evaluate: arrays.update,
    sample: [anyNumber, [0, 0], anyNumber],
    documentation:
      "(update v i x): a vector with x as its element i, or a matrix with x as its row i; v stays as it is.",
  }),
  dot: row("vector", "smooth", shapes.sameVectors([]), {
    arity: [2, 2],
    evaluate: arrays.dot,
    sample: [anyNumber],
    documentation: "Inner product of two vectors.",
  }),
  cross: row("vector", "smooth", shapes.cross, {
    arity: [2, 2],
    evaluate: arrays.cross,
    sample: [anyNumber],
    documentation: "Cross product of two vectors of length 3.",
  }),
  norm: row("vector", "smooth", shapes.reduceVector, {
    arity: [1, 1],
    evaluate: arrays.norm,
    sample: [anyNumber],
    documentation: "Euclidean length of a vector.",
  }),
  normalize: row("vector", "smooth", shapes.keepVector, {
    arity: [1, 1],
    evaluate: arrays.normalize,
    degenerate: { what: "a vector of length 0 has no direction", holds: (v: Vector) => arrays.norm(v) === 0 },
    sample: [anyNumber],
    documentation: "A vector divided by its length.",
  }),
  vsum: row("vector", "smooth", shapes.reduceVector, {
    arity: [1, 1],
    evaluate: arrays.vsum,
    sample: [anyNumber],
    documentation: "Sum of a vector's elements.",
  }),
  vlen: row("vector", "step", shapes.reduceVector, {
    arity: [1, 1],
    evaluate: arrays.vlen,
    sample: [anyNumber],
    documentation: "Number of a vector's elements.",
  }),
  scale: row("vector", "smooth", shapes.scale, {
    arity: [2, 2],
    evaluate: arrays.scale,
    sample: [anyNumber],
    documentation: "A vector or matrix times a number, in either order.",
  }),
  mat: row("matrix", "smooth", shapes.mat, {
    arity: [1, longest],
    spread: { kind: "list" },
    evaluate: arrays.mat,
    sample: [anyNumber],
    documentation: "Matrix of its rows, which are vectors of one length.",
  }),
  matmul: row("matrix", "smooth", shapes.matmul, {
    arity: [2, 2],
    evaluate: arrays.matmul,
    sample: [anyNumber],
    documentation: "Matrix product.",
  }),
  matvec: row("matrix", "smooth", shapes.matvec, {
    arity: [2, 2],
    evaluate: arrays.matvec,
    sample: [anyNumber],
    documentation: "Matrix times vector.",
  }),
  transpose: row("matrix", "smooth", shapes.transpose, {
    arity: [1, 1],
    evaluate: arrays.transpose,
    sample: [anyNumber],
    documentation: "Matrix with rows and columns exchanged.",
  }),
  trace: row("matrix", "smooth", shapes.square([]), {
    arity: [1, 1],
    evaluate: arrays.trace,
    sample: [anyNumber],
    documentation: "Sum of a square matrix's diagonal.",
  }),
  det: row("matrix", "smooth", shapes.square([]), {
    arity: [1, 1],
    evaluate: arrays.det,
    sample: [anyNumber],
    documentation: "Determinant of a square matrix.",
  }),
  inv: row("matrix", "smooth", shapes.square("same"), {
    arity: [1, 1],
    evaluate: arrays.inv,
    degenerate: { what: "singular matrix", holds: (m: Matrix) => eliminate(plainArithmetic, m).pivots < m.length },
    sample: [anyNumber],
    documentation: "Inverse of a square matrix.",
  }),
  outer: row("matrix", "smooth", shapes.outer, {
    arity: [2, 2],
    evaluate: arrays.outer,
    sample: [anyNumber],
    documentation: "Matrix of the products of two vectors' elements.",
  }),
  eye: row("matrix", "step", shapes.sized(2), {
    arity: [1, 1],
    evaluate: arrays.eye,
    sample: [[1, 4]],
    documentation: "(eye n): identity matrix of n rows.",
  }),
  zeros: row("vector", "step", shapes.sized(1), {
    arity: [1, 1],
    evaluate: arrays.zeros,
    sample: [[1, 4]],
    documentation: "(zeros n): vector of n zeros.",
  }),
  ones: row("vector", "step", shapes.sized(1), {
    arity: [1, 1],
    evaluate: arrays.ones,
    sample: [[1, 4]],
    documentation: "(ones n): vector of n ones.",
  }),
} as const satisfies Record<string, OpSpec>;

export type OpName = keyof typeof ops;

/** The operations on numbers. */
export type ScalarOpName = { [K in OpName]: (typeof ops)[K]["group"] extends "scalar" ? K : never }[OpName];

/** Other spellings of an operation. */
export const aliases: Readonly<Record<string, OpName>> = { pow: "expt" };

export const opNames = Object.keys(ops) as OpName[];

/** The operation that a name spells, if any. */
export function opNamed(name: string): OpName | undefined {
  if (Object.hasOwn(aliases, name)) return aliases[name];
  return Object.hasOwn(ops, name) ? (name as OpName) : undefined;
}

export const isScalarOp = (op: OpName): op is ScalarOpName => ops[op].group === "scalar";

/** An op's row under the common type. */
export function specOf(op: OpName): OpSpec {
  return ops[op];
}

/** The meaning of a scalar op as a function of numbers. */
export function scalarMeaning(op: OpName): (...args: number[]) => number {
  return ops[op].evaluate as (...args: number[]) => number;
}
