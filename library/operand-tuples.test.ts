import fc from "fast-check";
import { expect, test } from "vitest";
import { type NumberRange, operandTuples } from "./operand-tuples.js";

const below = (n: number, count: number) => new Array<NumberRange>(count).fill({ low: 0, high: n - 1 });
const sum = (tuple: readonly number[]) => tuple.reduce((total, value) => total + value, 0);

test("all tuples, least sums first", () => {
  expect(operandTuples(below(3, 2), 9)).toEqual({
    tuples: [
      [0, 0],
      [0, 1],
      [1, 0],
      [0, 2],
      [1, 1],
      [2, 0],
      [1, 2],
      [2, 1],
      [2, 2],
    ],
    exhaustive: true,
  });
  expect(operandTuples([], 10)).toEqual({ tuples: [[]], exhaustive: true });
});

test("a sample has as many different tuples as asked for, in order, the same each time", () => {
  const sizes = fc.record({ n: fc.integer({ min: 2, max: 40 }), operands: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 2, max: 60 }), ({ n, operands }, most) => {
      const { tuples, exhaustive } = operandTuples(below(n, operands), most);
      const count = n ** operands;
      expect(exhaustive).toBe(count <= most);
      expect(tuples.length).toBe(Math.min(count, most));
      expect(new Set(tuples.map(String)).size).toBe(tuples.length);
      for (const tuple of tuples) for (const value of tuple) expect(value >= 0 && value < n).toBe(true);
      for (let i = 1; i < tuples.length; i++) expect(sum(tuples[i])).toBeGreaterThanOrEqual(sum(tuples[i - 1]));
      expect(tuples).toContainEqual(new Array(operands).fill(0));
      expect(tuples).toContainEqual(new Array(operands).fill(n - 1));
      expect(operandTuples(below(n, operands), most).tuples).toEqual(tuples);
    }),
  );
});

test("numbers keep to their ranges, and a sample has all tuples of the first numbers of each", () => {
  const range = fc.record({ low: fc.nat(20), size: fc.integer({ min: 1, max: 12 }) });
  fc.assert(
    fc.property(fc.array(range, { minLength: 1, maxLength: 4 }), fc.integer({ min: 4, max: 200 }), (sizes, most) => {
      const ranges = sizes.map(({ low, size }) => ({ low, high: low + size - 1 }));
      const { tuples, exhaustive, first = Number.POSITIVE_INFINITY } = operandTuples(ranges, most);
      for (const tuple of tuples)
        tuple.forEach((value, i) => {
          expect(value >= ranges[i].low && value <= ranges[i].high).toBe(true);
        });
      const isFirst = (tuple: readonly number[]) => tuple.every((value, i) => value < ranges[i].low + first);
      const firsts = sizes.reduce((count, { size }) => count * Math.min(size, first), 1);
      expect(tuples.filter(isFirst)).toHaveLength(firsts);
      expect(exhaustive).toBe(first === Number.POSITIVE_INFINITY);
      expect(first).toBeGreaterThanOrEqual(1);
    }),
  );
});
