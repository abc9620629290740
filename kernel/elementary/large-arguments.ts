/**
 * Multiples of π/2 taken off a large f64 exactly, from as many bits of 2/π as matter (Payne and Hanek, "Radian Reduction
 * for Trigonometric Functions", 1983). One number at a time, in 64-bit integers: large angles are rare.
 */
import type { FunctionBuilder, Local } from "../function-builder.js";
import type { ModuleBuilder } from "../module-builder.js";
import { defineOnce } from "./definitions.js";

/** The first 1,216 bits of the fraction of 2/π; a double's exponent asks for no more. */
const twoOverPi = [
  0xa2f9836e4e441529n,
  0xfc2757d1f534ddc0n,
  0xdb6295993c439041n,
  0xfe5163abdebbc561n,
  0xb7246e3a424dd2e0n,
  0x06492eea09d1921cn,
  0xfe1deb1cb129a73en,
  0xe88235f52ebb4484n,
  0xe99c7026b45f7e41n,
  0x3991d639835339f4n,
  0x9c845f8bbdf9283bn,
  0x1ff897ffde05980fn,
  0xef2f118b5a0a6d1fn,
  0x6d367ecf27cb09b7n,
  0x4f463f669e5fea2dn,
  0x7527bac7ebe5f17bn,
  0x3d0739f78a5292ean,
  0x6bfb5fb11f8d5d08n,
  0x56033046fc7b6babn,
];

const halfPi = [1.5707963267948966, 6.123233995736766e-17] as const;

/**
 * The function x -> (high, low, n) with x = n π/2 + high + low, n modulo 4, |high| ≤ π/4, to some 2^-64 of high, for
 * x ≥ 1; NaN for infinity and NaN.
 */
export function reduceLarge(module: ModuleBuilder) {
  const word = wordOfTwoOverPi(module);
  return defineOnce(module, "angle.reduceLarge", ["f64"], ["f64", "f64", "i64"], (code) => {
    const [x] = code.parameters;
    code.get(x).emit("f64.const", Number.MAX_VALUE).emit("f64.le").emit("i32.eqz");
    code.if(() => {
      for (let i = 0; i < 2; i++) code.emit("f64.const", Number.NaN);
      code.emit("i64.const", 0n).return();
    });
    // x = m 2^e with m of 53 bits. Bits of 2/π worth 4 or more after the product are left out.
    const bits = code.local("i64");
    const start = code.local("i32");
    code.get(x).emit("i64.reinterpret_f64").set(bits);
    code.get(bits).emit("i64.const", 52n).emit("i64.shr_u").emit("i32.wrap_i64");
    code
      .emit("i32.const", 1075 - 62)
      .emit("i32.sub")
      .set(start);
    code
      .get(bits)
      .emit("i64.const", (1n << 52n) - 1n)
      .emit("i64.and")
      .emit("i64.const", 1n << 52n)
      .emit("i64.or")
      .set(bits);
    const window = shiftedWindow(code, start, (index) => {
      code.get(start).emit("i32.const", 6).emit("i32.shr_u").emit("i32.const", index).emit("i32.add").call(word);
    });
    const product = multiply(code, bits, window);
    const n = code.local("i64");
    const rounding = code
      .get(product.high)
      .emit("i64.const", 1n << 61n)
      .emit("i64.add");
    rounding.emit("i64.const", 62n).emit("i64.shr_u").set(n);
    fractionOfHalfPi(code, product);
    code.get(n);
  });
}

/** The function i -> word i of 64 zero bits followed by 2/π's. */
function wordOfTwoOverPi(module: ModuleBuilder) {
  return defineOnce(module, "angle.twoOverPi", ["i32"], ["i64"], (code) => {
    const [index] = code.parameters;
    const words = [0n, ...twoOverPi];
    const choose = (from: number, to: number): void => {
      if (to - from === 1) {
        code.emit("i64.const", words[from]);
        return;
      }
      const middle = (from + to) >> 1;
      code.get(index).emit("i32.const", middle).emit("i32.lt_s");
      code.if(
        () => choose(from, middle),
        () => choose(middle, to),
        "i64",
      );
    };
    choose(0, words.length);
  });
}

/** 192 bits from a bit position on: six limbs of 32 bits, the lowest first. */
function shiftedWindow(code: FunctionBuilder, start: Local, pushWord: (index: number) => void): Local[] {
  const words = [0, 1, 2, 3].map((index) => {
    const word = code.local("i64");
    pushWord(index);
    code.set(word);
    return word;
  });
  const shift = code.local("i64");
  code.get(start).emit("i32.const", 63).emit("i32.and").emit("i64.extend_i32_s").set(shift);
  const limbs: Local[] = [];
  for (let i = 2; i >= 0; i--) {
    const whole = code.local("i64");
    code.get(words[i]).get(shift).emit("i64.shl");
    // In two steps, since a shift by 64 would be one by 0.
    code
      .get(words[i + 1])
      .emit("i64.const", 1n)
      .emit("i64.shr_u");
    code.emit("i64.const", 63n).get(shift).emit("i64.sub").emit("i64.shr_u").emit("i64.or").set(whole);
    limbs.push(...split(code, whole));
  }
  return limbs;
}

