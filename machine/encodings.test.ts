import { describe, expect, it } from "vitest";
import { probabilityOf } from "./encodings.js";
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
/** An array [rows, width], from what is in each place. */
const byRow = (rows: number, width: number, at: (row: number, i: number) => number): Float64Array =>
  Float64Array.from({ length: rows * width }, (_, place) => at(Math.floor(place / width), place % width));

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

  it.each([8, 16])("are what the definition says of n = %i, and their gradients its derivatives", (n) => {
    const bits = Math.log2(n);
    const rows = 3;
    const codes = Array.from({ length: n }, (_, value) => [...value.toString(2).padStart(bits, "0")].map(Number));
    const bitOf = (value: number, i: number): number => codes[value][bits - 1 - i];
    // From values to bits: the product with the table [n, bits] of binary codes.
    const distributions = randomDistributions(rows, n, random, 0.3);
    const looked = (row: number, i: number): number =>
      codes.reduce((sum, _, value) => sum + distributions[row * n + value] * bitOf(value, i), 0);
    const found = unitToBinary(distributions, n, rows);
    expectClose(found, byRow(rows, bits, looked), 1e-14);
    const toBits = uniform(rows * bits);
    const transposed = (row: number, value: number): number =>
      toBits.subarray(row * bits, (row + 1) * bits).reduce((sum, g, i) => sum + g * bitOf(value, i), 0);
    expectClose(unitToBinaryGradient(toBits, n, rows), byRow(rows, n, transposed), 1e-14);
    // From bits to values: for each value the product over its bits of what each is with.
    const p = uniform(rows * bits).map((x, i) => (i % 5 === 0 ? Math.round(x) : x));
    const share = (row: number, value: number, i: number): number =>
      bitOf(value, i) ? p[row * bits + i] : 1 - p[row * bits + i];
    const product = (row: number, value: number, except = -1): number =>
      codes[value].reduce((all, _, i) => all * (i === except ? 1 : share(row, value, i)), 1);
    expectClose(binaryToUnit(p, bits, rows), byRow(rows, n, product), 1e-14);
    expect(probabilityOf(n - 3, p, bits, bits)).toBeCloseTo(product(1, n - 3), 14);
    const toValues = uniform(rows * n);
    const slope = (row: number, i: number): number =>
      codes.reduce((sum, _, value) => {
        return sum + toValues[row * n + value] * (bitOf(value, i) ? 1 : -1) * product(row, value, i);
      }, 0);
    expectClose(binaryToUnitGradient(p, toValues, bits, rows), byRow(rows, bits, slope), 1e-13);
  });

  it("refuses sizes that are no power of two, and values out of range", () => {
    expect(() => bitsOf(20)).toThrow("values of bits need n to be a power of two, from 2 to 2^32; got 20");
    expect(() => unitToBinary(new Float64Array(6), 6, 1)).toThrow("power of two");
    expect(() => certainBits([16], 4)).toThrow("16 is not a whole number from 0 to 15 (4 bits)");
  });
});
