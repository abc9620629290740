import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { addProbabilityGradient, probabilityOf, Remainders } from "./encodings.js";
import {
  binaryToUnit,
  binaryToUnitGradient,
  bitsOf,
  certainBits,
  oneHot,
  randomDistributions,
  seededRandom,
  unitToBinary,
  unitToBinaryGradient,
} from "./index.js";
import { expectClose } from "./testing.js";

const random = seededRandom(1);
const uniform = (count: number): Float64Array => Float64Array.from({ length: count }, random);
const dot = (x: Float64Array, y: Float64Array): number => x.reduce((sum, value, i) => sum + value * y[i], 0);

/** Slopes by differences, of what is linear in each number. */
const slopesOf = (array: Float64Array, loss: () => number): Float64Array =>
  array.map((value, i) => {
    array[i] = value + 0.5;
    const above = loss();
    array[i] = value - 0.5;
    const slope = above - loss();
    array[i] = value;
    return slope;
  });

describe("the conversions between encodings", () => {
  it("gives each value the product of its bits' probabilities", () => {
    // The order of the bits is the paper's example, the lowest bit last.
    const [b0, b1] = [0.3, 0.9];
    const expected = [(1 - b1) * (1 - b0), (1 - b1) * b0, b1 * (1 - b0), b1 * b0];
    expectClose(binaryToUnit(Float64Array.of(b0, b1), 2, 1), expected, 1e-15);
  });

  it("takes certain values to certain values, both ways", () => {
    const values = [0, 1, 5, 15, 10];
    expect(unitToBinary(oneHot(values, 16), 16, 5)).toEqual(certainBits(values, 4));
    expect(binaryToUnit(certainBits(values, 4), 4, 5)).toEqual(oneHot(values, 16));
  });

  it("keeps what independent bits say", () => {
    const bits = uniform(3 * 6);
    expectClose(unitToBinary(binaryToUnit(bits, 6, 3), 64, 3), bits, 1e-12);
  });

  it("has the gradients of its definition", () => {
    const distributions = randomDistributions(2, 8, random);
    const toBits = uniform(2 * 3);
    const slopes = slopesOf(distributions, () => dot(unitToBinary(distributions, 8, 2), toBits));
    expectClose(unitToBinaryGradient(toBits, 8, 2), slopes, 1e-12);
    const bits = uniform(2 * 3);
    const toValues = uniform(2 * 8);
    const back = binaryToUnitGradient(bits, toValues, 3, 2);
    expectClose(
      back,
      slopesOf(bits, () => dot(binaryToUnit(bits, 3, 2), toValues)),
      1e-12,
    );
  });

  it("refuses sizes that are no power of two, and values out of range", () => {
    expect(() => bitsOf(20)).toThrow("values of bits need n to be a power of two, from 2 to 2^32; got 20");
    expect(() => unitToBinary(new Float64Array(6), 6, 1)).toThrow("power of two");
    expect(() => certainBits([16], 4)).toThrow("16 is not a whole number from 0 to 15 (4 bits)");
  });
});

describe("values of independent bits", () => {
  it("have remainders by any modulus, with their gradients", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 6 }), fc.integer({ min: 1, max: 70 }), (bits, modulus) => {
        const p = uniform(bits + 1);
        const remainders = new Remainders(bits, modulus);
        const expected = (): Float64Array => {
          const result = new Float64Array(modulus);
          for (let value = 0; value < 2 ** bits; value++) result[value % modulus] += probabilityOf(value, p, 1, bits);
          return result;
        };
        expectClose(remainders.forward(p, 1), expected(), 1e-12);
        const cotangent = uniform(modulus);
        const gradient = new Float64Array(bits + 1);
        remainders.backward(cotangent, gradient, 1);
        expectClose(
          gradient,
          slopesOf(p, () => dot(expected(), cotangent)),
          1e-12,
        );
      }),
      { numRuns: 60 },
    );
  });

  it("are one value with the product of its bits' probabilities, with its gradient", () => {
    const p = uniform(5);
    p[2] = 0;
    const gradient = new Float64Array(5);
    addProbabilityGradient(22, p, 0, 5, 2, gradient, 0);
    expectClose(
      gradient,
      slopesOf(p, () => 2 * probabilityOf(22, p, 0, 5)),
      1e-12,
    );
  });
});
