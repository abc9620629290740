/** A program and the range that each of its inputs is drawn from. */
export interface BenchProgram {
  readonly name: string;
  readonly source: string;
  readonly inputs: Readonly<Record<string, readonly [low: number, high: number]>>;
}

const between = (...names: string[]) => Object.fromEntries(names.map((name) => [name, [0.5, 1.5] as const]));

/** Programs of 1 to 12 operations. */
export const smallPrograms: readonly BenchProgram[] = [
  { name: "add", source: "(+ x y)", inputs: between("x", "y") },
  { name: "square_plus", source: "(+ (* x x) y)", inputs: between("x", "y") },
  { name: "four_ops", source: "(/ (- (* (+ a b) c) d) a)", inputs: between("a", "b", "c", "d") },
  { name: "quadratic", source: "(+ (* a (* x x)) (+ (* b x) c))", inputs: between("a", "x", "b", "c") },
  { name: "discriminant", source: "(sqrt (+ (* b b) (* 4 (* a c))))", inputs: between("b", "a", "c") },
  {
    name: "dot4",
    source: "(+ (+ (* a b) (* c d)) (+ (* e f) (* g h)))",
    inputs: between("a", "b", "c", "d", "e", "f", "g", "h"),
  },
  { name: "gravity", source: "(/ (* G (* m1 m2)) (* r r))", inputs: between("G", "m1", "m2", "r") },
  { name: "pendulum", source: "(* (- 0 (/ g L)) (sin theta))", inputs: between("g", "L", "theta") },
  {
    name: "gaussian",
    source: "(/ (exp (/ (- 0 (* x x)) (* 2 (* s s)))) (* s 2.5066282746310002))",
    inputs: between("x", "s"),
  },
  {
    name: "barometric",
    source: "(* P0 (exp (/ (- 0 (* m (* g h))) (* k T))))",
    inputs: between("P0", "m", "g", "h", "k", "T"),
  },
  {
    name: "transcendental",
    source: "(/ (+ (exp (* (sin a) b)) (sqrt c)) (+ a 1))",
    inputs: between("a", "b", "c"),
  },
];

function tree(first: number, count: number, depth: number): string {
  if (count === 1) return `(+ x${first % 8} ${first / 1000})`;
  const half = Math.ceil(count / 2);
  const [a, b] = [tree(first, half, depth + 1), tree(first + half, count - half, depth + 1)];
  return depth % 2 === 0 ? `(+ ${a} ${b})` : `(* 0.5 (* ${a} ${b}))`;
}

function chain(levels: number): string {
  let value = "x";
  for (let level = 0; level < levels; level++) value = `(+ (* 0.999 ${value}) y)`;
  return value;
}

/** A balanced tree of 1,000 leaves, with + and half the product in turn, and a chain of 250 steps. */
export const largePrograms: readonly BenchProgram[] = [
  { name: "tree", source: tree(0, 1000, 0), inputs: between(...Array.from({ length: 8 }, (_, i) => `x${i}`)) },
  { name: "chain", source: chain(250), inputs: between("x", "y") },
];

/**
 * The negative log likelihood of 80 observations of a position, sin(k/10), under a Kalman filter whose state is position
 * and velocity, of process noise q and measurement noise r, from the state (x, v) with variance p.
 */
const kalman: BenchProgram = {
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
const rungeKuttaPendulum: BenchProgram = {
  name: "rk4_pendulum",
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
const network: BenchProgram = {
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

/** Programs that iterate. The peers have them in their own words, by these names. */
export const loopPrograms: readonly BenchProgram[] = [kalman, rungeKuttaPendulum, network];

/** `rows` numbers evenly over a range, in an order that differs from input to input. The peers draw the same. */
export function spread([low, high]: readonly [number, number], rows: number, input: number): Float64Array {
  return Float64Array.from({ length: rows }, (_, i) => low + ((high - low) * ((i * (7 + 4 * input)) % 101)) / 101);
}
