/** Powers: xʸ = e^(y ln x), with ln x and the product as sums of two f64, for a result in f64. */
import type { FunctionReference } from "../function-builder.js";
import type { Lanes, Value } from "../lanes.js";
import { expOfPair, type Pair } from "./exponential.js";
import { exponentAndMantissa, log } from "./logarithm.js";
import { logFarTail } from "./polynomials.js";

/** Whether x is positive and both are finite. */
export function hasPlainPower(v: Lanes, x: Value, y: Value): Value {
  const greatest = v.type === "f64x2" ? Number.MAX_VALUE : 2 ** 128 - 2 ** 104;
  const isPositive = v.and(v.gt(x, v.constant(0)), v.le(x, v.constant(greatest)));
  return v.and(isPositive, v.le(v.abs(y), v.constant(greatest)));
}

/** a b exactly, as a sum (Dekker, "A floating-point technique for extending the available precision", 1971). */
function product(v: Lanes, a: Value, b: Value): Pair {
  const split = (x: Value): [Value, Value] => {
    const scaled = v.keep(v.mul(x, v.constant(2 ** 27 + 1)));
    const high = v.keep(v.sub(scaled, v.sub(scaled, x)));
    return [high, v.keep(v.sub(x, high))];
  };
  const high = v.keep(v.mul(a, b));
  const [aHigh, aLow] = split(a);
  const [bHigh, bLow] = a === b ? [aHigh, aLow] : split(b);
  const inner = v.add(v.sub(v.mul(aHigh, bHigh), high), v.add(v.mul(aHigh, bLow), v.mul(aLow, bHigh)));
  return { high, low: v.keep(v.add(inner, v.mul(aLow, bLow))) };
}

/** a + b + rest, as a sum whose second part is far smaller; |a| ≥ |b|, or a is 0. */
function sum(v: Lanes, a: Value, b: Value, rest: Value): Pair {
  const high = v.keep(v.add(a, b));
  return { high, low: v.keep(v.add(v.sub(b, v.sub(high, a)), rest)) };
}

function timesPair(v: Lanes, a: Pair, b: Pair): Pair {
  const { high, low } = product(v, a.high, b.high);
  return { high, low: v.keep(v.add(low, v.add(v.mul(a.high, b.low), v.mul(a.low, b.high)))) };
}

/** ln x to some 2^-66 of itself, for positive finite x, subnormal ones included. */
function logPair(v: Lanes, x: Value): Pair {
  const isSubnormal = v.keep(v.lt(x, v.constant(2 ** -1022)));
  const normal = v.keep(v.select(isSubnormal, v.mul(x, v.constant(2 ** 54)), x));
  const { n: unscaled, m } = exponentAndMantissa(v, normal);
  const n = v.keep(v.sub(unscaled, v.and(isSubnormal, v.constant(54))));
  // s = f / (2 + f), the quotient with its remainder.
  const f = v.keep(v.sub(m, v.constant(1)));
  const divisor = v.keep(v.add(m, v.constant(1)));
  const divisorRest = v.sub(m, v.sub(divisor, v.constant(1)));
  const inverse = v.keep(v.div(v.constant(1), divisor));
  const quotient = v.keep(v.mul(f, inverse));
  const back = product(v, quotient, divisor);
  const remainder = v.sub(v.sub(v.sub(f, back.high), back.low), v.mul(quotient, divisorRest));
  const s: Pair = { high: quotient, low: v.keep(v.mul(remainder, inverse)) };
  // ln m = 2s + s³ (2/3 + s² tail)
  const square = timesPair(v, s, s);
  const tail = v.keep(v.mul(square.high, v.polynomial(square.high, logFarTail)));
  const factor = sum(v, v.constant(0.6666666666666666), tail, v.constant(3.700743415417188e-17));
  const cubic = timesPair(v, s, timesPair(v, square, factor));
  const twice = v.keep(v.add(s.high, s.high));
  const ofMantissa = sum(v, twice, cubic.high, v.add(v.add(s.low, s.low), cubic.low));
  // n times the first part of ln 2, of 42 bits, is exact.
  const whole = v.keep(v.mul(n, v.constant(0.6931471805598903)));
  const rest = v.keep(v.add(v.mul(n, v.constant(5.497923018708371e-14)), ofMantissa.low));
  return sum(v, whole, ofMantissa.high, rest);
}

/** xʸ of f64 lanes that have a plain power. */
export function expt(v: Lanes, x: Value, y: Value): Value {
  const log = logPair(v, x);
  // A larger exponent overflows or underflows as this one does, whatever x is but 1.
  const bound = 2 ** 65;
  const bounded = v.keep(v.greatest(v.least(y, v.constant(bound)), v.constant(-bound)));
  const { high, low } = product(v, bounded, log.high);
  const rest = v.keep(v.add(low, v.mul(bounded, log.low)));
  return expOfPair(v, sum(v, high, rest, v.constant(0)));
}

/** xʸ of f64 lanes that are f32 numbers and have a plain power, close enough to be rounded to f32. */
export function exptSingle(v: Lanes, x: Value, y: Value): Value {
  const exponent = v.keep(v.mul(y, log(v, x, "single")));
  return expOfPair(v, { high: exponent, low: v.constant(0) });
}

/** xʸ of any f64 lanes, as IEEE 754 (2008, section 9.2.1) has `pow`; `plain` does those with a plain power. */
export function exptOfAny(v: Lanes, x: Value, y: Value, plain: FunctionReference): Value {
  const [zero, one] = [v.constant(0), v.constant(1)];
  const greatest = v.constant(Number.MAX_VALUE);
  const infinity = v.constant(Number.POSITIVE_INFINITY);
  const size = v.keep(v.abs(x));
  const isPlainSize = v.keep(v.and(v.gt(size, zero), v.le(size, greatest)));
  const isPlainExponent = v.keep(v.le(v.abs(y), greatest));
  const power: Value = () => {
    v.select(isPlainSize, size, one)();
    v.select(isPlainExponent, y, one)();
    v.code.call(plain);
  };
  // 0, infinity, or an infinite exponent: the limit, which is 1 where the size is 1.
  const isAbove = v.gt(size, one);
  const isBelow = v.lt(size, one);
  const isGrowing = v.or(v.and(isAbove, v.gt(y, zero)), v.and(isBelow, v.lt(y, zero)));
  const limit = v.select(isGrowing, infinity, v.and(v.eq(size, one), one));
  const magnitude = v.keep(v.select(v.and(isPlainSize, isPlainExponent), power, limit));
  const half = v.keep(v.mul(y, v.constant(0.5)));
  const isWhole = v.keep(v.eq(v.nearest(y), y));
  const isOdd = v.and(isWhole, v.ne(v.nearest(half), half));
  const signed = v.or(magnitude, v.and(isOdd, v.and(x, v.signBit())));
  const isUndefined = v.and(v.and(v.lt(x, zero), isPlainSize), v.ne(v.nearest(y), y));
  const isNumber = v.and(v.eq(x, x), v.eq(y, y));
  const known = v.select(v.andNot(isNumber, isUndefined), signed, v.constant(Number.NaN));
  return v.select(v.or(v.eq(x, one), v.eq(y, zero)), one, known);
}
