import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, link, registersOf } from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { LazyTable, oneHot, type TabulatedProgram, tabulate, tabulatedCall, tabulatedCallGradient } from "./index.js";

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

/** Euclid's algorithm on two operands plus a third; with `bounded` false it has no end where all three are 1. */
function gcdImage(n: number, bounded = true) {
  const text = `(define (g a b) (if (= b 0) a (g b (modulo a b))))
    (define (spin i) (spin i))
    (define (f a b c) ${bounded ? "(+ c (g a b))" : "(if (= (* a (* b c)) 1) (spin a) (+ c (g a b)))"})`;
  const assembly = assemble(aNormalForm(readProgram(text, { name: "f", entry: "f" })), { name: "f" });
  return link([assembly], { n, registers: registersOf(assembly) });
}

describe("lazy tables", () => {
  const n = 32;
  const image = gcdImage(n);
  const complete = tabulate(image, "f");
  const sparse = fc
    .array(
      fc.dictionary(fc.integer({ min: 0, max: n - 1 }).map(String), fc.double({ min: 0.1, max: 1, noNaN: true })),
      {
        minLength: 6,
        maxLength: 6,
      },
    )
    .map((rows) => rows.map((row) => Object.entries(row)));

  it("give what complete ones give, and run the support alone", () => {
    fc.assert(
      fc.property(sparse, numbers(2 * n), (rows, g) => {
        const p = new Float64Array(6 * n);
        rows.forEach((row, i) => {
          for (const [value, weight] of row) p[i * n + Number(value)] = weight;
        });
        const lazy = new LazyTable(image, "f");
        expect(tabulatedCall(lazy, p, 2)).toEqual(tabulatedCall(complete, p, 2));
        const tuples = new Set<string>();
        for (const half of [rows.slice(0, 3), rows.slice(3)])
          for (const [a] of half[0]) for (const [b] of half[1]) for (const [c] of half[2]) tuples.add(`${a} ${b} ${c}`);
        expect(lazy.known).toBe(tuples.size);
        const onSupport = tabulatedCallGradient(lazy, p, g, 2, { supportOnly: true });
        expect(lazy.known).toBe(tuples.size);
        const everywhere = tabulatedCallGradient(complete, p, g, 2);
        everywhere.forEach((slope, i) => {
          expect(onSupport[i]).toBeCloseTo(p[i] === 0 ? 0 : slope, 10);
        });
        const own = tabulatedCallGradient(lazy, p, g, 2);
        everywhere.forEach((slope, i) => {
          expect(own[i]).toBeCloseTo(slope, 10);
        });
      }),
      { numRuns: 20 },
    );
  });

  it("need not halt, nor be small, beyond the support", () => {
    const endless = new LazyTable(gcdImage(256, false), "f", { steps: 10_000 });
    const p = oneHot([12, 18, 1], 256);
    expect(tabulatedCall(endless, p, 1)[7]).toBe(1);
    expect(endless.known).toBe(1);
    // A change of one operand never reaches (1, 1, 1) from here; and the table would be 2^24 answers.
    tabulatedCallGradient(endless, p, new Float64Array(256), 1);
    expect(endless.known).toBe(3 * 255 + 1);
    expect(() => tabulatedCall(endless, oneHot([1, 1, 1], 256), 1)).toThrow(
      '"f" with a = 1, b = 1, c = 1 did not halt within 10,000 steps',
    );
  });

  it("take over what is known", () => {
    const before = new LazyTable(image, "f");
    tabulatedCall(before, oneHot([12, 18, 1], n), 1);
    const after = new LazyTable(image, "f");
    after.restore(before.rows);
    expect([after.known, after.rows]).toEqual([1, before.rows]);
    expect(after.complete()).toEqual(complete);
    expect(after.known).toBe(n ** 3);
  });
});
