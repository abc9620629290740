import { expect, test } from "vitest";
import { aNormalForm, defaultBudget, readProgram } from "../scheme/index.js";
import { anfToGraph } from "./anf-to-graph.js";
import { prune } from "./prune.js";
import { gradientGraph } from "./reverse-mode.js";
import { compileBatch } from "./slots.js";
import { WasmExecutor } from "./wasm-executor.js";

const cases: string[] = [
  "(loop ((i 0) (s x)) (if (< i (* 3 y)) (recur (+ i 1) (* s (+ y s))) (* 2 s)))",
  "(loop ((i 0) (s x) (t y)) (if (< i (* 20 x)) (recur (+ i 1) (+ (* 0.9 s) (* t 0.1)) (/ 1 (+ 1 (* s t)))) (* 2 s)))",
  "(if (< x 1) (* y x) (loop ((i 0) (s x)) (if (< i (* 5 y)) (recur (+ i 1) (loop ((j 0) (u s)) (if (< j (* x i)) (recur (+ j 1) (* 0.9 (+ u (* y (* 0.1 u))))) u))) s)))",
  "(let outer ((i 0) (s x)) (if (< i (* 3 x)) (let inner ((j 0) (u s)) (if (< j 2) (inner (+ j 1) (* u y)) (outer (+ i 1) (+ u s)))) (sqrt s)))",
  "(loop ((i 0) (s x)) (if (< i (* 9000 y)) (recur (+ i 1) (+ s (* 0.001 (- y (* s s))))) s))",
];
for (const dtype of ["float64", "float32"] as const)
test.each(cases)("%s", (source) => {
  const graph = prune(anfToGraph(aNormalForm(readProgram(source)), { dtype, domain: "ieee" }));
  const b = gradientGraph(graph, graph.inputs, 0, "backward");
  const f = gradientGraph(graph, graph.inputs, 0, "forward");
  const A = dtype === "float32" ? Float32Array : Float64Array;
  const n = 9;
  const x = A.from({ length: n }, (_, i) => 0.3 + i * 0.2), y = A.from({ length: n }, (_, i) => 2.3 - i * 0.2);
  const make = () => [new A(n), new A(n), new A(n)];
  const [o1, o2, o3] = [make(), make(), make()];
  compileBatch(b, defaultBudget)(n, [1, 1], x, y, ...o1);
  compileBatch(f, defaultBudget)(n, [1, 1], x, y, ...o3);
  expect(new WasmExecutor(b, defaultBudget).run(n, [1, 1], x, y, ...o2)).toBe(true);
  expect(o2).toEqual(o1);
  for (const [k, c] of o3.entries()) for (const [i, v] of c.entries()) expect(Math.abs(o1[k][i] - v)).toBeLessThan((dtype === "float32" ? 1e-3 : 1e-9) * Math.max(1, Math.abs(v)));
});
