/**
 * The numbers that a value may be: all from `low` to `high`, infinities among them where an end is infinite, and NaN if
 * `nan`. Empty where `low > high` and not `nan`. Zeros of both signs are one number here.
 */
export interface Interval {
  readonly low: number;
  readonly high: number;
  readonly nan: boolean;
  /** Every finite number in it is a whole one. */
  readonly whole: boolean;
}

const inf = Number.POSITIVE_INFINITY;

export const empty: Interval = { low: inf, high: -inf, nan: false, whole: true };
export const onlyNaN: Interval = { ...empty, nan: true };

export function interval(low: number, high: number, nan = false, whole = false): Interval {
  return { low, high, nan, whole };
}

/** One number. */
export function point(value: number): Interval {
  return Number.isNaN(value) ? onlyNaN : interval(value, value, false, Number.isInteger(value));
}

export const hasNumbers = (a: Interval) => a.low <= a.high;
export const isEmpty = (a: Interval) => !hasNumbers(a) && !a.nan;
export const contains = (a: Interval, value: number) =>
  Number.isNaN(value) ? a.nan : a.low <= value && value <= a.high;
export const infinite = (a: Interval) => hasNumbers(a) && (a.low === -inf || a.high === inf);
/** The number that an interval is, where it is one. */
export const only = (a: Interval): number | undefined => (a.low === a.high && !a.nan ? a.low : undefined);

export function join(a: Interval, b: Interval): Interval {
  return interval(Math.min(a.low, b.low), Math.max(a.high, b.high), a.nan || b.nan, a.whole && b.whole);
}

export function isWithin(a: Interval, b: Interval): boolean {
  const numbers = !hasNumbers(a) || (b.low <= a.low && a.high <= b.high && (a.whole || !b.whole));
  return numbers && (b.nan || !a.nan);
}

/** The part of an interval from `low` to `high`; NaN stays if it is there. */
export function clip(a: Interval, low: number, high: number): Interval {
  const ends = { low: Math.max(a.low, low), high: Math.min(a.high, high) };
  const part = a.whole ? { ...a, low: Math.ceil(ends.low), high: Math.floor(ends.high) } : { ...a, ...ends };
  return hasNumbers(part) ? part : a.nan ? onlyNaN : empty;
}

const bits64 = new DataView(new ArrayBuffer(8));

/** The next number above `x` in an arithmetic; infinity has none above it. */
export function nextUp(x: number, dtype: "float64" | "float32"): number {
  if (x === inf) return x;
  if (dtype === "float32") {
    if (x === 0) return 2 ** -149;
    bits64.setFloat32(0, x);
    bits64.setInt32(0, bits64.getInt32(0) + (x > 0 ? 1 : -1));
    return bits64.getFloat32(0);
  }
  if (x === 0) return Number.MIN_VALUE;
  bits64.setFloat64(0, x);
  bits64.setBigInt64(0, bits64.getBigInt64(0) + (x > 0 ? 1n : -1n));
  return bits64.getFloat64(0);
}

export const nextDown = (x: number, dtype: "float64" | "float32") => -nextUp(-x, dtype);
