import fc from "fast-check";
import { expect, test } from "vitest";
import { AdamArrays } from "./adam-arrays.js";
import { adamStep, withMoments } from "./adam-step.js";

const settings = { beta1: 0.9, beta2: 0.98, epsilon: 1e-8 };

/** Numbers of either sign and several magnitudes, in no order. */
const numbers = (length: number, phase: number) =>
  Float32Array.from({ length }, (_, i) => Math.sin(1.7 * i + phase) * 10 ** ((i % 5) - 3));

test("takes the steps that adamStep takes, up to rounding, whatever the length", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 400 }), fc.double({ min: 0.1, max: 2, noNaN: true }), (length, scale) => {
      const arrays = new AdamArrays(length);
      const expected = withMoments(numbers(length, 0));
      arrays.value.set(expected.value);
      for (let t = 1; t <= 4; t++) {
        const gradient = numbers(length, t);
        arrays.gradient.set(gradient);
        arrays.step(0.01, t, settings, scale);
        adamStep(expected, gradient, 0.01, t, settings, scale);
      }
      expect(arrays.value.length).toBe(length);
      for (const name of ["value", "first", "second"] as const)
        for (let i = 0; i < length; i++) {
          // Of the magnitude of the numbers that went in, which may cancel.
          const magnitude = 10 ** ((i % 5) - 3);
          const tolerance = 2e-6 * { value: magnitude + 0.1, first: magnitude, second: magnitude ** 2 }[name];
          expect(Math.abs(arrays[name][i] - expected[name][i]), `${name}[${i}]`).toBeLessThanOrEqual(tolerance);
        }
    }),
    { numRuns: 40 },
  );
});

test("gives the same numbers wherever it starts again from", () => {
  const [whole, parts] = [new AdamArrays(100), new AdamArrays(100)];
  const run = (arrays: AdamArrays, from: number, to: number) => {
    for (let t = from; t <= to; t++) {
      arrays.gradient.set(numbers(100, t));
      arrays.step(0.1, t, settings);
    }
    return arrays;
  };
  run(whole, 1, 6);
  run(parts, 1, 3);
  const resumed = new AdamArrays(100);
  for (const name of ["value", "first", "second"] as const) resumed[name].set(parts[name]);
  run(resumed, 4, 6);
  for (const name of ["value", "first", "second"] as const) expect(resumed[name]).toEqual(whole[name]);
});

test("leaves alone what never had a gradient", () => {
  const arrays = new AdamArrays(3);
  arrays.value.set([1, -2, 0]);
  arrays.step(0.1, 1, settings);
  expect([...arrays.value, ...arrays.first, ...arrays.second]).toEqual([1, -2, 0, 0, 0, 0, 0, 0, 0]);
});
