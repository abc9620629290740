/** exp, sinh, cosh and tanh from one reduction: x = n ln 2 + r, |r| ≤ ln 2 / 2 (Cody and Waite, "Software Manual for the Elementary Functions", 1980). */
import type { Lanes, Value } from "../lanes.js";
import { expTail, type Precision, tanhTail } from "./polynomials.js";

interface ExponentFormat {
  /** 3/2 of the number whose unit in the last place is 1: what is added to it is rounded, and stands in its low bits. */
  roundingShift: number;
  /** ln 2 in two parts, the first short enough that n times it is exact. */
  ln2: readonly [number, number];
  mantissaBits: number;
  one: bigint;
  /** Beyond these exp is infinite or 0, whatever the argument. */
  greatest: number;
  least: number;
}

const formats: Readonly<Record<Lanes["type"], ExponentFormat>> = {
  f64x2: {
    roundingShift: 1.5 * 2 ** 52,
    ln2: [0.6931471805598903, 5.497923018708371e-14],
    mantissaBits: 52,
    one: 0x3ff0000000000000n,
    greatest: 710,
    least: -746,
  },
  f32x4: {
    roundingShift: 1.5 * 2 ** 23,
    ln2: [0.693145751953125, 1.428606765330187e-6],
    mantissaBits: 23,
    one: 0x3f800000n,
    greatest: 89,
    least: -104,
  },
};

/** x = n ln 2 + r. */
interface Reduced {
  n: Value;
  /** n, standing in the low bits. */
  shifted: Value;
  r: Value;
}

function reduce(v: Lanes, x: Value): Reduced {
  const { roundingShift, ln2 } = formats[v.type];
  const shifted = v.keep(v.add(v.mul(x, v.constant(Math.LOG2E)), v.constant(roundingShift)));
  const n = v.keep(v.sub(shifted, v.constant(roundingShift)));
  const high = v.sub(x, v.mul(n, v.constant(ln2[0])));
  return { n, shifted, r: v.keep(v.sub(high, v.mul(n, v.constant(ln2[1])))) };
}

/** 2ⁿ, for an n within the range of normal exponents that stands in the low bits. */
function powerOfTwo(v: Lanes, shifted: Value): Value {
  const { mantissaBits, one } = formats[v.type];
  return v.keep(v.integerAdd(v.shiftLeft(shifted, mantissaBits), v.bits(one)));
}

/** Whether a lane's eˣ is a normal number for certain. */
export function hasNormalExp(v: Lanes, x: Value): Value {
  return v.le(v.abs(x), v.constant(v.type === "f64x2" ? 708 : 87));
}

/** eˣ of lanes for which it is a normal number; f32x4 in its own arithmetic. */
export function exp(v: Lanes, x: Value): Value {
  const { shifted, r } = reduce(v, x);
  // 2ⁿ times the fraction, by adding n to its exponent.
  return v.integerAdd(expOfFraction(v, r), v.shiftLeft(shifted, formats[v.type].mantissaBits));
}

/** eˣ of any lanes: the same where it is normal. */
export function expOfAny(v: Lanes, x: Value): Value {
  const { greatest, least } = formats[v.type];
  return expOfReduced(v, reduce(v, v.keep(v.greatest(v.least(x, v.constant(greatest)), v.constant(least)))));
}

function expOfFraction(v: Lanes, r: Value): Value {
  const tail = expTail[v.type === "f64x2" ? "double" : "single"];
  const square = v.keep(v.mul(r, r));
  return v.add(v.constant(1), v.add(r, v.mul(square, v.polynomial(r, tail))));
}

function expOfReduced(v: Lanes, { n, shifted, r }: Reduced): Value {
  const { roundingShift } = formats[v.type];
  const fraction = v.keep(expOfFraction(v, r));
  // 2ⁿ in two factors: n may lie beyond the normal exponents where the result does not.
  const halfShifted = v.keep(v.add(v.mul(n, v.constant(0.5)), v.constant(roundingShift)));
  const restShifted = v.integerSub(shifted, halfShifted);
  return v.mul(v.mul(fraction, powerOfTwo(v, halfShifted)), powerOfTwo(v, restShifted));
}

/** A sum of two, the second far smaller. */
export interface Pair {
  high: Value;
  low: Value;
}

/** e^(high + low) of f64 lanes. */
export function expOfPair(v: Lanes, { high, low }: Pair): Value {
  const { greatest, least } = formats[v.type];
  const bounded = v.keep(v.greatest(v.least(high, v.constant(greatest)), v.constant(least)));
  const reduced = reduce(v, bounded);
  // Beyond the bounds the small part may be anything but small.
  const small = v.and(low, v.eq(bounded, high));
  return expOfReduced(v, { ...reduced, r: v.keep(v.add(reduced.r, small)) });
}

