/** Elementary functions to some 300 bits in whole-number arithmetic, slow and plain: what the fast ones are measured against. */

/** mantissa 2^exponent. */
export interface Exact {
  readonly mantissa: bigint;
  readonly exponent: number;
}

/** Bits behind the point in fixed-point numbers; π has more, for the largest angles. */
const places = 400;
const anglePlaces = 1600;
const one = 1n << BigInt(places);

/** A fixed-point number as an exact one. */
const fixed = (mantissa: bigint, exponent = -places): Exact => ({ mantissa, exponent });

const scratch = new DataView(new ArrayBuffer(8));

/** The exact value of a finite f64. */
export function exactOf(x: number): Exact {
  scratch.setFloat64(0, x);
  const bits = scratch.getBigUint64(0);
  const biased = Number((bits >> 52n) & 0x7ffn);
  const fraction = bits & ((1n << 52n) - 1n);
  const mantissa = biased === 0 ? fraction : fraction | (1n << 52n);
  return { mantissa: x < 0 ? -mantissa : mantissa, exponent: Math.max(biased, 1) - 1075 };
}

const shift = (a: bigint, by: number): bigint => (by >= 0 ? a << BigInt(by) : a >> BigInt(-by));
const toFixed = ({ mantissa, exponent }: Exact): bigint => shift(mantissa, exponent + places);
const times = (a: bigint, b: bigint): bigint => (a * b) >> BigInt(places);
const over = (a: bigint, b: bigint): bigint => (a << BigInt(places)) / b;
const magnitude = (a: bigint): bigint => (a < 0n ? -a : a);

function bitLength(a: bigint): number {
  const hex = magnitude(a).toString(16);
  return a === 0n ? 0 : (hex.length - 1) * 4 + 32 - Math.clz32(Number.parseInt(hex[0], 16));
}

