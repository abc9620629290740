import { aNormalForm, budgetOf, readProgram } from "../../scheme/index.js";
import { shapedGraph } from "../anf-to-graph.js";
import { BatchRunner } from "../batch-runner.js";
import { newColumns } from "../columns.js";
import { prune } from "../prune.js";
import { leastKernelRows } from "../wasm-executor.js";
import type { AdamSettings, Moments } from "./adam-step.js";

/** The new value, mean and mean square of one parameter; the settings' betas and the corrections of bias come ready for use. */
const source = `
  (let* ((g (* factor gradient))
         (mean (+ first (* rise1 (- g first))))
         (square (+ second (* rise2 (- (* g g) second)))))
    (vec (- value (/ (* rate mean) (+ (sqrt (* unbias square)) epsilon))) mean square))`;

const columns = ["value", "first", "second", "gradient"] as const;
const settings = ["factor", "rise1", "rise2", "rate", "unbias", "epsilon"] as const;

/** Made when first needed, for all arrays. */
let runner: BatchRunner | undefined;
let inputs: readonly string[] = [];

function theRunner(): BatchRunner {
  if (runner === undefined) {
    const anf = aNormalForm(readProgram(source));
    const { graph } = shapedGraph(
      anf,
      { dtype: "float32", domain: "ieee" },
      anf.inputs.map(() => []),
    );
    inputs = graph.inputs;
    runner = new BatchRunner(prune(graph), budgetOf({}));
  }
  return runner;
}

/**
 * Many parameters with Adam's moments and their gradient, in arrays that lie in one memory, and a step on all of them at once:
 * a kernel that the exact path makes of the step's formula. As `adamStep` in float32 arithmetic, to the last bit the same each
 * time.
 */
export class AdamArrays implements Moments<Float32Array> {
  readonly value: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
  /** To be filled before each step. */
  readonly gradient: Float32Array;
  readonly #step: (values: Readonly<Record<(typeof settings)[number], number>>) => void;

  /** @throws SoftmachineError if memory doesn't hold so many. */
  constructor(length: number) {
    // Whole rounds of the kernel, so that no row is computed twice: results take the place of what they are computed from.
    const rows = leastKernelRows * Math.max(1, Math.ceil(length / leastKernelRows));
    const { memory, addresses, arrays } = newColumns(columns.length + 1, rows, "float32", false);
    const [value, first, second, gradient, numbers] = arrays.map((array) => array as Float32Array);
    const part = (array: Float32Array) => array.subarray(0, length);
    this.value = part(value);
    this.first = part(first);
    this.second = part(second);
    this.gradient = part(gradient);
    const addressOf = new Map<string, number>(columns.map((name, i) => [name, addresses[i]]));
    for (const [i, name] of settings.entries())
      addressOf.set(name, addresses[columns.length] + i * Float32Array.BYTES_PER_ELEMENT);
    const isColumn = (name: string) => columns.some((column) => column === name);
    this.#step = (values) => {
      const adam = theRunner();
      for (const [i, name] of settings.entries()) numbers[i] = values[name];
      const places = [...inputs, "value", "first", "second"].map((name) => addressOf.get(name) ?? 0);
      adam.runInMemory(
        memory,
        rows,
        inputs.map((name) => (isColumn(name) ? 1 : 0)),
        places,
      );
    };
  }

  /**
   * One step of Adam, in place; see `adamStep`.
   *
   * @param t steps taken, with this one: it counts from 1.
   * @param scale what the gradient is multiplied by.
   */
  step(rate: number, t: number, { beta1, beta2, epsilon }: AdamSettings, scale = 1): void {
    this.#step({
      factor: scale,
      rise1: 1 - beta1,
      rise2: 1 - beta2,
      rate: rate / (1 - beta1 ** t),
      unbias: 1 / (1 - beta2 ** t),
      epsilon,
    });
  }
}
