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

/** The exact path: microseconds to compile, for one evaluation, and for a prepared batch with and without its gradient. */
export async function main(args: readonly string[]): Promise<void> {
  const batch = Number(args[args.indexOf("--batch") + 1] || 10_000) || 10_000;
  for (const [program, source] of programs) {
    const module = compile(source);
    const one = Object.fromEntries(module.inputs.map((name, i) => [name, 0.6 + 0.1 * i]));
    const prepared = module.prepare(batch);
    for (const column of Object.values(prepared.inputs))
      for (let i = 0; i < batch; i++) column[i] = 0.5 + ((i * 7) % 101) / 101;
    report({
      program,
      batch,
      dtype: module.dtype,
      compile_to_first_value_us: microseconds(() => compile(source).evaluate(one)),
      evaluate_us: microseconds(() => module.evaluate(one)),
      gradient_us: microseconds(() => module.gradient(one)),
      batch_value_us: microseconds(prepared.run),
      batch_gradient_us: microseconds(prepared.runGradient),
    });
  }
}
