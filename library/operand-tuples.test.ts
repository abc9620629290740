import fc from "fast-check";
import { expect, test } from "vitest";
import { operandTuples } from "./operand-tuples.js";

const sum = (tuple: readonly number[]) => tuple.reduce((total, value) => total + value, 0);

test("all tuples, least sums first", () => {
  expect(operandTuples(3, 2, 9)).toEqual({
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
  expect(operandTuples(5, 0, 10)).toEqual({ tuples: [[]], exhaustive: true });
});

test("a sample has as many different tuples as asked for, in order, the same each time", () => {
  const sizes = fc.record({ n: fc.integer({ min: 2, max: 40 }), operands: fc.integer({ min: 1, max: 4 }) });
  fc.assert(
    fc.property(sizes, fc.integer({ min: 2, max: 60 }), ({ n, operands }, most) => {
      const { tuples, exhaustive } = operandTuples(n, operands, most);
      const count = n ** operands;
      expect(exhaustive).toBe(count <= most);
      expect(tuples.length).toBe(Math.min(count, most));
      expect(new Set(tuples.map(String)).size).toBe(tuples.length);
      for (const tuple of tuples) for (const value of tuple) expect(value >= 0 && value < n).toBe(true);
      for (let i = 1; i < tuples.length; i++) expect(sum(tuples[i])).toBeGreaterThanOrEqual(sum(tuples[i - 1]));
      expect(tuples).toContainEqual(new Array(operands).fill(0));
      expect(tuples).toContainEqual(new Array(operands).fill(n - 1));
      expect(operandTuples(n, operands, most).tuples).toEqual(tuples);
    }),
  );
});
