import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateReference, readProgram, SoftmachineError, type Value } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { compile } from "./index.js";
import { trace } from "./testing.js";

const names = ["x", "y", "z"];
const budget = { iterations: 20_000, frames: 2000 };

/** A value, or the message of the error that took its place. */
function outcome(run: () => Value): Value | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof SoftmachineError) return error.message;
    throw error;
  }
}

const rowsOf = (numbers: fc.Arbitrary<number>) =>
  fc.array(fc.tuple(...names.map(() => numbers)), { minLength: 1, maxLength: 4 });

const cases = fc.record({
  source: randomProgram({ inputs: names }),
  rows: fc.array(fc.tuple(...names.map(() => fc.double({ min: -4, max: 4, noNaN: true }))), {
    minLength: 1,
    maxLength: 4,
  }),
});

test("random programs: slots give the reference's value, single and in a batch, in either domain", () => {
  fc.assert(
    fc.property(cases, ({ source, rows }) => {
      const program = readProgram(source);
      const at = (row: readonly number[]) =>
        Object.fromEntries(program.inputs.map((name) => [name, row[names.indexOf(name)]]));
      for (const domain of ["ieee", "strict"] as const) {
        const module = compile(source, { domain, ...budget });
        const expected = rows.map((row) => outcome(() => evaluateReference(program, at(row), { domain, ...budget })));
        for (const [i, row] of rows.entries()) {
          const found = outcome(() => module.evaluate(at(row)));
          // An operation that strict mode refuses may be reached in another order than the reference's.
          if (typeof expected[i] === "string") expect(typeof found).toBe("string");
          else expect(found).toBe(expected[i]);
        }
        if (domain === "strict" || program.inputs.length === 0 || expected.some((value) => typeof value === "string"))
          continue;
        const columns = Object.fromEntries(
          program.inputs.map((name) => [name, Float64Array.from(rows, (row) => at(row)[name])]),
        );
        expect([...module.batch(columns)]).toEqual(expected);
      }
    }),
    { numRuns: 300 },
  );
});

test("random programs: slopes are those of central differences where the program is smooth", () => {
  let compared = 0;
  const plain = fc.record({
    source: randomProgram({ inputs: names }),
    // Numbers that are seldom where a kink is.
    rows: rowsOf(fc.integer({ min: -400, max: 400 }).map((k) => k / 100 + 0.001_37)),
  });
  fc.assert(
    fc.property(plain, ({ source, rows }) => {
      const module = compile(source, budget);
      const row = Object.fromEntries(module.inputs.map((name) => [name, rows[0][names.indexOf(name)]]));
      let found: ReturnType<typeof module.gradient<number>>;
      try {
        found = module.gradient(row);
      } catch (error) {
        if (error instanceof SoftmachineError) return;
        throw error;
      }
      for (const name of module.inputs) {
        const along = (x: number) => outcome(() => module.evaluate({ ...row, [name]: x }));
        const h = 1e-5;
        const [low, middle, high, higher] = [-h, 0, h, 2 * h].map((d) => Number(along(row[name] + d)));
        const fine = (high - low) / (2 * h);
        // One-sided slopes that agree say that no kink or jump is near and that the difference is accurate.
        const sides = [(middle - low) / h, (high - middle) / h, (higher - high) / h];
        const scale = Math.max(1, Math.abs(fine), Math.abs(found.value));
        if (scale > 1e4 || !sides.every((side) => Math.abs(side - fine) < 1e-3 * scale)) continue;
        // A slope of 0 times an infinite one, as of the square root at 0, is NaN here as everywhere in IEEE arithmetic.
        if (!Number.isFinite(found.gradient[name])) continue;
        compared++;
        expect(Math.abs(found.gradient[name] - fine), `d/d${name}`).toBeLessThan(3e-3 * scale);
      }
    }),
    // Differences can't be trusted everywhere, so these programs are the same in each run.
    { numRuns: 400, seed: 1993 },
  );
  expect(compared).toBeGreaterThan(100);
});

test("random programs: slopes to second order are those of the operations that a run performs", () => {
  // Where numbers are whole, branches meet infinite slopes and ties.
  const number = fc.oneof(
    fc.integer({ min: -2, max: 2 }),
    fc.integer({ min: -30, max: 30 }).map((k) => k / 10),
  );
  let compared = 0;
  fc.assert(
    fc.property(fc.record({ source: randomProgram({ inputs: names }), rows: rowsOf(number) }), ({ source, rows }) => {
      const program = readProgram(source);
      const inputs = Object.fromEntries(program.inputs.map((name) => [name, rows[0][names.indexOf(name)]]));
      const module = compile(source, { inputs: Object.fromEntries(names.map((name) => [name, []])) });
      const straight = compile(trace(program, inputs), { inputs: Object.fromEntries(names.map((name) => [name, []])) });
      const at = Object.fromEntries(names.map((name, i) => [name, rows[0][i]]));
      expect(module.evaluate(at)).toBe(straight.evaluate(at));
      const orders = [[module, straight], ...names.map((name) => [module.partial(name), straight.partial(name)])];
      for (const [found, expected] of orders) {
        const slopes = expected.gradient(at).gradient;
        for (const [name, slope] of Object.entries(found.gradient(at).gradient)) {
          // Infinity less infinity is NaN or not by the order of sums.
          if (Number.isNaN(slopes[name])) continue;
          compared++;
          if (Number.isFinite(slopes[name]))
            expect(Math.abs(slope - slopes[name])).toBeLessThanOrEqual(1e-6 * Math.abs(slopes[name]) + 1e-9);
          else expect(slope).not.toSatisfy(Number.isFinite);
        }
      }
    }),
    // Sums of infinite slopes depend on their order, so these programs are the same in each run.
    { numRuns: 300, seed: 2008 },
  );
  expect(compared).toBeGreaterThan(1000);
});
