import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type TabulatedProgram, tabulatedCall, tabulatedCallGradient } from "./index.js";

/** A table of random answers and random distributions for a batch of two. */
const cases = fc
  .record({ n: fc.integer({ min: 2, max: 5 }), operands: fc.integer({ min: 0, max: 3 }) })
  .chain(({ n, operands }) =>
    fc.record({
      table: fc
        .array(fc.integer({ min: 0, max: n - 1 }), { minLength: n ** operands, maxLength: n ** operands })
        .map((values): TabulatedProgram => ({ name: "f", operands, n, values: Uint16Array.from(values) })),
      p: numbers(2 * operands * n),
      g: numbers(2 * n),
    }),
  );

function numbers(length: number): fc.Arbitrary<Float64Array> {
  const number = fc.oneof(fc.constant(0), fc.double({ min: -1, max: 1, noNaN: true }));
  return fc.array(number, { minLength: length, maxLength: length }).map((values) => Float64Array.from(values));
}

/** The sum over all tuples, as the definition says. */
function byDefinition({ operands, n, values }: TabulatedProgram, p: Float64Array, batch: number): number[] {
  const answers = new Array<number>(batch * n).fill(0);
  for (let row = 0; row < batch; row++) {
    values.forEach((answer, index) => {
      let weight = 1;
      for (let i = 0; i < operands; i++) {
        weight *= p[(row * operands + i) * n + (Math.floor(index / n ** (operands - 1 - i)) % n)];
      }
      answers[row * n + answer] += weight;
    });
  }
  return answers;
}

describe("tabulated calls", () => {
  it("mix the answers of all operands", () => {
    fc.assert(
      fc.property(cases, ({ table, p }) => {
        const answers = tabulatedCall(table, p, 2);
        byDefinition(table, p, 2).forEach((value, i) => {
          expect(answers[i]).toBeCloseTo(value, 12);
        });
      }),
    );
  });

  it("have the gradient of that mixture", () => {
    fc.assert(
      fc.property(cases, ({ table, p, g }) => {
        const gradient = tabulatedCallGradient(table, p, g, 2);
        const loss = (): number => byDefinition(table, p, 2).reduce((sum, value, i) => sum + value * g[i], 0);
        for (let i = 0; i < p.length; i++) {
          // The mixture is linear in each entry, so a difference over any distance is its slope.
          const value = p[i];
          p[i] = value + 1;
          const above = loss();
          p[i] = value - 1;
          const slope = (above - loss()) / 2;
          p[i] = value;
          expect(gradient[i]).toBeCloseTo(slope, 10);
        }
      }),
    );
  });

  it("refuse arrays of another shape", () => {
    const table = { name: "f", operands: 2, n: 3, values: new Uint16Array(9) };
    expect(() => tabulatedCall(table, new Float64Array(5), 1)).toThrow(
      '"f" takes distributions [1, 2, 3]; got 5 numbers',
    );
    expect(() => tabulatedCallGradient(table, new Float64Array(6), new Float64Array(2), 1)).toThrow(
      "the cotangent has 2 numbers; [1, 3] needs 3",
    );
  });
});
