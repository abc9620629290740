import fc from "fast-check";
import { beforeAll, expect, test, vi } from "vitest";
import { SoftmachineError, specOf } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { type TensorFlowModule, useBackend } from "../tensor/index.js";
import { type GraphOp, meaningOf } from "./graph-ops.js";
import { compile } from "./index.js";
import { tensorOps } from "./tensor-ops.js";

let tf: TensorFlowModule;
beforeAll(async () => {
  tf = await useBackend("cpu");
});

const { NaN: nan, POSITIVE_INFINITY: infinity } = Number;
const special = [0, -0, 0.25, -0.5, 0.5, 1, -1, 1.5, 2.5, -2.5, 3, -7, 1e10, -1e10, 1e-30, infinity, -infinity, nan];

/** Numbers to float32's precision; NaN is NaN, and zeros are one. */
function expectClose(found: number, expected: number, what: string): void {
  if (Object.is(found, expected) || found === expected) return;
  expect(Math.abs(found - expected), `${what}: ${found} for ${expected}`).toBeLessThan(1e-6 * Math.abs(expected));
}

const withForm = (Object.keys(tensorOps) as GraphOp[]).filter((op) => tensorOps[op]);

test.each(withForm)("%s means on tensors what it means, at special numbers too", (name) => {
  const op = tensorOps[name];
  const meaning = meaningOf(name);
  const unary = name !== "chain*" && name !== "ref" && specOf(name).arity[0] === 1 && meaning.length === 1;
  const pairs = unary ? special.map((a) => [a]) : special.flatMap((a) => special.map((b) => [a, b]));
  tf.tidy(() => {
    const columns = pairs[0].map((_, i) => tf.tensor1d(pairs.map((pair) => pair[i])));
    const found = op?.(tf, ...columns).dataSync() ?? [];
    for (const [row, pair] of pairs.entries())
      expectClose(found[row], Math.fround(meaning(...pair.map(Math.fround))), `(${name} ${pair.join(" ")})`);
  });
});

test("a quotient just below a whole number is not rounded up to it first", () => {
  const [a, b] = [Math.fround(16777213), Math.fround(16777213 / 3 + 0.17)];
  const cases = Array.from({ length: 2000 }, (_, i) => [Math.fround(a - i), Math.fround(b + (i % 7) / 4)]);
  tf.tidy(() => {
    const found = tensorOps.quotient?.(tf, tf.tensor1d(cases.map(([x]) => x)), tf.tensor1d(cases.map(([, y]) => y)));
    expect([...(found?.dataSync() ?? [])]).toEqual(cases.map(([x, y]) => Math.trunc(x / y)));
  });
  const close = tensorOps.quotient?.(tf, tf.tensor1d([16777215]), tf.tensor1d([Math.fround(5592405.5)]));
  expect(close?.dataSync()[0]).toBe(Math.trunc(16777215 / Math.fround(5592405.5)));
});

test("random programs: as tensor operations they give the float32 slots' values and slopes", () => {
  const names = ["x", "y", "z"];
  const number = fc.integer({ min: -40, max: 40 }).map((k) => Math.fround(k / 10));
  const cases = fc.record({
    source: randomProgram({ inputs: names }),
    rows: fc.array(fc.tuple(...names.map(() => number)), { minLength: 1, maxLength: 4 }),
  });
  const counts = { onTensors: 0, copied: 0, slopes: 0 };
  const read = vi.spyOn(tf.Tensor.prototype, "dataSync");
  fc.assert(
    fc.property(cases, ({ source, rows }) => {
      const module = compile(source, { dtype: "float32", iterations: 20_000, frames: 2000 });
      if (module.inputs.length === 0) return;
      const columns = module.inputs.map((name) => rows.map((row) => row[names.indexOf(name)]));
      const record = (values: readonly number[]) =>
        Object.fromEntries(module.inputs.map((name, i) => [name, values[i]]));
      let expected: { value: number; gradient: Record<string, number> }[];
      try {
        expected = rows.map((_, i) => {
          const row = record(columns.map((column) => column[i]));
          return { value: module.evaluate(row), gradient: module.gradient(row).gradient };
        });
      } catch (error) {
        if (error instanceof SoftmachineError) return;
        throw error;
      }
      tf.tidy(() => {
        read.mockClear();
        const inputs = columns.map((column) => tf.tensor1d(column));
        const apply = (...tensors: typeof inputs) =>
          module.apply(Object.fromEntries(module.inputs.map((name, i) => [name, tensors[i]])));
        const value = apply(...inputs);
        counts[read.mock.calls.length === 0 ? "onTensors" : "copied"]++;
        const slopes = tf.grads((...tensors) => apply(...(tensors as typeof inputs)).sum())(inputs);
        const found = value.dataSync();
        for (const [i, row] of expected.entries()) expectClose(found[i], row.value, `value in row ${i}`);
        for (const [k, name] of module.inputs.entries())
          for (const [i, slope] of slopes[k].dataSync().entries()) {
            const { [name]: exact } = expected[i].gradient;
            // Sums and products of infinite slopes, and what cancels, depend on their order.
            if (!Number.isFinite(exact) || Math.abs(exact) > 1e6) continue;
            counts.slopes++;
            expect(Math.abs(slope - exact), `d/d${name}: ${slope} for ${exact}`).toBeLessThan(
              1e-3 * (1 + Math.abs(exact)),
            );
          }
      });
    }),
    { numRuns: 300 },
  );
  read.mockRestore();
  expect(counts.onTensors).toBeGreaterThan(50);
  expect(counts.copied).toBeGreaterThan(20);
  expect(counts.slopes).toBeGreaterThan(300);
});
