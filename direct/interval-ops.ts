import type { GraphOp } from "./graph-ops.js";
import {
  clip,
  contains,
  empty,
  hasNumbers,
  type Interval,
  infinite,
  interval,
  isEmpty,
  join,
  nextDown,
  nextUp,
  only,
  onlyNaN,
  point,
} from "./interval.js";

const inf = Number.POSITIVE_INFINITY;

/** The magnitudes of an interval's numbers. */
function magnitude(a: Interval): Interval {
  if (!hasNumbers(a)) return a;
  const low = a.low > 0 ? a.low : a.high < 0 ? -a.high : 0;
  return { ...a, low, high: Math.max(-a.low, a.high) };
}

/** An index that is found to be within an array. */
const position: Rule = ([index, length]) => clip({ ...index, nan: false, whole: true }, 0, length.high - 1);

/** An operation on intervals. `same` says that all arguments are one value. Arguments are never empty. */
type Rule = (args: readonly Interval[], same: boolean) => Interval;

const either = (a: Interval, b: Interval) => a.nan || b.nan;
/** The hull of numbers, NaNs among them left out. */
const hull = (values: readonly number[], nan: boolean, whole: boolean): Interval => {
  const numbers = values.filter((value) => !Number.isNaN(value));
  return numbers.length === 0 ? { ...empty, nan } : interval(Math.min(...numbers), Math.max(...numbers), nan, whole);
};
const numbersOf =
  (rule: Rule): Rule =>
  (args, same) =>
    args.every(hasNumbers) ? rule(args, same) : onlyNaN;

const add = (a: Interval, b: Interval): Interval => {
  const low = a.low + b.low;
  const high = a.high + b.high;
  const clash = (a.high === inf && b.low === -inf) || (a.low === -inf && b.high === inf);
  const nan = either(a, b) || clash;
  return interval(Number.isNaN(low) ? -inf : low, Number.isNaN(high) ? inf : high, nan, a.whole && b.whole);
};
const negate = (a: Interval): Interval => ({ ...a, low: -a.high, high: -a.low });

const corners = (f: (x: number, y: number) => number, a: Interval, b: Interval) => [
  f(a.low, b.low),
  f(a.low, b.high),
  f(a.high, b.low),
  f(a.high, b.high),
];

const multiply = (a: Interval, b: Interval): Interval => {
  const nan = either(a, b) || (contains(a, 0) && infinite(b)) || (contains(b, 0) && infinite(a));
  // 0 times infinity is NaN, and its neighbours come near to 0 and infinity, which the other corners or this 0 are.
  const product = (x: number, y: number) => (x === 0 || y === 0 ? 0 : x * y);
  return hull(corners(product, a, b), nan, a.whole && b.whole);
};

/** A product in which 0 wins over infinity and NaN. */
const chain: Rule = ([a, b]) => {
  if (only(a) === 0 || only(b) === 0) return point(0);
  const product = hasNumbers(a) && hasNumbers(b) ? { ...multiply(a, b), nan: either(a, b) } : onlyNaN;
  return contains(a, 0) || contains(b, 0) ? join(product, point(0)) : product;
};

const divide = (a: Interval, b: Interval): Interval => {
  const nan = either(a, b) || (contains(a, 0) && contains(b, 0)) || (infinite(a) && infinite(b));
  // Which infinity a division by zero gives depends on the zero's sign, which is not known.
  if (contains(b, 0)) return interval(-inf, inf, nan);
  const quotients = corners((x, y) => x / y, a, b);
  // infinity / infinity is NaN at a corner; quotients near it reach to 0 and to infinity.
  if (quotients.some(Number.isNaN))
    quotients.push(0, a.high === inf ? inf * Math.sign(b.low) : 0, a.low === -inf ? -inf * Math.sign(b.low) : 0);
  return hull(quotients, nan, false);
};

/**
 * Room for the rounding of elementary functions, whichever executor computes them. A 0 is exact, unless something was too
 * small to be told from it (`underflows`).
 */