/** (eˣ - 1) / 2^halvings in f64, for x ≥ 0 whose quotient is finite. */
function expMinusOne(v: Lanes, x: Value, halvings: number, precision: Precision): Pair {
  const { shifted, r } = reduce(v, x);
  const square = v.keep(v.mul(r, r));
  const tail = v.keep(v.mul(square, v.polynomial(r, expTail[precision])));
  const power = powerOfTwo(v, halvings === 0 ? shifted : v.sub(shifted, v.constant(halvings)));
  const whole = v.keep(v.sub(power, v.constant(2 ** -halvings)));
  if (precision === "single") {
    return { high: v.keep(v.add(whole, v.mul(power, v.add(r, tail)))), low: v.constant(0) };
  }
  const part = v.keep(v.mul(power, r));
  const sum = v.keep(v.add(whole, part));
  const added = v.keep(v.sub(sum, whole));
  const error = v.add(v.sub(whole, v.sub(sum, added)), v.sub(part, added));
  return { high: sum, low: v.keep(v.add(error, v.mul(power, tail))) };
}

/** The result for |x|, with the sign of x. */
function odd(v: Lanes, x: Value, result: Value): Value {
  return v.or(result, v.and(x, v.signBit()));
}

/** tanh x = t / (t + 2) with t = e^2|x| - 1, and the sign of x, in f64. */
export function tanh(v: Lanes, x: Value): Value {
  // Beyond it the quotient is 1 to the last place.
  const size = v.keep(v.least(v.abs(x), v.constant(20)));
  const { high, low } = expMinusOne(v, v.keep(v.add(size, size)), 0, "double");
  const t = v.keep(v.add(high, low));
  return odd(v, x, v.div(t, v.add(t, v.constant(2))));
}

/** tanh x in f32: a polynomial up to 5/8, then 1 - 2 / (e^2|x| + 1), and the sign of x. */
export function tanhNative(v: Lanes, x: Value): Value {
  const size = v.keep(v.andNot(x, v.signBit()));
  const z = v.keep(v.mul(size, size));
  const near = v.keep(v.add(size, v.mul(v.mul(size, z), v.polynomial(z, tanhTail))));
  // Beyond 10 the result is 1 to the last place.
  const bounded = v.keep(v.least(size, v.constant(10)));
  const { shifted, r } = reduce(v, v.keep(v.add(bounded, bounded)));
  const square = v.keep(v.mul(r, r));
  const fraction = v.add(v.constant(1), v.add(r, v.mul(square, v.polynomial(r, expTail.single))));
  const e = v.mul(fraction, powerOfTwo(v, shifted));
  const far = v.sub(v.constant(1), v.div(v.constant(2), v.add(e, v.constant(1))));
  return odd(v, x, v.select(v.gt(size, v.constant(0.625)), far, near));
}

/** sinh x = (t + t / (t + 1)) / 2 with t = e^|x| - 1, and the sign of x. */
export function sinh(v: Lanes, x: Value, precision: Precision): Value {
  const size = v.keep(v.least(v.abs(x), v.constant(precision === "double" ? 710.6 : 100)));
  // A quarter of t, since t itself may be infinite where the result is not.
  const { high, low } = expMinusOne(v, size, 2, precision);
  const t = precision === "double" ? v.keep(v.add(high, low)) : high;
  const twice = v.keep(v.add(t, t));
  // Finite, so that the quotient is 0 where t is infinite.
  const quotient = v.div(v.least(twice, v.constant(Number.MAX_VALUE)), v.add(v.add(twice, twice), v.constant(1)));
  const result = v.add(twice, quotient);
  // A quarter of the smallest numbers is no number; and they are their own sinh.
  return odd(v, x, precision === "double" ? v.select(v.lt(size, v.constant(2 ** -30)), size, result) : result);
}

/** cosh x = (e + 1 / e) / 2 with e = e^|x|. */
export function cosh(v: Lanes, x: Value, precision: Precision): Value {
  const size = v.keep(v.least(v.abs(x), v.constant(precision === "double" ? 710.6 : 100)));
  const { shifted, r } = reduce(v, size);
  const square = v.keep(v.mul(r, r));
  const fraction = v.add(v.constant(1), v.add(r, v.mul(square, v.polynomial(r, expTail[precision]))));
  // A quarter of e, since e itself may be infinite where the result is not.
  const e = v.keep(v.mul(fraction, powerOfTwo(v, v.sub(shifted, v.constant(2)))));
  return v.add(v.add(e, e), v.div(v.constant(0.125), e));
}
