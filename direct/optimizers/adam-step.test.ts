import fc from "fast-check";
import { expect, test } from "vitest";
import { adamStep, withMoments } from "./adam-step.js";

const settings = { beta1: 0.8, beta2: 0.98, epsilon: 1e-8 };
const gradients = fc.array(fc.double({ min: -5, max: 5, noNaN: true }), { minLength: 1, maxLength: 8 });
const rates = fc.double({ min: 1e-4, max: 0.1, noNaN: true });

test("follows the paper's algorithm 1", () => {
  fc.assert(
    fc.property(gradients, rates, (given, rate) => {
      const parameter = withMoments(Float64Array.of(1, 7));
      let [value, m, v] = [1, 0, 0];
      given.forEach((g, i) => {
        adamStep(parameter, Float64Array.of(2 * g, 0), rate, i + 1, settings, 0.5);
        m = settings.beta1 * m + (1 - settings.beta1) * g;
        v = settings.beta2 * v + (1 - settings.beta2) * g * g;
        const hatM = m / (1 - settings.beta1 ** (i + 1));
        const hatV = v / (1 - settings.beta2 ** (i + 1));
        value -= (rate * hatM) / (Math.sqrt(hatV) + settings.epsilon);
      });
      expect(parameter.first[0]).toBeCloseTo(m, 12);
      expect(parameter.second[0]).toBeCloseTo(v, 12);
      // A gradient near epsilon moves a parameter by a quotient of roundings.
      if (given.every((g) => Math.abs(g) > 1e-3)) expect(parameter.value[0]).toBeCloseTo(value, 12);
      expect(Array.from([parameter.value[1], parameter.first[1], parameter.second[1]])).toEqual([7, 0, 0]);
    }),
  );
});

test("keeps parameters of 32 bits in 32 bits", () => {
  const parameter = withMoments(Float32Array.of(0.5));
  adamStep(parameter, Float32Array.of(3), 0.1, 1);
  expect(parameter.value[0]).toBe(Math.fround(Math.fround(0.5) - 0.1 * (3 / (3 + 1e-8))));
  expect([parameter.first, parameter.second].every((moment) => moment instanceof Float32Array)).toBe(true);
});