function squareRoot(a: bigint): bigint {
  const scaled = a << BigInt(places);
  let root = 1n << BigInt((bitLength(scaled) + 1) >> 1);
  for (;;) {
    const next = (root + scaled / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

/** Σ ± t^(2k+1) / (2k+1). */
function arcSeries(t: bigint, sign: 1n | -1n): bigint {
  const square = times(t, t) * sign;
  let sum = 0n;
  let power = t;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = times(power, square);
  }
  return sum;
}

const ln2 = 2n * arcSeries(one / 3n, 1n);

/** π to `anglePlaces` bits, by π/4 = 4 atan 1/5 - atan 1/239 (Machin, 1706). */
const longPi = (() => {
  const arc = (n: bigint): bigint => {
    let sum = 0n;
    let power = (1n << BigInt(anglePlaces + 64)) / n;
    for (let k = 1n; power !== 0n; k += 2n) {
      sum += (k & 2n) === 0n ? power / k : -(power / k);
      power /= n * n;
    }
    return sum;
  };
  return (4n * (4n * arc(5n) - arc(239n))) >> 64n;
})();
const pi = shift(longPi, places - anglePlaces);

/** e^a, a fixed-point number of any size. */
function expOf(a: bigint): Exact {
  const n = (2n * a + ln2) / (2n * ln2) - (a < 0n ? 1n : 0n);
  const small = (a - n * ln2) >> 16n;
  let sum = one;
  let term = one;
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    term = times(term, small) / k;
    sum += term;
  }
  for (let i = 0; i < 16; i++) sum = times(sum, sum);
  return fixed(sum, Number(n) - places);
}

/** ln of a positive number, in fixed point. */
function logOf({ mantissa, exponent }: Exact): bigint {
  const length = bitLength(mantissa);
  let scaled = shift(mantissa, places - length);
  let n = exponent + length;
  if (scaled * 10n < one * 7n) {
    scaled *= 2n;
    n--;
  }
  return 2n * arcSeries(over(scaled - one, scaled + one), 1n) + BigInt(n) * ln2;
}

/** atan of a fixed-point number. */
function atanOf(t: bigint): bigint {
  if (t < 0n) return -atanOf(-t);
  if (t > one) return pi / 2n - atanOf(over(one, t));
  let reduced = t;
  let halvings = 0n;
  while (reduced * 10n > one) {
    reduced = over(reduced, one + squareRoot(one + times(reduced, reduced)));
    halvings++;
  }
  return arcSeries(reduced, -1n) << halvings;
}

/** sin and cos, in fixed point. */
function sinAndCos({ mantissa, exponent }: Exact): [sin: bigint, cos: bigint] {
  const long = shift(magnitude(mantissa), exponent + anglePlaces);
  const quadrant = (4n * long + longPi) / (2n * longPi);
  const r = shift(2n * long - quadrant * longPi, places - anglePlaces - 1);
  const series = (first: bigint, start: bigint): bigint => {
    let sum = 0n;
    let term = first;
    for (let k = start; term !== 0n && term !== -1n; k += 2n) {
      sum += term;
      term = -times(times(term, r), r) / ((k + 1n) * (k + 2n));
    }
    return sum;
  };
  const [s, c] = [series(r, 1n), series(one, 0n)];
  const turned: Record<string, [bigint, bigint]> = { 0: [s, c], 1: [c, -s], 2: [-s, -c], 3: [-c, s] };
  const [sin, cos] = turned[String(quadrant % 4n)];
  return [mantissa < 0n ? -sin : sin, cos];
}

/** x + c x³, whose next term no double shows when x is tiny; else undefined. */
function tiny(x: Exact, numerator: bigint, denominator: bigint): Exact | undefined {
  const { mantissa, exponent } = x;
  if (bitLength(mantissa) + exponent > -60) return undefined;
  const square = shift(mantissa * mantissa, 2 * exponent + 300);
  const factor = (1n << 300n) + (square * numerator) / denominator;
  return { mantissa: mantissa * factor, exponent: exponent - 300 };
}

function hyperbolic(x: Exact): [grown: bigint, shrunk: bigint] {
  const { mantissa, exponent } = expOf(magnitude(toFixed(x)));
  const grown = shift(mantissa, exponent + places);
  return [grown, over(one, grown)];
}

const signed = (x: Exact, result: bigint): Exact => fixed(x.mantissa < 0n ? -result : result);

function atan2Of(y: Exact, x: Exact): Exact {
  // Both as whole numbers of one unit.
  const unit = Math.min(y.exponent, x.exponent);
  const [a, b] = [shift(magnitude(y.mantissa), y.exponent - unit), shift(magnitude(x.mantissa), x.exponent - unit)];
  const ratioBits = bitLength(a) - bitLength(b);
  let result: Exact;
  if (ratioBits < -100 && x.mantissa > 0n) {
    const scale = 400 + bitLength(b);
    result = { mantissa: shift(a, scale) / b, exponent: -scale };
  } else if (ratioBits > 100) {
    result = fixed(x.mantissa < 0n ? pi / 2n + over(b, a) : pi / 2n - over(b, a));
  } else {
    const angle = atanOf(over(a, b));
    result = fixed(x.mantissa < 0n ? pi - angle : angle);
  }
  return y.mantissa < 0n ? { ...result, mantissa: -result.mantissa } : result;
}

/** Each function at finite arguments within its domain whose result is finite and not 0 before rounding. */
export const oracle = {
  exp: (x: Exact): Exact => expOf(toFixed(x)),
  log: (x: Exact): Exact => fixed(logOf(x)),
  sin: (x: Exact): Exact => tiny(x, -1n, 6n) ?? fixed(sinAndCos(x)[0]),
  cos: (x: Exact): Exact => fixed(sinAndCos(x)[1]),
  tan: (x: Exact): Exact => {
    const [sin, cos] = sinAndCos(x);
    return tiny(x, 1n, 3n) ?? fixed(over(sin, cos));
  },
  sinh: (x: Exact): Exact => {
    const near = tiny(x, 1n, 6n);
    if (near !== undefined) return near;
    const [grown, shrunk] = hyperbolic(x);
    return signed(x, (grown - shrunk) / 2n);
  },
  cosh: (x: Exact): Exact => {
    const [grown, shrunk] = hyperbolic(x);
    return fixed((grown + shrunk) / 2n);
  },
  tanh: (x: Exact): Exact => {
    const near = tiny(x, -1n, 3n);
    if (near !== undefined) return near;
    if (bitLength(x.mantissa) + x.exponent > 8) return signed(x, one);
    const [grown, shrunk] = hyperbolic(x);
    return signed(x, over(grown - shrunk, grown + shrunk));
  },
  atan: (x: Exact): Exact => tiny(x, -1n, 3n) ?? atan2Of(x, exactOf(1)),
  asin: (x: Exact): Exact => {
    const a = toFixed(x);
    return (
      tiny(x, 1n, 6n) ??
      fixed(a === one || a === -one ? (pi / 2n) * (a / one) : atanOf(over(a, squareRoot(one - times(a, a)))))
    );
  },
  acos: (x: Exact): Exact => {
    const a = toFixed(x);
    return fixed(a === -one ? pi : 2n * atanOf(squareRoot(over(one - a, one + a))));
  },
  atan2: atan2Of,
  expt: (x: Exact, y: Exact): Exact => {
    const log = logOf({ ...x, mantissa: magnitude(x.mantissa) });
    const result = expOf(shift(log * y.mantissa, y.exponent));
    const odd =
      y.exponent === 0
        ? (y.mantissa & 1n) !== 0n
        : y.exponent < 0 && ((magnitude(y.mantissa) >> BigInt(-y.exponent)) & 1n) !== 0n;
    return x.mantissa < 0n && odd ? { ...result, mantissa: -result.mantissa } : result;
  },
};

const formats = {
  f64x2: { precision: 53, least: -1074, greatest: 1024 },
  f32x4: { precision: 24, least: -149, greatest: 128 },
} as const;

/** The nearest number of a format, ties to even, as how many numbers of the format lie between it and 0. */
export function roundedOrdinal({ mantissa, exponent }: Exact, type: keyof typeof formats): bigint {
  const { precision, least, greatest } = formats[type];
  const size = magnitude(mantissa);
  const unit = Math.max(bitLength(size) + exponent - precision, least);
  const drop = exponent - unit;
  const doubled = shift(size, drop + 1);
  const inexact = drop + 1 < 0 && doubled << BigInt(-drop - 1) !== size;
  let units = doubled >> 1n;
  if ((doubled & 1n) === 1n && (inexact || (units & 1n) === 1n)) units++;
  const count = units + (BigInt(unit - least) << BigInt(precision - 1));
  const infinity = BigInt(greatest - precision - least + 2) << BigInt(precision - 1);
  const bounded = units === 0n ? 0n : count < infinity ? count : infinity;
  return mantissa < 0n ? -bounded : bounded;
}

/** How many numbers of the format lie between a number of it and 0; infinity counts as one more than the greatest. */
export function ordinal(x: number, type: keyof typeof formats): bigint {
  if (type === "f64x2") scratch.setFloat64(0, Math.abs(x));
  else scratch.setFloat32(0, Math.abs(x));
  const bits = type === "f64x2" ? scratch.getBigUint64(0) : BigInt(scratch.getUint32(0));
  return x < 0 ? -bits : bits;
}
