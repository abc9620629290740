import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBest, measurementsSinceBetter } from "./early-stopping.js";

const measured = (...pairs: (readonly [operands: number, templates: number])[]) =>
  pairs.map(([operands, templates], i) => ({ step: i + 1, operands, templates }));

describe("early stopping", () => {
  it("counts measurements in which neither accuracy got better", () => {
    expect(measurementsSinceBetter([])).toBe(0);
    expect(measurementsSinceBetter(measured([0.5, 0.5]))).toBe(0);
    expect(measurementsSinceBetter(measured([0.5, 0.5], [0.5, 0.5], [0.4, 0.5]))).toBe(2);
    expect(measurementsSinceBetter(measured([0.5, 0.5], [0.4, 0.4], [0.1, 0.6]))).toBe(0);
    expect(measurementsSinceBetter(measured([0.9, 0.1], [0.1, 0.9], [0.1, 0.1]))).toBe(1);
    // Neither is above what it was, and yet no model was as good at both.
    expect(measurementsSinceBetter(measured([0.9, 0.1], [0.1, 0.9], [0.8, 0.8]))).toBe(0);
  });

  it("takes the lower accuracy for what a model is worth, then the higher, then the earlier", () => {
    expect(isBest([])).toBe(false);
    expect(isBest(measured([0.9, 0.2], [0.3, 0.3]))).toBe(true);
    expect(isBest(measured([0.9, 0.3], [0.3, 0.8]))).toBe(false);
    expect(isBest(measured([0.9, 0.3], [0.3, 0.95]))).toBe(true);
    expect(isBest(measured([0.9, 0.3], [0.3, 0.9]))).toBe(false);
  });

  it("finds one best in any run, and none in as many measurements as have passed without", () => {
    const accuracy = fc.integer({ min: 0, max: 4 }).map((count) => count / 4);
    fc.assert(
      fc.property(fc.array(fc.tuple(accuracy, accuracy), { minLength: 1, maxLength: 12 }), (pairs) => {
        const all = measured(...pairs);
        const bests = all.filter((_, i) => isBest(all.slice(0, i + 1)));
        const worth = ({ operands, templates }: (typeof all)[number]) => Math.min(operands, templates);
        expect(worth(bests[bests.length - 1])).toBe(Math.max(...all.map(worth)));
        const since = measurementsSinceBetter(all);
        expect(bests.every(({ step }) => step <= all.length - since)).toBe(true);
      }),
    );
  });
});
