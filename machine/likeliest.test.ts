import fc from "fast-check";
import { expect, test } from "vitest";
import { likeliest, likeliestOfRows } from "./likeliest.js";

const numbers = fc.array(fc.integer({ min: -3, max: 3 }), { minLength: 1, maxLength: 12 });

test("is the first place of the largest number", () => {
  fc.assert(
    fc.property(numbers, fc.nat(3), (values, width) => {
      expect(likeliest(values)).toBe(values.indexOf(Math.max(...values)));
      const rows = [...values, ...values, ...values].slice(0, 3 * values.length);
      expect(likeliestOfRows(rows, values.length)).toEqual(Array.from({ length: 3 }, () => likeliest(values)));
      const some = values.slice(0, width + 1);
      expect(likeliest([9, ...values], 1, some.length)).toBe(likeliest(some));
    }),
  );
});
