import { expect, test } from "vitest";
import { aNormalForm, defaultBudget, readProgram } from "../scheme/index.js";
import { anfToGraph } from "./anf-to-graph.js";
import { prune } from "./prune.js";
import { gradientGraph } from "./reverse-mode.js";
import { compileSingle, printSlots } from "./slots.js";
import { JavascriptWriter } from "./graph-to-javascript.js";

const cases: [string, number[]][] = [
  ["(loop ((i 0) (s x)) (if (< i 5) (recur (+ i 1) (* s (sin (* y s)))) (* 2 s)))", [1.1, 0.7]],
  ["(loop ((i 0) (s x) (t y)) (if (< i 40) (recur (+ i 1) (+ (* 0.9 s) (* t 0.1)) (exp (- 0 (* s t)))) (* 2 s)))", [1.1, 0.7]],
  ["(loop ((i 0) (s x)) (if (< i 5) (recur (+ i 1) (loop ((j 0) (u s)) (if (< j i) (recur (+ j 1) (* u (+ y (* 0.1 (cos u))))) u))) s))", [1.1, 0.7]],
  ["(let outer ((i 0) (s x)) (if (< i 3) (let inner ((j 0) (u s)) (if (< j 2) (inner (+ j 1) (* u y)) (outer (+ i 1) (+ u s)))) (sqrt s)))", [1.1, 0.7]],
  ["(loop ((i 0) (s x)) (if (< i 20000) (recur (+ i 1) (+ s (* 0.001 (- y (sin s))))) s))", [1.1, 0.7]],
];
test.each(cases)("%s", (source, at) => {
  const graph = prune(anfToGraph(aNormalForm(readProgram(source)), { dtype: "float64", domain: "ieee" }));
  const f = compileSingle(gradientGraph(graph, graph.inputs, 0, "forward"), defaultBudget);
  const b = gradientGraph(graph, graph.inputs, 0, "backward");
  if (process.env.SHOW) { console.log(printSlots(b)); console.log(new JavascriptWriter(b).single()); }
  const r = compileSingle(b, defaultBudget);
  const x = f(...at) as number[], y = r(...at) as number[];
  console.log(x, y);
  for (const [i, v] of x.entries()) expect(y[i]).toBeCloseTo(v, 8);
});
