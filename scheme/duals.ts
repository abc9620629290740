import { type Arithmetic, type Arrayed, arraysOver, eliminate, type Matrix } from "./arrays.js";
import { type NumberAlgebra, partialDerivative } from "./derivatives.js";
import { isScalarOp, type OpName, type ScalarOpName, scalarMeaning, type Value } from "./ops.js";
import { describe, type Shape } from "./shapes.js";

/**
 * A number with its slopes in the elements of a variable (Clifford, "Preliminary Sketch of Biquaternions", 1873). Each
 * `derivative` under way is a level of its own, those within others higher, so that no slope is taken for another's
 * (Siskind and Pearlmutter, "Perturbation Confusion and Referential Transparency", 2005).
 */
export interface Dual {
  readonly level: number;
  readonly value: DualNumber;
  /** For each element of the variable, the slope in it; undefined where the number does not depend on it. */
  readonly slopes: readonly (DualNumber | undefined)[];
}

/** A number, or one with slopes at some levels: the value and slopes of a dual number are of lower levels. */
export type DualNumber = number | Dual;

export type DualValue = Arrayed<DualNumber>;

export const isNumber = (value: DualValue): value is DualNumber => !Array.isArray(value);
const levelOf = (x: DualNumber) => (typeof x === "number" ? 0 : x.level);

/** The number itself, without slopes. */
export function plainNumber(x: DualNumber): number {
  let plain = x;
  while (typeof plain !== "number") plain = plain.value;
  return plain;
}

/** Each number of a value changed; the arrays stay. */
export function mapNumbers<N extends DualNumber, M extends DualNumber>(value: Arrayed<N>, f: (x: N) => M): Arrayed<M> {
  if (!Array.isArray(value)) return f(value as N);
  return value.map((item: Arrayed<N>) => mapNumbers(item, f)) as Arrayed<M>;
}

export const hasSlopes = (value: DualValue): boolean =>
  isNumber(value) ? typeof value !== "number" : (value as readonly DualValue[]).some(hasSlopes);

/** The value itself, without slopes. */
export const plainValue = (value: DualValue): Value => mapNumbers(value, plainNumber);

export function shapeOf(value: DualValue): Shape {
  return isNumber(value) ? [] : [value.length, ...(value.length > 0 ? shapeOf(value[0]) : [])];
}

/** Applies a function of numbers to the elements of arrays of one shape; a number goes with each. */
export function elementwise<N extends DualNumber>(
  f: (...args: readonly N[]) => N,
  args: readonly Arrayed<N>[],
): Arrayed<N> {
  const array = args.find((arg) => Array.isArray(arg));
  if (array === undefined) return f(...(args as readonly N[]));
  return (array as readonly Arrayed<N>[]).map((_, i) =>
    elementwise(
      f,
      args.map((arg): Arrayed<N> => (Array.isArray(arg) ? arg[i] : arg)),
    ),
  ) as Arrayed<N>;
}

/** An operation on numbers, with slopes by the chain rule. */
function scalar(op: ScalarOpName, args: readonly DualNumber[]): DualNumber {
  const level = Math.max(...args.map(levelOf));
  if (level === 0) return scalarMeaning(op)(...(args as readonly number[]));
  const values = args.map((x) => (typeof x !== "number" && x.level === level ? x.value : x));
  const value = scalar(op, values);
  const slopes: (DualNumber | undefined)[] = [];
  for (const [i, x] of args.entries()) {
    const slope = levelOf(x) === level ? partialDerivative(op, i)?.(algebra, values, value) : undefined;
    if (typeof x === "number" || slope === undefined) continue;
    for (const [k, inner] of x.slopes.entries()) {
      if (inner === undefined) continue;
      const share = scalar("*", [slope, inner]);
      const sum = slopes[k];
      slopes[k] = sum === undefined ? share : scalar("+", [sum, share]);
    }
  }
  return slopes.length > 0 ? { level, value, slopes } : value;
}

