import { shapedGraph } from "../direct/anf-to-graph.js";
import { countNodes } from "../direct/graph.js";
import { prune } from "../direct/prune.js";
import { slopesGraph } from "../direct/reverse-mode.js";
import { compileSingle } from "../direct/slots.js";
import { unrollLoops } from "../direct/unroll.js";
import { WasmExecutor } from "../direct/wasm-executor.js";
import { aNormalForm, defaultBudget, readProgram } from "../scheme/index.js";
import { microseconds } from "./timing.js";

export async function main(): Promise<void> {
  const n = 256;
  for (const [units, steps] of [
    [6, 3],
    [6, 10],
    [6, 50],
    [6, 200],
  ]) {
    const source = `(loop ((k 0) (h h)) (if (= k ${steps}) (dot h h) (recur (+ k 1) (+ (* 0.5 h) (* 0.3 (matvec W (+ h b)))))))`;
    const anf = aNormalForm(readProgram(source));
    const shapes = anf.inputs.map((x) => (x === "W" ? [units, units] : [units]));
    const graph = prune(shapedGraph(anf, { dtype: "float32", domain: "ieee" }, shapes).graph);
    const cols = graph.inputs.map((_, i) => Float32Array.from({ length: n }, (_, k) => Math.sin(i + k)));
    const row = cols.map((c) => c[0]);
    const all = [...graph.inputs.keys()];
    const t: Record<string, unknown> = { units, steps };
    for (const mode of ["unrolled", "backward"] as const) {
      const start = performance.now();
      const g = slopesGraph(mode === "unrolled" ? unrollLoops(graph) : graph, all, [0], "cheaper");
      const single = compileSingle(g, defaultBudget);
      single(...row);
      t[`${mode}_compile_ms`] = (performance.now() - start).toFixed(1);
      t[`${mode}_nodes`] = countNodes(g.main);
      const ex = new WasmExecutor(g, defaultBudget);
      const out = g.main.results.map(() => new Float32Array(n));
      if (ex.runs(n))
        t[mode] = Math.round(
          microseconds(
            () =>
              void ex.run(
                n,
                graph.inputs.map(() => 1),
                ...cols,
                ...out,
              ),
            0.4,
            9,
          ),
        );
      t[`${mode}_single`] = microseconds(() => single(...row), 0.2, 5).toFixed(1);
    }
    console.log(JSON.stringify(t));
  }
}