/** A word's low and high 32 bits. */
function split(code: FunctionBuilder, whole: Local): [Local, Local] {
  const low = code.local("i64");
  const high = code.local("i64");
  code.get(whole).emit("i64.const", 0xffffffffn).emit("i64.and").set(low);
  code.get(whole).emit("i64.const", 32n).emit("i64.shr_u").set(high);
  return [low, high];
}

/** The upper 128 of the product's 192 low bits, by long multiplication in limbs of 32 bits. */
function multiply(code: FunctionBuilder, factor: Local, limbs: readonly Local[]): { high: Local; low: Local } {
  const sums = limbs.map(() => code.local("i64"));
  const term = code.local("i64");
  const carry = code.local("i64");
  split(code, factor).forEach((digit, shift) => {
    code.emit("i64.const", 0n).set(carry);
    for (let i = 0; i + shift < limbs.length; i++) {
      const sum = sums[i + shift];
      code.get(digit).get(limbs[i]).emit("i64.mul").get(sum).emit("i64.add").get(carry).emit("i64.add").set(term);
      code.get(term).emit("i64.const", 0xffffffffn).emit("i64.and").set(sum);
      code.get(term).emit("i64.const", 32n).emit("i64.shr_u").set(carry);
    }
  });
  const [high, low] = [code.local("i64"), code.local("i64")];
  code.get(sums[5]).emit("i64.const", 32n).emit("i64.shl").get(sums[4]).emit("i64.or").set(high);
  code.get(sums[3]).emit("i64.const", 32n).emit("i64.shl").get(sums[2]).emit("i64.or").set(low);
  return { high, low };
}

/** Pushes the product's fraction, taken as -1/2..1/2 of a quadrant, times π/2: high and low parts. */
function fractionOfHalfPi(code: FunctionBuilder, { high, low }: { high: Local; low: Local }): void {
  const fraction = code.local("i64");
  code.get(high).emit("i64.const", 2n).emit("i64.shl").get(low).emit("i64.const", 62n).emit("i64.shr_u");
  code.emit("i64.or").set(fraction);
  const f = (): Local => code.local("f64");
  const [rough, rest, upper, lower] = [f(), f(), f(), f()];
  code.get(fraction).emit("f64.convert_i64_s").set(rough);
  code.get(fraction).get(rough).emit("i64.trunc_sat_f64_s").emit("i64.sub").emit("f64.convert_i64_s");
  code.get(low).emit("i64.const", 2n).emit("i64.shl").emit("f64.convert_i64_u");
  code
    .emit("f64.const", 2 ** -64)
    .emit("f64.mul")
    .emit("f64.add")
    .set(rest);
  code.get(rough).get(rest).emit("f64.add").set(upper);
  code.get(rough).get(upper).emit("f64.sub").get(rest).emit("f64.add").set(lower);
  const [product, error, sum] = [f(), f(), f()];
  const [upperHigh, upperLow] = [f(), f()];
  // Dekker, "A floating-point technique for extending the available precision" (1971): the product's rounding error.
  code
    .get(upper)
    .emit("f64.const", 2 ** 27 + 1)
    .emit("f64.mul")
    .set(upperHigh);
  code.get(upperHigh).get(upperHigh).get(upper).emit("f64.sub").emit("f64.sub").set(upperHigh);
  code.get(upper).get(upperHigh).emit("f64.sub").set(upperLow);
  const piHigh = halfPi[0] * (2 ** 27 + 1) - (halfPi[0] * (2 ** 27 + 1) - halfPi[0]);
  const piLow = halfPi[0] - piHigh;
  code.get(upper).emit("f64.const", halfPi[0]).emit("f64.mul").set(product);
  const times = (local: Local, number: number) => code.get(local).emit("f64.const", number).emit("f64.mul");
  times(upperHigh, piHigh).get(product).emit("f64.sub");
  times(upperHigh, piLow).emit("f64.add");
  times(upperLow, piHigh).emit("f64.add");
  times(upperLow, piLow).emit("f64.add");
  times(upper, halfPi[1]).emit("f64.add");
  times(lower, halfPi[0]).emit("f64.add").set(error);
  code.get(product).get(error).emit("f64.add").set(sum);
  times(sum, 2 ** -64);
  code
    .get(product)
    .get(sum)
    .emit("f64.sub")
    .get(error)
    .emit("f64.add")
    .emit("f64.const", 2 ** -64)
    .emit("f64.mul");
}
