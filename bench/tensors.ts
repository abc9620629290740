import type { Tensor } from "@tensorflow/tfjs";
import { compile } from "../direct/index.js";
import { type BackendName, isBackendName, type TensorFlowModule, useBackend } from "../tensor/index.js";
import { microseconds, report } from "./timing.js";

type Operations = (tf: TensorFlowModule, ...inputs: Tensor[]) => Tensor;

/** Programs, and the same in TensorFlow.js's own operations of the inputs in the program's order. */
const programs: readonly (readonly [name: string, source: string, operations: Operations])[] = [
  ["add", "(+ x y)", (_, x, y) => x.add(y)],
  ["discriminant", "(sqrt (+ (* b b) (* 4 (* a c))))", (_, b, a, c) => b.mul(b).add(a.mul(c).mul(4)).sqrt()],
  ["gravity", "(/ (* G (* m1 m2)) (* r r))", (_, G, m1, m2, r) => G.mul(m1.mul(m2)).div(r.mul(r))],
  ["pendulum", "(* (- 0 (/ g L)) (sin theta))", (tf, g, L, theta) => tf.scalar(0).sub(g.div(L)).mul(theta.sin())],
  [
    "transcendental",
    "(/ (+ (exp (* (sin a) b)) (sqrt c)) (+ a 1))",
    (_, a, b, c) => a.sin().mul(b).exp().add(c.sqrt()).div(a.add(1)),
  ],
];

/**
 * `apply` beside the same in TensorFlow.js's own operations, in microseconds a call: the value, and the value with its slope
 * in each input. `--batch` sets the rows (10,000), `--backend` the backend (wasm).
 */
export async function main(args: readonly string[]): Promise<void> {
  const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const name = option("--backend") ?? "wasm";
  const backend: BackendName = isBackendName(name) ? name : "wasm";
  const rows = Number(option("--batch") ?? 10_000);
  const tf = await useBackend(backend);
  for (const [program, source, operations] of programs) {
    const module = compile(source, { dtype: "float32" });
    const inputs = module.inputs.map((_, i) => tf.linspace(0.5 + 0.1 * i, 1.5 + 0.1 * i, rows));
    const ours = (...tensors: Tensor[]) =>
      module.apply(Object.fromEntries(module.inputs.map((input, i) => [input, tensors[i]])));
    const theirs = (...tensors: Tensor[]) => operations(tf, ...tensors);
    /** Each of two, the best of turns taken one after the other, so that what else the machine does falls on both. */
    const times = (...runs: readonly (() => unknown)[]) => {
      const best = runs.map(() => Number.POSITIVE_INFINITY);
      for (let turn = 0; turn < 6; turn++)
        for (const [i, run] of runs.entries()) {
          const scoped = () => {
            tf.engine().startScope();
            run();
            tf.engine().endScope();
          };
          best[i] = Math.min(best[i], microseconds(scoped, 0.1, 3));
        }
      return best;
    };
    const slopes = (f: (...tensors: Tensor[]) => Tensor) => {
      const both = tf.valueAndGrads(f);
      return () => both(inputs, tf.onesLike(inputs[0]));
    };
    const difference = tf.tidy(
      () =>
        ours(...inputs)
          .sub(theirs(...inputs))
          .abs()
          .max()
          .dataSync()[0],
    );
    const [applied, composed] = times(
      () => ours(...inputs),
      () => theirs(...inputs),
    );
    const [appliedSlopes, composedSlopes] = times(slopes(ours), slopes(theirs));
    report({
      program,
      backend,
      rows,
      apply_us: applied,
      tfjs_us: composed,
      times_faster: composed / applied,
      apply_gradient_us: appliedSlopes,
      tfjs_gradient_us: composedSlopes,
      gradient_times_faster: composedSlopes / appliedSlopes,
      greatest_difference: difference,
    });
    tf.dispose(inputs);
  }
}