const wider = (rule: Rule, low = -inf, high = inf, underflows?: "underflows"): Rule => {
  const inner = numbersOf(rule);
  const room = (x: number) => (Number.isFinite(x) && (x !== 0 || underflows) ? Math.abs(x) * 2 ** -50 + 2 ** -1070 : 0);
  return (args, same) => {
    const result = inner(args, same);
    if (!hasNumbers(result)) return result;
    return {
      ...result,
      low: Math.max(low, result.low - room(result.low)),
      high: Math.min(high, result.high + room(result.high)),
    };
  };
};

/** A function that never decreases, on the part of its argument that it is defined on; elsewhere it is NaN. */
const rising =
  (f: (x: number) => number, low = -inf, high = inf, whole?: "whole"): Rule =>
  ([a]) => {
    const inside = clip(a, low, high);
    const nan = a.nan || a.low < low || a.high > high;
    if (!hasNumbers(inside)) return { ...empty, nan };
    return interval(f(inside.low), f(inside.high), nan, whole === "whole");
  };

const falling =
  (f: (x: number) => number, low: number, high: number): Rule =>
  (args, same) => {
    const mirrored = rising((x) => -f(x), low, high)(args, same);
    return hasNumbers(mirrored) ? negate(mirrored) : mirrored;
  };

/** Whether some `offset + k * period`, k whole, may lie in an interval; a margin stands for rounding. */
function meets(a: Interval, offset: number, period: number): boolean {
  const margin = 1e-15 * Math.max(1, Math.abs(a.low), Math.abs(a.high)) * 4;
  return Math.floor((a.high + margin - offset) / period) >= Math.ceil((a.low - margin - offset) / period);
}

/** Beyond this, an angle's place in its turn is not looked for. */
const farAngle = 1e6;

const wave =
  (f: (x: number) => number, peak: number): Rule =>
  ([a]) => {
    const nan = a.nan || infinite(a);
    if (Math.max(-a.low, a.high) > farAngle) return interval(-1, 1, nan);
    const values = [f(a.low), f(a.high)];
    if (meets(a, peak, 2 * Math.PI)) values.push(1);
    if (meets(a, peak + Math.PI, 2 * Math.PI)) values.push(-1);
    return hull(values, nan, false);
  };

/**
 * No number of either precision comes nearer to a pole of the tangent than this allows (Muller, "Elementary Functions",
 * 3rd edition, 2016, section 11.3.2: the nearest is 4.7e-19 away).
 */
const greatestTangent = 1e19;

const tangent: Rule = ([a]) => {
  const nan = a.nan || infinite(a);
  if (Math.max(-a.low, a.high) > farAngle || meets(a, Math.PI / 2, Math.PI))
    return interval(-greatestTangent, greatestTangent, nan);
  return interval(Math.tan(a.low), Math.tan(a.high), nan);
};

const angle: Rule = ([y, x]) => {
  const nan = either(y, x);
  if (x.low > 0 || y.low > 0 || y.high < 0) return hull(corners(Math.atan2, y, x), nan, false);
  return interval(-Math.PI, Math.PI, nan);
};

const cosine: Rule = ([a]) => {
  const { low, high } = magnitude(a);
  return interval(Math.cosh(low), Math.cosh(high), a.nan);
};

const one = point(1);

const power: Rule = ([x, y]) => {
  // A NaN to the power 0, and 1 to the power NaN, are 1.
  const nan = either(x, y);
  const withOne = (result: Interval) => (nan ? join(result, one) : result);
  if (!hasNumbers(x) || !hasNumbers(y)) return withOne(onlyNaN);
  const roots = x.low < 0 && !y.whole;
  if (contains(x, 0) && y.low < 0) {
    const exponent = only(y);
    const even = exponent !== undefined && Number.isInteger(exponent) && exponent % 2 === 0;
    return interval(even ? 0 : -inf, inf, nan || roots);
  }
  const pow = (a: number, b: number) => (a === 1 ? 1 : a ** b);
  if (x.low >= 0) return withOne(hull(corners(pow, x, y), nan, false));
  const exponent = only(y);
  if (exponent !== undefined && Number.isInteger(exponent)) {
    const even = exponent % 2 === 0;
    const base = even ? magnitude(x) : x;
    return withOne(hull([base.low ** exponent, base.high ** exponent], nan, false));
  }
  const { high } = hull(corners(pow, magnitude(x), y), nan, false);
  const most = Math.max(1, high);
  return interval(-most, most, nan || roots || infinite(y));
};

