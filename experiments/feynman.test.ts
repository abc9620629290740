import { describe, expect, test } from "vitest";
import { feynmanLaws, recoverLaw } from "./feynman.js";

describe("the constants of 15 laws, from 2 % noise", () => {
  test("are 15", () => expect(feynmanLaws).toHaveLength(15));

  test.each(feynmanLaws)("$name", (law) => {
    for (const method of ["levenberg-marquardt", "l-bfgs"] as const) {
      const { fit, error } = recoverLaw(law, { rows: 200, starts: 12, method });
      expect(error, method).toBeLessThan(0.01);
      expect(fit.converged).toBe(true);
      expect(fit.warnings).toEqual([]);
      // The noise is 2 % of the target's spread: 0.04 % of its variance.
      expect(fit.rSquared).toBeCloseTo(0.9996, 3);
      for (const [name, value] of Object.entries(law.truth)) {
        expect(Math.abs(fit.params[name] - value) / fit.errors[name], `${name} in standard errors`).toBeLessThan(4);
      }
    }
  });

  test("one seed gives one result", () => {
    const oscillator = feynmanLaws[13];
    expect(recoverLaw(oscillator, { rows: 50, starts: 3 })).toEqual(recoverLaw(oscillator, { rows: 50, starts: 3 }));
  });
});
