import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ADAM, adamStep, SparseRows, withMoments } from "./adam.js";

describe("Adam", () => {
  it("follows the paper's algorithm 1", () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 }),
        fc.double({ min: 1e-4, max: 0.1, noNaN: true }),
        (gradients, rate) => {
          const parameter = withMoments(Float32Array.of(1));
          let value = 1;
          let m = 0;
          let v = 0;
          gradients.forEach((g, i) => {
            adamStep(parameter, 0, Float32Array.of(9, g), 1, 1, 1, rate, i + 1);
            m = ADAM.beta1 * m + (1 - ADAM.beta1) * g;
            v = ADAM.beta2 * v + (1 - ADAM.beta2) * g * g;
            const hatM = m / (1 - ADAM.beta1 ** (i + 1));
            const hatV = v / (1 - ADAM.beta2 ** (i + 1));
            if (Math.abs(g) > 1e-3) expect(parameter.first[0]).toBeCloseTo(m, 4);
            value -= (rate * hatM) / (Math.sqrt(hatV) + ADAM.epsilon);
          });
          // Tiny gradients are rounded in the moments, which are of 32 bits.
          if (gradients.every((g) => Math.abs(g) > 1e-3)) expect(parameter.value[0]).toBeCloseTo(value, 3);
        },
      ),
    );
  });
});

describe("sparse rows", () => {
  it("start as a function of seed and token, whatever was asked before", () => {
    const a = new SparseRows(4, 0.5, [7]);
    const b = new SparseRows(4, 0.5, [7]);
    a.gather(Int32Array.of(5, 6, 7));
    expect(b.gather(Int32Array.of(7))).toEqual(a.gather(Int32Array.of(7)));
    expect(new SparseRows(4, 0.5, [8]).gather(Int32Array.of(7))).not.toEqual(a.gather(Int32Array.of(7)));
    expect(a.tokens.length).toBe(0);
  });

  it("change and are kept where a batch has their token, and nowhere else", () => {
    const rows = new SparseRows(2, 0.5, [1]);
    const before = rows.gather(Int32Array.of(128_000, 3));
    rows.step(Int32Array.of(128_000), Float32Array.of(1, -1), 1, 0.01);
    const after = rows.gather(Int32Array.of(128_000, 3));
    expect(Array.from(rows.tokens)).toEqual([128_000]);
    expect(after[0]).toBeCloseTo(before[0] - 0.01, 5);
    expect(after[1]).toBeCloseTo(before[1] + 0.01, 5);
    expect(after.slice(2)).toEqual(before.slice(2));
  });

  it("count their own steps: a row first met late moves as far as one met at once", () => {
    const rows = new SparseRows(1, 0, [1]);
    for (let step = 0; step < 50; step++) rows.step(Int32Array.of(1), Float32Array.of(1), 1, 0.01);
    rows.step(Int32Array.of(2), Float32Array.of(1), 1, 0.01);
    expect(rows.gather(Int32Array.of(2))[0]).toBeCloseTo(-0.01, 6);
  });

  it("come back as they were saved", () => {
    const rows = new SparseRows(3, 0.5, [1]);
    rows.step(Int32Array.of(2, 9), Float32Array.of(1, 2, 3, 4, 5, 6), 1, 0.01);
    const copy = new SparseRows(3, 0.5, [1]);
    copy.restore(rows.save());
    for (const each of [rows, copy]) each.step(Int32Array.of(9), Float32Array.of(1, 0, -1), 0.5, 0.02);
    expect(copy.save()).toEqual(rows.save());
  });
});