const greatest = (a: Interval) => Math.max(Math.abs(a.low), Math.abs(a.high));

const moduloRule: Rule = ([a, b]) => {
  const nan = either(a, b) || contains(b, 0) || infinite(a);
  const whole = a.whole && b.whole;
  if (b.low > 0 && a.low >= 0 && a.high < b.low) return { ...a, nan };
  // Of whole numbers, the remainder is at least one less than the divisor.
  const less = whole ? 1 : 0;
  const room = infinite(b);
  const low = b.low < 0 ? b.low + less : 0;
  const high = b.high > 0 ? b.high - less : 0;
  return interval(
    room ? Math.min(low, a.low, 0) : Math.min(low, 0),
    room ? Math.max(high, a.high, 0) : Math.max(high, 0),
    nan,
    whole,
  );
};

const remainderRule: Rule = ([a, b]) => {
  const nan = either(a, b) || contains(b, 0) || infinite(a);
  const most = Math.min(greatest(a), greatest(b));
  return interval(a.low < 0 ? -most : 0, a.high > 0 ? most : 0, nan, a.whole && b.whole);
};

const truncated = (a: Interval): Interval =>
  hasNumbers(a) ? interval(Math.trunc(a.low), Math.trunc(a.high), a.nan, true) : a;

const allWhole = (args: readonly Interval[]) => args.every((a) => a.whole && !a.nan && !infinite(a));

const divisor: Rule = (args) => interval(0, Math.max(...args.map(greatest)), !allWhole(args), true);
const multiple: Rule = (args) => {
  const [a, b] = args.map(greatest);
  return interval(0, a === 0 || b === 0 ? 0 : a * b, !allWhole(args), true);
};

const bit = (yes: boolean, no: boolean): Interval => interval(yes && !no ? 1 : 0, yes ? 1 : 0, false, true);

/** A comparison: `may` on two intervals of numbers, for it and for its opposite. NaN compares as false. */
const comparison =
  (
    may: (a: Interval, b: Interval) => boolean,
    mayNot: (a: Interval, b: Interval) => boolean,
    ofItself: boolean,
  ): Rule =>
  ([a, b], same) => {
    const numbers = hasNumbers(a) && hasNumbers(b);
    if (same) return bit(ofItself && numbers, !ofItself || a.nan);
    return bit(numbers && may(a, b), either(a, b) || !numbers || mayNot(a, b));
  };

const mayBeLess = (a: Interval, b: Interval) => a.low < b.high;
const mayBeAtMost = (a: Interval, b: Interval) => a.low <= b.high;
const mayBeEqual = (a: Interval, b: Interval) => a.low <= b.high && b.low <= a.high;
const mayDiffer = (a: Interval, b: Interval) => !(a.low === a.high && b.low === b.high && a.low === b.low);
const swapped = (f: (a: Interval, b: Interval) => boolean) => (a: Interval, b: Interval) => f(b, a);

const zero = point(0);
const withZero =
  (rule: Rule): Rule =>
  ([a]) =>
    rule([a, zero], false);
const equal = comparison(mayBeEqual, mayDiffer, true);
const less = comparison(mayBeLess, swapped(mayBeAtMost), false);
const greater = comparison(swapped(mayBeLess), mayBeAtMost, false);

const parity =
  (remainderIs: number): Rule =>
  ([a]) => {
    const value = only(a);
    if (value === undefined) return bit(hasNumbers(a), true);
    const yes = Math.abs(value % 2) === remainderIs;
    return bit(yes, !yes);
  };

const square: Rule = ([a]) => {
  const { low, high } = magnitude(a);
  return interval(low * low, high * high, a.nan, a.whole);
};

const extreme =
  (f: (...values: number[]) => number): Rule =>
  ([a, b]) =>
    interval(f(a.low, b.low), f(a.high, b.high), either(a, b), a.whole && b.whole);

