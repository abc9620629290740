import { expect, test } from "vitest";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { anfToGraph } from "./anf-to-graph.js";
import { compiledKernel } from "./kernel-cache.js";

const graphOf = (source: string, dtype: "float32" | "float64" = "float64") =>
  anfToGraph(aNormalForm(readProgram(source)), { dtype, domain: "ieee" });
const options = { broadcast: [false], iterations: 1000, frames: 100 };

test("equal programs share a kernel, wherever they stand in their text", () => {
  const kernel = compiledKernel(graphOf("(+ x (* 2 (sin x)))"), options);
  expect(compiledKernel(graphOf("; the same\n(+ x\n   (* 2 (sin x)))"), options)).toBe(kernel);
});

test("programs and options that differ in anything don't", () => {
  const loop = (step: string) => `(loop ((i 0)) (if (< i x) (recur (+ i ${step})) i))`;
  const made = [
    compiledKernel(graphOf("(+ x 0)"), options),
    compiledKernel(graphOf("(+ x -0.0)"), options),
    compiledKernel(graphOf("(+ x 0)", "float32"), options),
    ...["+inf.0", "-inf.0", "+nan.0", "1e300"].map((number) => compiledKernel(graphOf(`(+ x ${number})`), options)),
    compiledKernel(graphOf(loop("1")), options),
    compiledKernel(graphOf(loop("2")), options),
    compiledKernel(graphOf(loop("1")), { ...options, iterations: 1001 }),
    compiledKernel(graphOf("(+ x 0)"), { ...options, broadcast: [true] }),
    compiledKernel(graphOf("(+ x 0)"), { ...options, shared: true }),
  ];
  expect(new Set(made).size).toBe(made.length);
});

test("the kernels kept are bounded: those not used for long are made again", () => {
  const first = compiledKernel(graphOf("(* x 12345)"), options);
  for (let i = 0; i < 300; i++) compiledKernel(graphOf(`(* x ${i})`), options);
  expect(compiledKernel(graphOf("(* x 12345)"), options)).not.toBe(first);
  expect(compiledKernel(graphOf("(* x 299)"), options)).toBe(compiledKernel(graphOf("(* x 299)"), options));
});
