/** sin, cos and tan: multiples of π or π/2 taken off in parts (Cody and Waite, 1980), or exactly where the angle is large. */
import type { FunctionReference, Local } from "../function-builder.js";
import type { Lanes, Value } from "../lanes.js";
import { reduceLarge } from "./large-arguments.js";
import { cosTail, type Precision, sinHalfTurnTail, sinTail } from "./polynomials.js";

/** What is added to a number below 2^51 rounds it to a whole one, which then stands in the low bits. */
const roundingShift = 1.5 * 2 ** 52;

/** The same for f32, below 2^22. */
const roundingShiftNative = 1.5 * 2 ** 23;

/** π/2 in parts of 36, 36 and 53 bits: up to 2^17 times the first two are exact. */
const halfPi = [1.5707963267923333, 2.5633441515839558e-12, 1.0562999066987428e-23] as const;
const greatestOfParts = 200000;

/** π in parts of 34, 34 and 53 bits: up to 2^19 times the first two, halves among them, are exact. */
const pi = [3.1415926535846666, 5.1266883031679116e-12, 2.1125998133974855e-23] as const;

/** π/2 in parts of 33 and 53 bits, for angles that are f32 numbers. */
const halfPiShort = [1.5707963267341256, 6.077100506506192e-11] as const;
/** Up to it 33 bits of π/2 times the quadrant are exact. */
const greatestTanSingle = 1_000_000;

/** π/2 for f32: down to 2^-13, down to 2^-24, then parts of 14 and 24 bits. Up to 2^10 times the first three are exact. */
const halfPiNative = [1.57080078125, -4.470348358154297e-6, 1.5892510418780148e-8, 7.443547731314504e-13] as const;

/** |x| = n π/2 + high + low. */
interface Angle {
  high: Value;
  low: Value;
  /** n modulo 4 in the low bits. */
  quadrant: Value;
}

/** tan of two f64, over the whole range. */
export function tan(v: Lanes, x: Value): Value {
  return tanOf(v, x, reduceDouble(v, v.keep(v.abs(x))), "double");
}

/** Up to it sin and cos have only a few turns to take off. */
const greatestNear = { f64x2: 400_000, f32x4: 1600 } as const;

export function isNearAngle(v: Lanes, x: Value): Value {
  return v.le(v.abs(x), v.constant(greatestNear[v.type]));
}

/** The functions, each for lanes that `isNearAngle` holds of. */
export type SineAndCosine = Readonly<Record<"sin" | "cos", FunctionReference>>;

/**
 * sin or cos of two f64 of few turns, from one polynomial over half a turn: sin x = (-1)ⁿ sin(x - nπ) and
 * cos x = (-1)ⁿ sin(x - (n - 1/2)π).
 */
export function sineOfHalfTurn(v: Lanes, x: Value, name: "sin" | "cos"): Value {
  const [shift, half] = [v.constant(roundingShift), v.constant(0.5)];
  const size = v.keep(v.abs(x));
  const turns = v.mul(size, v.constant(1 / Math.PI));
  const shifted = v.keep(v.add(name === "sin" ? turns : v.add(turns, half), shift));
  const whole = v.sub(shifted, shift);
  const n = v.keep(name === "sin" ? whole : v.sub(whole, half));
  const r = v.keep(pi.reduce<Value>((rest, part) => v.sub(rest, v.mul(n, v.constant(part))), size));
  const z = v.keep(v.mul(r, r));
  const result = v.add(r, v.mul(v.mul(r, z), v.polynomialByPairs(z, sinHalfTurnTail)));
  const sign = v.shiftLeft(shifted, 63);
  return v.xor(result, name === "sin" ? v.xor(sign, v.and(x, v.signBit())) : sign);
}

/** sin or cos of any f64 lanes, from what serves those of few turns. */
export function sineOfAny(v: Lanes, x: Value, name: "sin" | "cos", near: SineAndCosine): Value {
  const { code } = v;
  const [angle, low, quadrant] = [code.local("v128"), code.local("v128"), code.local("v128")];
  const size = v.keep(v.abs(x));
  size();
  code.set(angle);
  reduceLargeLanes(v, size, greatestNear.f64x2, { high: angle, low, quadrant });
  const turns = name === "sin" ? v.local(quadrant) : v.keep(v.integerAdd(v.local(quadrant), v.bits(1n)));
  const isOdd = v.integerSub(v.bits(0n), v.and(turns, v.bits(1n)));
  const isNumber = v.keep(v.eq(v.local(angle), v.local(angle)));
  const of = (callee: FunctionReference): Value => {
    v.and(v.local(angle), isNumber)();
    code.call(callee);
    return v.keep(() => {});
  };
  const [sin, cos] = [of(near.sin), of(near.cos)];
  const result = v.xor(v.select(isOdd, cos, sin), v.and(v.shiftLeft(turns, 62), v.signBit()));
  const signed = name === "sin" ? v.xor(result, v.and(x, v.signBit())) : result;
  return v.select(isNumber, signed, v.local(angle));
}