const rules: { readonly [K in GraphOp]: Rule | undefined } = {
  "chain*": chain,
  "+": numbersOf(([a, b]) => add(a, b)),
  "-": numbersOf(([a, b], same) => (same ? interval(0, 0, a.nan || infinite(a), true) : add(a, negate(b)))),
  "*": numbersOf((args, same) => (same ? square(args, same) : multiply(args[0], args[1]))),
  "/": numbersOf(([a, b], same) =>
    same ? interval(1, 1, a.nan || infinite(a) || contains(a, 0), true) : divide(a, b),
  ),
  expt: (args) => {
    const result = power(args, false);
    return wider(() => result, result.low >= 0 ? 0 : -inf, inf, "underflows")([result], false);
  },
  modulo: numbersOf(moduloRule),
  remainder: numbersOf(remainderRule),
  quotient: numbersOf(([a, b]) => truncated(divide(a, b))),
  gcd: numbersOf(divisor),
  lcm: numbersOf(multiple),
  min: numbersOf(extreme(Math.min)),
  max: numbersOf(extreme(Math.max)),
  abs: numbersOf(([a]) => magnitude(a)),
  square: numbersOf(square),
  sqrt: numbersOf(rising(Math.sqrt, 0)),
  exp: wider(rising(Math.exp), 0, inf, "underflows"),
  log: wider(rising(Math.log, 0)),
  sin: wider(wave(Math.sin, Math.PI / 2), -1, 1),
  cos: wider(wave(Math.cos, 0), -1, 1),
  tan: wider(tangent),
  asin: wider(rising(Math.asin, -1, 1)),
  acos: wider(falling(Math.acos, -1, 1), 0),
  atan: wider(rising(Math.atan)),
  atan2: wider(angle),
  sinh: wider(rising(Math.sinh)),
  cosh: wider(cosine, 1),
  tanh: wider(rising(Math.tanh), -1, 1),
  floor: numbersOf(rising(Math.floor, -inf, inf, "whole")),
  ceiling: numbersOf(rising(Math.ceil, -inf, inf, "whole")),
  // Ties are to even here and up in JavaScript; half of one more at the low end covers both.
  round: numbersOf(([a]) => interval(Math.ceil(a.low - 0.5), Math.floor(a.high + 0.5), a.nan, true)),
  truncate: numbersOf(([a]) => truncated(a)),
  "=": equal,
  "<": less,
  ">": greater,
  "<=": comparison(mayBeAtMost, swapped(mayBeLess), true),
  ">=": comparison(swapped(mayBeAtMost), mayBeLess, true),
  not: withZero(equal),
  "zero?": withZero(equal),
  "positive?": withZero(greater),
  "negative?": withZero(less),
  "odd?": parity(1),
  "even?": parity(0),
  normalize: ([length]) => length,
  inv: ([pivot]) => pivot,
  ref: position,
  update: position,
};

/** An interval that holds the nearest single-precision numbers of all of an interval's, and their neighbours. */
const single = (a: Interval, approximate: boolean): Interval => {
  if (!hasNumbers(a)) return a;
  const [low, high] = [Math.fround(a.low), Math.fround(a.high)];
  if (!approximate) return { ...a, low, high };
  return { ...a, low: nextDown(nextDown(low, "float32"), "float32"), high: nextUp(nextUp(high, "float32"), "float32") };
};

const approximate: ReadonlySet<GraphOp> = new Set<GraphOp>([
  ...(["expt", "exp", "log", "sin", "cos", "tan", "asin", "acos"] as const),
  ...(["atan", "atan2", "sinh", "cosh", "tanh"] as const),
]);

/** An input's or a constant's interval as an arithmetic holds it. */
export const rounded = (a: Interval, dtype: "float64" | "float32") => (dtype === "float32" ? single(a, false) : a);

/**
 * All values that an operation may have where its arguments are in these intervals: endpoints are computed as the
 * executors compute, whose arithmetic never decreases where the exact one doesn't, so rounding is accounted for.
 *
 * @param same whether all arguments are the same value, as in `(- x x)`.
 */
export function intervalOf(
  op: GraphOp,
  args: readonly Interval[],
  same: boolean,
  dtype: "float64" | "float32",
): Interval {
  const rule = rules[op];
  if (!rule) throw new Error(`"${op}" is no operation on numbers`);
  if (args.some(isEmpty)) return empty;
  const result = rule(args, same && args.length > 1);
  return dtype === "float32" ? single(result, approximate.has(op)) : result;
}
