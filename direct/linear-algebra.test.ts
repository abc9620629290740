import fc from "fast-check";
import { expect, test } from "vitest";
import { dot, norm, singularValueDecomposition, triangularize } from "./linear-algebra.js";

const entry = fc.double({ min: -10, max: 10, noNaN: true });
const tall = fc.tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 0, max: 5 })).chain(([size, more]) =>
  fc.array(
    fc.array(entry, { minLength: size + more, maxLength: size + more }).map((a) => Float64Array.from(a)),
    { minLength: size + 1, maxLength: size + 1 },
  ),
);

test("a triangle keeps the products of columns, with the right-hand side too", () => {
  fc.assert(
    fc.property(tall, ([b, ...columns]) => {
      const { columns: triangle, head } = triangularize(columns, b);
      for (const [i, column] of columns.entries()) {
        for (const [j, other] of columns.entries())
          expect(dot(triangle[i], triangle[j])).toBeCloseTo(dot(column, other), 9);
        expect(dot(triangle[i], head)).toBeCloseTo(dot(column, b), 9);
        expect(triangle[i].slice(i + 1).every((x) => x === 0)).toBe(true);
      }
    }),
  );
});

test("a matrix is U diag(s) Vᵀ of its singular values, and V is orthogonal", () => {
  fc.assert(
    fc.property(tall, ([, ...all]) => {
      const columns = all.map((column) => column.slice(0, all.length));
      const { values, right, left } = singularValueDecomposition(columns);
      for (const [j, column] of columns.entries())
        for (const [i, x] of column.entries())
          expect(values.reduce((sum, s, k) => sum + left[k][i] * s * right[k][j], 0)).toBeCloseTo(x, 9);
      for (const [k, v] of right.entries())
        for (const [l, w] of right.entries()) expect(dot(v, w)).toBeCloseTo(k === l ? 1 : 0, 9);
    }),
  );
});

test("lengths neither overflow nor underflow", () => {
  expect(norm(Float64Array.of(3e200, 4e200))).toBeCloseTo(5e200, -190);
  expect(norm(Float64Array.of(3e-200, 4e-200)) / 5e-200).toBeCloseTo(1, 12);
  expect(norm(new Float64Array(2))).toBe(0);
});
