/** asin and acos (by half angles beyond 1/2), atan and atan2 (by eighths of a turn). */
import type { FunctionReference } from "../function-builder.js";
import type { Lanes, Value } from "../lanes.js";
import { asinTail, atanTail, type Precision } from "./polynomials.js";

/** Each with what its rounding left off. */
const quarterPi = [0.7853981633974483, 3.061616997868383e-17] as const;
const halfPi = [1.5707963267948966, 6.123233995736766e-17] as const;
const threeQuartersPi = [2.356194490192345, 9.184850993605148e-17] as const;
const pi = [Math.PI, 1.2246467991473532e-16] as const;

/** |x|, or where it is over 1/2 the s with asin |x| = π/2 - 2 asin s; and s², and asin's series beyond s. */
function arcsine(v: Lanes, x: Value, precision: Precision) {
  const size = v.keep(v.abs(x));
  const isFar = v.keep(v.gt(size, v.constant(0.5)));
  const halved = v.mul(v.sub(v.constant(1), size), v.constant(0.5));
  const z = v.keep(v.select(isFar, halved, v.mul(size, size)));
  const root = v.keep(v.sqrt(z));
  const main = v.keep(v.select(isFar, v.add(root, root), size));
  return { isFar, main, tail: v.keep(v.mul(z, v.polynomial(z, asinTail[precision]))) };
}

export function asin(v: Lanes, x: Value, precision: Precision): Value {
  const { isFar, main, tail } = arcsine(v, x, precision);
  const term = v.keep(v.xor(main, v.and(isFar, v.signBit())));
  const rest = v.add(v.mul(term, tail), v.and(isFar, v.constant(halfPi[1])));
  const result = v.add(v.add(v.and(isFar, v.constant(halfPi[0])), term), rest);
  return v.or(v.andNot(result, v.signBit()), v.and(x, v.signBit()));
}

export function acos(v: Lanes, x: Value, precision: Precision): Value {
  const { isFar, main, tail } = arcsine(v, x, precision);
  // π/2 - x, or 2s for x near 1, or π - 2s for x near -1.
  const isNegative = v.keep(v.lt(x, v.constant(0)));
  const sign = v.and(v.xor(v.xor(x, isFar), v.signBit()), v.signBit());
  const start = (part: 0 | 1): Value =>
    v.select(isFar, v.and(isNegative, v.constant(pi[part])), v.constant(halfPi[part]));
  const term = v.keep(v.xor(main, sign));
  return v.add(v.add(start(0), term), v.add(v.mul(term, tail), start(1)));
}

/** The angle of the point (|x|, |y|), mirrored where `isLeft`. */
function angle(v: Lanes, y: Value, x: Value, isLeft: Value | undefined, precision: Precision): Value {
  const isSteep = v.keep(v.gt(y, v.mul(x, v.constant(Math.SQRT2 + 1))));
  // From 1/2 on, where the difference below is exact.
  const isMiddle = v.keep(v.gt(v.add(y, y), x));
  const numerator = v.select(isSteep, v.neg(x), v.select(isMiddle, v.sub(y, x), y));
  const denominator = v.select(isSteep, y, v.select(isMiddle, v.add(y, x), x));
  const quotient = v.div(numerator, denominator);
  const t = v.keep(isLeft === undefined ? quotient : v.xor(quotient, v.and(isLeft, v.signBit())));
  const z = v.keep(v.mul(t, t));
  const start = (part: 0 | 1): Value => {
    const [right, middle] = [v.constant(0), v.constant(quarterPi[part])];
    const flat = isLeft === undefined ? right : v.and(isLeft, v.constant(pi[part]));
    const oblique = isLeft === undefined ? middle : v.select(isLeft, v.constant(threeQuartersPi[part]), middle);
    return v.select(isSteep, v.constant(halfPi[part]), v.select(isMiddle, oblique, flat));
  };
  const tail = v.mul(v.mul(t, z), v.polynomial(z, atanTail[precision]));
  return v.add(start(0), v.add(t, v.add(tail, start(1))));
}

export function atan(v: Lanes, x: Value, precision: Precision): Value {
  const result = angle(v, v.keep(v.abs(x)), v.constant(1), undefined, precision);
  return v.or(v.andNot(result, v.signBit()), v.and(x, v.signBit()));
}

/** Above it two numbers' sum may be infinite; below its inverse their products lose bits. */
const greatestScale = 2 ** 1000;

/** Whether the greater of |x| and |y| is neither 0 nor near a limit of the format. */
export function isPlainPoint(v: Lanes, y: Value, x: Value): Value {
  const size = v.keep(v.greatest(v.keep(v.abs(y)), v.keep(v.abs(x))));
  // A NaN in the first of the two is the size; one in the second is seen only here.
  const isNumber = v.eq(x, x);
  const least = v.type === "f64x2" ? 1 / greatestScale : 2 ** -149;
  const greatest = v.type === "f64x2" ? greatestScale : 2 ** 128 - 2 ** 104;
  return v.and(isNumber, v.and(v.ge(size, v.constant(least)), v.le(size, v.constant(greatest))));
}

/** The angle of plain points. */
export function atan2(v: Lanes, y: Value, x: Value, precision: Precision): Value {
  const isLeft = v.keep(v.lt(x, v.constant(0)));
  const result = angle(v, v.keep(v.abs(y)), v.keep(v.abs(x)), isLeft, precision);
  return v.or(v.andNot(result, v.signBit()), v.and(y, v.signBit()));
}

/** The angle of any points of f64; `plain` does the plain ones. */
export function atan2OfAny(v: Lanes, y: Value, x: Value, plain: FunctionReference): Value {
  const [height, width] = [v.keep(v.abs(y)), v.keep(v.abs(x))];
  const infinity = v.constant(Number.POSITIVE_INFINITY);
  const isNumber = v.keep(v.and(v.eq(y, y), v.eq(x, x)));
  const size = v.keep(v.greatest(height, width));
  const isInfinite = v.keep(v.eq(size, infinity));
  const isOrigin = v.eq(size, v.constant(0));
  const one = v.constant(1);
  const shrunk = v.select(v.gt(size, v.constant(greatestScale)), v.constant(2 ** -200), one);
  const scale = v.keep(v.select(v.lt(size, v.constant(1 / greatestScale)), v.constant(2 ** 200), shrunk));
  const patched = (part: Value, atOrigin: number): Value => {
    const finite = v.select(isInfinite, v.and(v.eq(part, infinity), one), v.mul(part, scale));
    return v.select(v.and(isNumber, v.xor(isOrigin, v.bits(-1n))), finite, v.constant(atOrigin));
  };
  const withSign = (result: Value, of: Value): Value => v.or(result, v.and(of, v.signBit()));
  const result: Value = () => {
    withSign(patched(height, 0), y)();
    withSign(patched(width, 1), x)();
    v.code.call(plain);
  };
  return v.select(isNumber, result, v.constant(Number.NaN));
}