const algebra: NumberAlgebra<DualNumber> = {
  number: (value) => value,
  op: (op, ...args) => scalar(op, args),
  multiply: (x, y) => scalar("*", [x, y]),
  negate: (x) => scalar("*", [-1, x]),
  constantOf: (x) => (typeof x === "number" ? x : undefined),
  choose: (test, consequent, alternative) => (plainNumber(test) !== 0 ? consequent(algebra) : alternative(algebra)),
};

const arithmetic: Arithmetic<DualNumber> = {
  number: (value) => value,
  plus: (a, b) => scalar("+", [a, b]),
  minus: (a, b) => scalar("-", [a, b]),
  times: (a, b) => scalar("*", [a, b]),
  divide: (a, b) => scalar("/", [a, b]),
  sqrt: (x) => scalar("sqrt", [x]),
  plain: plainNumber,
};

/** A determinant as the sum over its first row (Laplace). */
function expansion(m: Matrix<DualNumber>): DualNumber {
  const { number, plus, minus, times } = arithmetic;
  if (m.length === 0) return number(1);
  const minor = (j: number) => expansion(m.slice(1).map((row) => row.filter((_, other) => other !== j)));
  return m[0].reduce<DualNumber>((total, x, j) => (j % 2 === 0 ? plus : minus)(total, times(x, minor(j))), number(0));
}

/** The same slopes, of another number. */
const withPlain = (x: DualNumber, plain: number): DualNumber =>
  typeof x === "number" ? plain : { ...x, value: withPlain(x.value, plain) };

const dualArrays = {
  ...arraysOver(arithmetic),
  /** Elimination stops at a zero pivot, where all that remains of its column is 0: but that has cofactors. */
  det: (m: Matrix<DualNumber>): DualNumber => {
    const { rows, pivots, product } = eliminate(arithmetic, m);
    if (pivots === rows.length) return product;
    const rest = expansion(rows.slice(pivots).map((row) => row.slice(pivots)));
    const value = plainNumber(product) * plainNumber(rows[pivots][pivots]);
    return withPlain(arithmetic.times(product, rest), value);
  },
} satisfies { readonly [K in Exclude<OpName, ScalarOpName>]: (...args: never[]) => DualValue };

/** An operation on values of which some numbers carry slopes. Sizes and indices are numbers without. */
export function applyToDuals(op: OpName, args: readonly DualValue[]): DualValue {
  if (isScalarOp(op)) return elementwise((...numbers) => scalar(op, numbers), args);
  const meaning = dualArrays[op] as (...args: DualValue[]) => DualValue;
  if (op === "ref" || op === "update") return meaning(args[0], plainValue(args[1]), ...args.slice(2));
  return meaning(...(op === "eye" || op === "zeros" || op === "ones" ? args.map(plainValue) : args));
}

/** A value as the variable of a derivative: each of its numbers has slope 1 in itself. */
export function asVariable(value: DualValue, level: number): DualValue {
  let count = 0;
  const seed = (x: DualNumber): DualNumber => {
    const slopes: DualNumber[] = [];
    slopes[count++] = 1;
    return { level, value: x, slopes };
  };
  return mapNumbers(value, seed);
}

/** The shape of the derivative of a value in a variable, or what is wrong with it. */
export function derivativeShape(value: Shape, variable: Shape): Shape | string {
  const shape = [...value, ...variable];
  return shape.length <= 2
    ? shape
    : `the derivative of ${describe(value)} with respect to ${describe(variable)} would have more than two dimensions`;
}

/** The slopes of a value at a level, for each of its numbers those in the elements of a variable of the given shape. */
export function slopesAt(value: DualValue, level: number, variable: Shape): DualValue {
  const slopesOf = (x: DualNumber): DualValue => {
    const slopes = typeof x !== "number" && x.level === level ? x.slopes : [];
    const nested = (shape: Shape, offset: number): DualValue => {
      const [length, width = 1] = shape;
      if (length === undefined) return slopes[offset] ?? 0;
      const items = Array.from({ length }, (_, i) => nested(shape.slice(1), offset + i * width));
      return items as DualValue;
    };
    return nested(variable, 0);
  };
  const within = (item: DualValue): DualValue =>
    isNumber(item) ? slopesOf(item) : ((item as readonly DualValue[]).map(within) as DualValue);
  return within(value);
}
