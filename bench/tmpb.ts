import { anfToGraph } from "../direct/anf-to-graph.js";
import { prune } from "../direct/prune.js";
import { gradientGraph } from "../direct/reverse-mode.js";
import { compileSingle } from "../direct/slots.js";
import { WasmExecutor } from "../direct/wasm-executor.js";
import { aNormalForm, defaultBudget, readProgram } from "../scheme/index.js";
import { loopPrograms, spread } from "./loops.js";
import { microseconds } from "./timing.js";

export async function main(): Promise<void> {
  const n = 256;
  const dtype = "float32";
  for (const { name, source, inputs } of loopPrograms) {
    const graph = prune(anfToGraph(aNormalForm(readProgram(source)), { dtype, domain: "ieee" }));
    const A = Float32Array;
    const cols = graph.inputs.map((name, i) => new A(spread(inputs[name], n, i)));
    const row = cols.map((c) => c[0]);
    for (let k = 1; k <= Math.min(5, graph.inputs.length); k++) {
      const wanted = graph.inputs.slice(-k);
      const t: Record<string, unknown> = { name, wanted: wanted.join() };
      for (const [mode, g] of [
        ["forward", gradientGraph(graph, wanted, 0, "forward")],
        ["backward", gradientGraph(graph, wanted, 0, "backward")],
      ] as const) {
        const ex = new WasmExecutor(g, defaultBudget);
        const out = g.main.results.map(() => new A(n));
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
        const single = compileSingle(g, defaultBudget);
        t[`${mode}_single`] = microseconds(() => single(...row), 0.2, 5).toFixed(1);
      }
      console.log(JSON.stringify(t));
    }
  }
}
