import { compile } from "../direct/index.js";
import { microseconds, report } from "./timing.js";

/** Programs of 1 to 12 operations, with inputs between 0.5 and 1.5. */
const programs: readonly (readonly [string, string])[] = [
  ["add", "(+ x y)"],
  ["square_plus", "(+ (* x x) y)"],
  ["four_ops", "(/ (- (* (+ a b) c) d) a)"],
  ["quadratic", "(+ (* a (* x x)) (+ (* b x) c))"],
  ["discriminant", "(sqrt (+ (* b b) (* 4 (* a c))))"],
  ["dot4", "(+ (+ (* a b) (* c d)) (+ (* e f) (* g h)))"],
  ["gravity", "(/ (* G (* m1 m2)) (* r r))"],
  ["pendulum", "(* (- 0 (/ g L)) (sin theta))"],
  ["gaussian", "(/ (exp (/ (- 0 (* x x)) (* 2 (* s s)))) (* s 2.5066282746310002))"],
  ["barometric", "(* P0 (exp (/ (- 0 (* m (* g h))) (* k T))))"],
  ["transcendental", "(/ (+ (exp (* (sin a) b)) (sqrt c)) (+ a 1))"],
];

/** A balanced tree of 1,000 leaves, with + and half the product in turn, and a chain of 250 steps. */
function generated(): readonly (readonly [string, string])[] {
  const tree = (first: number, count: number, depth: number): string => {
    if (count === 1) return `(+ x${first % 8} ${first / 1000})`;
    const half = Math.ceil(count / 2);
    const [a, b] = [tree(first, half, depth + 1), tree(first + half, count - half, depth + 1)];
    return depth % 2 === 0 ? `(+ ${a} ${b})` : `(* 0.5 (* ${a} ${b}))`;
  };
  let chain = "x";
  for (let level = 0; level < 250; level++) chain = `(+ (* 0.999 ${chain}) y)`;
  return [
    ["tree", tree(0, 1000, 0)],
    ["chain", chain],
  ];
}

const columnOf = (dtype: "float64" | "float32", rows: number) => {
  const column = dtype === "float32" ? new Float32Array(rows) : new Float64Array(rows);
  for (let i = 0; i < rows; i++) column[i] = 0.5 + ((i * 7) % 101) / 101;
  return column;
};

/**
 * The exact path, in microseconds: to compile, for one evaluation, and for batches, with and without their gradient, both
 * the plain call, which copies, and the prepared one. `--batch` times one size of batch alone, `--only` one program.
 */
export async function main(args: readonly string[]): Promise<void> {
  const option = (name: string) => (args.includes(name) ? args[args.indexOf(name) + 1] : undefined);
  const batches = option("--batch") ? [Number(option("--batch"))] : [1, 100, 10_000, 1_000_000];
  const only = option("--only");
  for (const [program, source] of [...programs, ...generated()]) {
    if (only && program !== only) continue;
    for (const dtype of ["float32", "float64"] as const) {
      const module = compile(source, { dtype });
      const one = Object.fromEntries(module.inputs.map((name, i) => [name, 0.6 + 0.1 * i]));
      report({
        program,
        dtype,
        compile_to_first_value_us: microseconds(() => compile(source, { dtype }).evaluate(one)),
        evaluate_us: microseconds(() => module.evaluate(one)),
        gradient_us: microseconds(() => module.gradient(one)),
      });
      for (const batch of batches) {
        const prepared = module.prepare(batch);
        for (const column of Object.values(prepared.inputs)) column.set(columnOf(dtype, batch));
        const inputs = Object.fromEntries(module.inputs.map((name) => [name, columnOf(dtype, batch)]));
        const fresh = compile(source, { dtype }).prepare(batch);
        const start = performance.now();
        fresh.run();
        const first = (performance.now() - start) * 1000;
        report({
          program,
          dtype,
          batch,
          first_run_us: first,
          prepared_value_us: microseconds(prepared.run, 0.2),
          prepared_gradient_us: microseconds(prepared.runGradient, 0.2),
          batch_value_us: microseconds(() => module.batch(inputs), 0.2),
          batch_gradient_us: microseconds(() => module.batchGradient(inputs), 0.2),
        });
      }
    }
  }
}