/** sin or cos of four f32 of few turns, in their own arithmetic. */
export function sineOfQuarterTurn(v: Lanes, x: Value, name: "sin" | "cos"): Value {
  const shift = v.constant(roundingShiftNative);
  const size = v.keep(v.abs(x));
  const quadrant = v.keep(v.add(v.mul(size, v.constant(2 / Math.PI)), shift));
  const n = v.keep(v.sub(quadrant, shift));
  const [first, second, third, fourth] = halfPiNative.map((part) => v.mul(n, v.constant(part)));
  // Exact, since all of it stands above 2^-25.
  const exact = v.keep(v.sub(v.sub(size, first), second));
  const rest = v.keep(third);
  const r = v.keep(v.sub(exact, rest));
  const low = v.sub(v.sub(v.sub(exact, r), rest), fourth);
  const z = v.keep(v.mul(r, r));
  const sin = v.keep(v.add(r, v.add(low, v.mul(v.mul(r, z), v.polynomialByHorner(z, sinTail.single)))));
  const cos = v.add(v.constant(1), v.mul(z, v.polynomialByHorner(z, [-0.5, ...cosTail.single])));
  const odd = v.keep(v.shiftLeft(quadrant, 31));
  const isOdd = v.shiftRightSigned(odd, 31);
  // The first two bits of the quadrant: a change of sign at each other one, for cos one quadrant earlier.
  const higher = v.shiftLeft(quadrant, 30);
  if (name === "sin") return v.xor(v.select(isOdd, cos, sin), v.and(v.xor(higher, x), v.signBit()));
  return v.xor(v.select(isOdd, sin, cos), v.and(v.xor(higher, odd), v.signBit()));
}

/** Whether `tanSingle` serves a lane. */
export function isTanSingle(v: Lanes, x: Value): Value {
  return v.le(v.abs(x), v.constant(greatestTanSingle));
}

/** tan of two f64 that are f32 numbers of at most a million, close enough to be rounded to f32. */
export function tanSingle(v: Lanes, x: Value): Value {
  return tanOf(v, x, reduceSingle(v, v.keep(v.abs(x))), "single");
}

function reduceSingle(v: Lanes, size: Value): Angle {
  const quadrant = v.keep(v.add(v.mul(size, v.constant(2 / Math.PI)), v.constant(roundingShift)));
  const n = v.keep(v.sub(quadrant, v.constant(roundingShift)));
  const high = v.sub(v.sub(size, v.mul(n, v.constant(halfPiShort[0]))), v.mul(n, v.constant(halfPiShort[1])));
  return { high: v.keep(high), low: v.constant(0), quadrant };
}

function reduceDouble(v: Lanes, size: Value): Angle {
  const { code } = v;
  const quadrant = code.local("v128");
  const high = code.local("v128");
  const low = code.local("v128");
  v.add(v.mul(size, v.constant(2 / Math.PI)), v.constant(roundingShift))();
  code.set(quadrant);
  const n = v.keep(v.sub(v.local(quadrant), v.constant(roundingShift)));
  const first = v.keep(v.sub(size, v.mul(n, v.constant(halfPi[0]))));
  const second = v.keep(v.mul(n, v.constant(halfPi[1])));
  // The rounding error of first - second, exactly (Knuth, "Seminumerical Algorithms", 1969, section 4.2.2).
  const rough = v.keep(v.sub(first, second));
  const taken = v.keep(v.sub(rough, first));
  const error = v.sub(v.sub(first, v.sub(rough, taken)), v.add(second, taken));
  const rest = v.keep(v.sub(error, v.mul(n, v.constant(halfPi[2]))));
  v.add(rough, rest)();
  code.set(high);
  v.add(v.sub(rough, v.local(high)), rest)();
  code.set(low);
  reduceLargeLanes(v, size, greatestOfParts, { high, low, quadrant });
  return { high: v.local(high), low: v.local(low), quadrant: v.local(quadrant) };
}

/** Puts the exact reduction of lanes above a bound, and of NaN, in place of what is there. */
function reduceLargeLanes(
  v: Lanes,
  size: Value,
  greatest: number,
  { high, low, quadrant }: Record<keyof Angle, Local>,
): void {
  const { code } = v;
  const large = reduceLarge(v.module);
  v.ifNotAll(v.le(size, v.constant(greatest)), () => {
    const [one, oneHigh, oneLow] = [code.local("f64"), code.local("f64"), code.local("f64")];
    const oneQuadrant = code.local("i64");
    for (const lane of [0, 1]) {
      size();
      code.emit("f64x2.extract_lane", lane).set(one);
      code.get(one).emit("f64.const", greatest).emit("f64.le").emit("i32.eqz");
      code.if(() => {
        code.get(one).call(large).set(oneQuadrant).set(oneLow).set(oneHigh);
        code.get(high).get(oneHigh).emit("f64x2.replace_lane", lane).set(high);
        code.get(low).get(oneLow).emit("f64x2.replace_lane", lane).set(low);
        code.get(quadrant).get(oneQuadrant).emit("i64x2.replace_lane", lane).set(quadrant);
      });
    }
  });
}

function tanOf(v: Lanes, x: Value, angle: Angle, precision: Precision): Value {
  const { high: r, low, quadrant } = angle;
  const square = v.keep(v.mul(r, r));
  const half = v.keep(v.mul(square, v.constant(0.5)));
  const rough = v.keep(v.sub(v.constant(1), half));
  const cube = v.mul(square, r);
  const sinRest = v.mul(cube, v.polynomial(square, sinTail[precision]));
  const fourth = v.mul(square, square);
  const cosRest = v.mul(fourth, v.polynomial(square, cosTail[precision]));
  const compensated = precision === "double";
  const sin = v.keep(v.add(r, compensated ? v.add(sinRest, v.mul(low, rough)) : sinRest));
  const cosError = v.sub(v.sub(v.constant(1), rough), half);
  const cosLow = compensated ? v.sub(cosRest, v.mul(r, low)) : cosRest;
  const cos = v.keep(v.add(rough, v.add(cosError, cosLow)));
  const isOdd = v.keep(v.integerSub(v.bits(0n), v.and(quadrant, v.bits(1n))));
  const signOfX = v.and(x, v.signBit());
  const quotient = v.div(v.select(isOdd, cos, sin), v.select(isOdd, sin, cos));
  return v.xor(quotient, v.xor(v.and(isOdd, v.signBit()), signOfX));
}
