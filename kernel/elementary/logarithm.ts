/** log: x = 2^n m with m about 1, and ln m from artanh, as in Cody and Waite, "Software Manual for the Elementary Functions" (1980). */
import type { FunctionReference } from "../function-builder.js";
import type { Lanes, Value } from "../lanes.js";
import { logTail, type Precision } from "./polynomials.js";

interface LogarithmFormat {
  mantissaBits: number;
  /** What a normal number's exponent is stored above. */
  bias: number;
  /** The bits of √½. */
  rootHalf: bigint;
  /** ln 2 in two parts, the first short enough that n times it is exact. */
  ln2: readonly [number, number];
  leastNormal: number;
  greatest: number;
}

const formats: Readonly<Record<Lanes["type"], LogarithmFormat>> = {
  f64x2: {
    mantissaBits: 52,
    bias: 1023,
    rootHalf: 0x3fe6a09e667f3bcdn,
    ln2: [0.6931471805598903, 5.497923018708371e-14],
    leastNormal: 2 ** -1022,
    greatest: Number.MAX_VALUE,
  },
  f32x4: {
    mantissaBits: 23,
    bias: 127,
    rootHalf: 0x3f3504f3n,
    ln2: [0.693145751953125, 1.428606765330187e-6],
    leastNormal: 2 ** -126,
    greatest: 2 ** 128 - 2 ** 104,
  },
};

/** A normal positive x as 2ⁿ m, √½ ≤ m < √2. */
export function exponentAndMantissa(v: Lanes, x: Value): { n: Value; m: Value } {
  const { mantissaBits, bias, rootHalf } = formats[v.type];
  const one = BigInt(bias) << BigInt(mantissaBits);
  const biased = v.keep(v.integerAdd(x, v.bits(one - rootHalf)));
  // A small whole number in the low bits of 2^52 (or 2^23) is that number added to it.
  const unit = v.constant(2 ** mantissaBits);
  const n = v.sub(v.or(v.shiftRight(biased, mantissaBits), unit), v.constant(2 ** mantissaBits + bias));
  const fraction = v.and(biased, v.bits((1n << BigInt(mantissaBits)) - 1n));
  return { n: v.keep(n), m: v.keep(v.integerAdd(fraction, v.bits(rootHalf))) };
}

/** Whether a lane is positive, normal and finite. */
export function isOrdinary(v: Lanes, x: Value): Value {
  const { leastNormal, greatest } = formats[v.type];
  return v.and(v.ge(x, v.constant(leastNormal)), v.le(x, v.constant(greatest)));
}

/** ln x of ordinary lanes. */
export function log(v: Lanes, x: Value, precision: Precision): Value {
  const { ln2 } = formats[v.type];
  const { n, m } = exponentAndMantissa(v, x);
  const f = v.keep(v.sub(m, v.constant(1)));
  const s = v.keep(v.div(f, v.add(f, v.constant(2))));
  const z = v.keep(v.mul(s, s));
  const half = v.keep(v.mul(v.mul(f, f), v.constant(0.5)));
  const tail = v.mul(z, v.polynomial(z, logTail[precision]));
  // ln m = 2s + s tail = f - (f²/2 - s (f²/2 + tail)), and f is exact.
  const low = v.add(v.mul(s, v.add(half, tail)), v.mul(n, v.constant(ln2[1])));
  return v.sub(v.mul(n, v.constant(ln2[0])), v.sub(v.sub(half, low), f));
}

/** ln x of any f64 lanes; `ordinary` does the ordinary ones. */
export function logOfAny(v: Lanes, x: Value, ordinary: FunctionReference): Value {
  const scaling = 54;
  const isSubnormal = v.keep(v.lt(x, v.constant(formats.f64x2.leastNormal)));
  const isPositive = v.keep(v.gt(x, v.constant(0)));
  const hasLogarithm = v.keep(v.and(isPositive, v.le(x, v.constant(Number.MAX_VALUE))));
  const scaled = v.select(isSubnormal, v.mul(x, v.constant(2 ** scaling)), x);
  const patched = v.select(hasLogarithm, scaled, v.constant(1));
  const result = v.sub(
    () => {
      patched();
      v.code.call(ordinary);
    },
    v.and(isSubnormal, v.constant(scaling * Math.LN2)),
  );
  const infinite = v.select(isPositive, v.constant(Number.POSITIVE_INFINITY), v.constant(Number.NaN));
  const isZero = v.eq(x, v.constant(0));
  return v.select(hasLogarithm, result, v.select(isZero, v.constant(Number.NEGATIVE_INFINITY), infinite));
}
