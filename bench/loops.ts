import { compile } from "../direct/index.js";
import { microseconds, report } from "./timing.js";

/** A program that iterates, and the ranges that its inputs are drawn from. */
export interface LoopProgram {
  readonly name: string;
  readonly source: string;
  readonly inputs: Readonly<Record<string, readonly [low: number, high: number]>>;
}

/**
 * The negative log likelihood of 80 observations of a position, sin(k/10), under a Kalman filter whose state is position
 * and velocity, of process noise q and measurement noise r, from the state (x, v) with variance p.
 */
const kalman: LoopProgram = {
  name: "kalman",
  source: `
    (loop ((k 0) (x x) (v v) (a p) (b 0) (c p) (loss 0))
      (if (= k 80) loss
        (let* ((x1 (+ x (* 0.1 v)))
               (b1 (+ b (* 0.1 c)))
               (a1 (+ (+ a (* 0.1 (+ b b1))) (* q 0.00033)))
               (b2 (+ b1 (* q 0.005)))
               (c1 (+ c (* q 0.1)))
               (s (+ a1 r))
               (y (- (sin (/ k 10)) x1))
               (g (/ a1 s))
               (h (/ b2 s)))
          (recur (+ k 1) (+ x1 (* g y)) (+ v (* h y))
                 (* (- 1 g) a1) (* (- 1 g) b2) (- c1 (* h b2))
                 (+ loss (* 0.5 (+ (log s) (/ (* y y) s))))))))`,
  inputs: { x: [-0.2, 0.2], v: [0.8, 1.2], p: [0.5, 1.5], q: [0.05, 0.2], r: [0.1, 0.5] },
};

/** The angle of a pendulum after 1,000 classical Runge-Kutta steps of 0.01 seconds, from angle theta and speed omega. */
const pendulum: LoopProgram = {
  name: "pendulum",
  source: `
    (define (pull theta) (- 0 (* (/ g L) (sin theta))))
    (loop ((k 0) (t theta) (w omega))
      (if (= k 1000) t
        (let* ((w1 w) (a1 (pull t))
               (w2 (+ w (* 0.005 a1))) (a2 (pull (+ t (* 0.005 w1))))
               (w3 (+ w (* 0.005 a2))) (a3 (pull (+ t (* 0.005 w2))))
               (w4 (+ w (* 0.01 a3))) (a4 (pull (+ t (* 0.01 w3)))))
          (recur (+ k 1)
                 (+ t (* (/ 0.01 6) (+ (+ w1 (* 2 (+ w2 w3))) w4)))
                 (+ w (* (/ 0.01 6) (+ (+ a1 (* 2 (+ a2 a3))) a4)))))))`,
  inputs: { g: [9.7, 9.9], L: [0.8, 1.2], theta: [0.1, 1.5], omega: [-0.5, 0.5] },
};

/** How many units the network below has. */
const units = 4;
const unitNames = Array.from({ length: units }, (_, i) => `h${i}`);

/** What a recurrent network of 4 units gives after 100 steps, fed sin(k/10): 28 weights. */
const network: LoopProgram = {
  name: "network",
  source: `
    (loop ((k 0) ${unitNames.map((name) => `(${name} 0)`).join(" ")})
      (if (= k 100) (+ ${unitNames.map((name, i) => `(* o${i} ${name})`).join(" ")})
        (let ((x (sin (/ k 10))))
          (recur (+ k 1)
            ${unitNames.map((_, i) => `(tanh (+ (* u${i} x) (+ b${i} (+ ${unitNames.map((name, j) => `(* w${i}${j} ${name})`).join(" ")}))))`).join("\n            ")}))))`,
  inputs: Object.fromEntries(
    unitNames.flatMap((_, i) => [
      ...["o", "u", "b"].map((name) => [`${name}${i}`, [-1, 1]] as const),
      ...unitNames.map((_, j) => [`w${i}${j}`, [-0.6, 0.6]] as const),
    ]),
  ),
};

export const loopPrograms: readonly LoopProgram[] = [kalman, pendulum, network];

/** `rows` numbers evenly over a range, in an order that differs from input to input. */
export function spread([low, high]: readonly [number, number], rows: number, input: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => low + ((high - low) * ((i * (7 + 4 * input)) % 101)) / 101);
}

/**
 * Programs that iterate, in microseconds: a prepared batch, its value and its value with gradient. Arguments: rows (256).
 */
export async function main(args: readonly string[]): Promise<void> {
  const rows = Number(args[0] ?? 256);
  for (const { name, source, inputs } of loopPrograms)
    for (const dtype of ["float32", "float64"] as const) {
      const module = compile(source, { dtype });
      const prepared = module.prepare(rows);
      for (const [i, [input, range]] of Object.entries(inputs).entries())
        prepared.inputs[input].set(spread(range, rows, i));
      const one = Object.fromEntries(Object.entries(inputs).map(([input, [low, high]]) => [input, (low + high) / 2]));
      report({
        program: name,
        dtype,
        rows,
        value_us: microseconds(prepared.run),
        gradient_us: microseconds(prepared.runGradient),
        evaluate_us: microseconds(() => module.evaluate(one)),
        single_gradient_us: microseconds(() => module.gradient(one)),
      });
    }
}
