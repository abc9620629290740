import type { ScalarOpName } from "./ops.js";

/** What slopes are computed in: numbers that may carry slopes themselves, or values of a graph. */
export interface NumberAlgebra<T> {
  number(value: number): T;
  op(op: ScalarOpName, ...args: readonly T[]): T;
  multiply(x: T, y: T): T;
  negate(x: T): T;
  /** The value of what is known to depend on nothing. */
  constantOf(x: T): number | undefined;
  choose(test: T, consequent: (inner: NumberAlgebra<T>) => T, alternative: (inner: NumberAlgebra<T>) => T): T;
}

/** The partial derivative of an operation with respect to one argument, from its arguments and its value. */
export type PartialDerivative = <T>(a: NumberAlgebra<T>, args: readonly T[], value: T) => T;

/** One partial derivative an argument; undefined where it is 0 everywhere. */
type Rule = readonly (PartialDerivative | undefined)[];

const step: Rule = [];
const one: PartialDerivative = (a) => a.number(1);

/** A quotient's slopes have it in common: a division costs several products. */
const reciprocal = <T>(a: NumberAlgebra<T>, x: T) => a.op("/", a.number(1), x);
const square = <T>(a: NumberAlgebra<T>, x: T) => a.op("square", x);
const oneLessSquare = <T>(a: NumberAlgebra<T>, x: T) => a.op("-", a.number(1), square(a, x));

/** The share of a winner: 1 where the test holds, half where both tie, as PyTorch has it. */
const winner =
  (op: "<" | ">", mine: 0 | 1): PartialDerivative =>
  (a, args) =>
    a.op("+", a.op(op, args[mine], args[1 - mine]), a.multiply(a.number(0.5), a.op("=", args[0], args[1])));

/** `x*x + y*y` of the arguments of atan2. */
const radius = <T>(a: NumberAlgebra<T>, [y, x]: readonly T[]) => a.op("+", square(a, y), square(a, x));

const powerInBase: PartialDerivative = (a, [x, y], value) => {
  const exponent = a.constantOf(y);
  if (exponent === 0) return a.number(0);
  if (exponent === 2) return a.multiply(a.number(2), x);
  if (exponent === 3) return a.multiply(a.number(3), square(a, x));
  if (exponent === -1) return a.negate(reciprocal(a, square(a, x)));
  if (exponent === 0.5) return a.op("/", a.number(0.5), value);
  const slope = (inner: typeof a) => inner.multiply(y, inner.op("expt", x, inner.op("-", y, inner.number(1))));
  if (exponent !== undefined) return slope(a);
  return a.choose(a.op("zero?", y), (inner) => inner.number(0), slope);
};

const powerInExponent: PartialDerivative = (a, [x, y], value) =>
  a.choose(
    a.multiply(a.op("zero?", x), a.op(">=", y, a.number(0))),
    (inner) => inner.number(0),
    (inner) => inner.multiply(value, inner.op("log", x)),
  );

/**
 * The derivative of each operation on numbers, as expressions in the language itself, so that they have derivatives in
 * turn. At kinks these are the subgradients that PyTorch takes: 0 for |x| at 0, halves for ties of min and max.
 */
const rules: { readonly [K in ScalarOpName]: Rule } = {
  "+": [one, one],
  "-": [one, (a) => a.number(-1)],
  "*": [(_, args) => args[1], (_, args) => args[0]],
  "/": [(a, [, y]) => reciprocal(a, y), (a, [, y], value) => a.negate(a.multiply(value, reciprocal(a, y)))],
  expt: [powerInBase, powerInExponent],
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
  tan: [(a, _, value) => a.op("+", a.number(1), square(a, value))],
  asin: [(a, [x]) => reciprocal(a, a.op("sqrt", oneLessSquare(a, x)))],
  acos: [(a, [x]) => a.negate(reciprocal(a, a.op("sqrt", oneLessSquare(a, x))))],
  atan: [(a, [x]) => reciprocal(a, a.op("+", a.number(1), square(a, x)))],
  atan2: [(a, args) => a.op("/", args[1], radius(a, args)), (a, args) => a.negate(a.op("/", args[0], radius(a, args)))],
  sinh: [(a, [x]) => a.op("cosh", x)],
  cosh: [(a, [x]) => a.op("sinh", x)],
  tanh: [(a, _, value) => oneLessSquare(a, value)],
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
};

/** The partial derivative of `op` with respect to argument `index`, if it is not 0 everywhere. */
export function partialDerivative(op: ScalarOpName, index: number): PartialDerivative | undefined {
  return rules[op][index];
}
