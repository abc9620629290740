import { anfToGraph } from "../direct/anf-to-graph.js";
import { countNodes } from "../direct/graph.js";
import { prune } from "../direct/prune.js";
import { gradientGraph } from "../direct/reverse-mode.js";
import { compileSingle } from "../direct/slots.js";
import { WasmExecutor } from "../direct/wasm-executor.js";
import { aNormalForm, defaultBudget, readProgram } from "../scheme/index.js";
import { loopPrograms, spread } from "./loops.js";
import { microseconds } from "./timing.js";

export async function main(args: readonly string[]): Promise<void> {
  const n = 256;
  for (const dtype of ["float32", "float64"] as const)
    for (const { name, source, inputs } of loopPrograms) {
      if (args[0] && !name.includes(args[0])) continue;
      const graph = prune(anfToGraph(aNormalForm(readProgram(source)), { dtype, domain: "ieee" }));
      const A = dtype === "float32" ? Float32Array : Float64Array;
      const cols = graph.inputs.map((name, i) => new A(spread(inputs[name], n, i)));
      const row = cols.map((c) => c[0]);
      const t: Record<string, unknown> = { name, dtype };
      const outs: unknown[] = [];
      for (const [mode, g] of [
        ["value", graph],
        ["forward", gradientGraph(graph, graph.inputs, 0, "forward")],
        ["backward", gradientGraph(graph, graph.inputs, 0, "backward")],
      ] as const) {
        const ex = new WasmExecutor(g, defaultBudget);
        const out = g.main.results.map(() => new A(n));
        const run = () => {
          if (
            !ex.run(
              n,
              graph.inputs.map(() => 1),
              ...cols,
              ...out,
            )
          )
            throw new Error("no");
        };
        t[mode] = Math.round(microseconds(run, 0.6, 9));
        outs.push(out.map((c) => c[0]));
        const single = compileSingle(g, defaultBudget);
        t[`${mode}_single`] = microseconds(() => single(...row), 0.2, 5).toFixed(1);
        t[`${mode}_nodes`] = countNodes(g.main);
      }
      console.log(JSON.stringify(t));
      if (args[1]) console.log(outs);
    }
}
