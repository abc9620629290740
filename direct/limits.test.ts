import { describe, expect, test } from "vitest";
import { evaluateReference, readProgram, SoftmachineError } from "../scheme/index.js";
import { compile } from "./index.js";

const repeat = (count: number, text: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => text(i)).join("");

/** A value, or the error that says why there is none; anything else that is thrown fails the test. */
function answer(run: () => number): number | SoftmachineError {
  try {
    return run();
  } catch (error) {
    if (error instanceof SoftmachineError) return error;
    throw error;
  }
}

const large: readonly (readonly [name: string, source: string])[] = [
  ["20,000 names", `(let* (${repeat(20_000, (i) => `(v${i} (sin ${i > 0 ? `v${i - 1}` : "x"}))`)}) v19999)`],
  ["a sum of 10,000", `(+ ${repeat(10_000, (i) => `(* x ${i}) `)})`],
  ["300 inputs", `(+ x ${repeat(300, (i) => `(* i${i} i${(i + 1) % 300}) `)})`],
  [
    "300 inputs of a recursion",
    `(define (f k) (if (< k 3) (+ x ${repeat(300, (i) => `i${i} `)} (f (+ k 1))) 0)) (f 0)`,
  ],
  [
    "3,000 functions, each of which calls the next",
    `${repeat(3000, (i) => `(define (f${i} x) (+ (f${i + 1} x) 1))`)} (define (f3000 x) (sin x)) (f0 x)`,
  ],
  [
    "calls that double at each level, with the same argument",
    `${repeat(60, (i) => `(define (f${i} x) (+ (f${i + 1} x) (f${i + 1} x)))`)} (define (f60 x) (sin x)) (f0 x)`,
  ],
  [
    "calls that double at each level, with different arguments",
    `${repeat(14, (i) => `(define (f${i} x) (+ (f${i + 1} x) (f${i + 1} (+ x ${i}))))`)} (define (f14 x) (sin x)) (f0 x)`,
  ],
  [
    "loops within loops",
    repeat(24, (i) => `(loop ((k 0) (s 0)) (if (< k 1) (recur (+ k 1) (+ s ${i < 23 ? "" : "x"}`) +
      repeat(24, () => ")) s))"),
  ],
  [
    "recursion with thousands of values in a frame",
    `(define (f n) (if (< n 1) 0 (let* (${repeat(2000, (i) => `(v${i} (sin ${i > 0 ? `v${i - 1}` : "x"}))`)})
       (+ (f (- n 1)) ${repeat(2000, (i) => `v${i} `)})))) (f 300)`,
  ],
];

describe("a large program, and its slope, come to an answer or a clear error", () => {
  test.each(large)("%s", (_, source) => {
    const program = readProgram(source);
    const inputs = Object.fromEntries(program.inputs.map((name) => [name, 0.5]));
    const value = answer(() => compile(source).evaluate(inputs));
    // The reference calls as often as the text says, 2 to the power of 60 times here.
    if (typeof value === "number" && !source.includes("f60")) expect(value).toBe(evaluateReference(program, inputs));
    answer(() => compile(source).gradient(inputs).gradient.x);
    answer(() => compile(source).partial("x").evaluate(inputs));
  });
  test.each(["3,000 functions", "calls that double", "loops within loops", "recursion with", "300 inputs"])(
    "%s … is no error",
    (start) => {
      for (const [, source] of large.filter(([name]) => name.startsWith(start))) {
        const inputs = Object.fromEntries(readProgram(source).inputs.map((name) => [name, 0.5]));
        const { value, gradient } = compile(source).gradient(inputs);
        const step = 1e-6;
        const higher = compile(source).evaluate({ ...inputs, x: 0.5 + step });
        expect(Math.abs((higher - value) / step - gradient.x)).toBeLessThan(1e-4 * Math.max(1, Math.abs(value)));
      }
    },
  );
  const sines = (count: number) =>
    `(let* (${repeat(count, (i) => `(v${i} (sin ${i > 0 ? `v${i - 1}` : "x"}))`)}) v${count - 1})`;
  test("a second derivative of more values than JavaScript's stack holds", () => {
    const slope = compile(sines(5000)).partial("x");
    const { value, gradient } = slope.gradient<number>({ x: 1 });
    expect(compile(`(derivative (derivative ${sines(5000)} x) x)`).evaluate({ x: 1 })).toBeCloseTo(gradient.x, 12);
    expect(slope.batchGradient({ x: new Float64Array(3).fill(1) })).toEqual({
      value: new Float64Array(3).fill(value),
      gradient: { x: new Float64Array(3).fill(gradient.x) },
    });
    expect((slope.evaluate({ x: 1 + 1e-6 }) - value) / 1e-6).toBeCloseTo(gradient.x, 6);
  });
  test("a recursive function of more values than JavaScript's stack holds", () => {
    const module = compile(`(define (f n x) (if (< n 1) x (+ (f (- n 1) x) ${sines(30_000)}))) (f 2 x)`);
    expect(() => module.gradient({ x: 1 })).toThrow("too large for JavaScript's stack");
    expect(() => module.batchGradient({ x: 1 })).toThrow("too large for JavaScript's stack");
  });
});

const polynomial = (x: string, i: number) => `(+ ${2 * i - 1} (* ${i + 1} (- ${x} ${i - 1})))`;

/** Ways to write `2i - 1 + (i + 1)(x - i + 1)` of the first whole i above x, in many clauses: definitions and an expression. */
const rows: readonly (readonly [name: string, counts: readonly number[], (n: number) => readonly [string, string]])[] =
  [
    ["cond", [10_000], (n) => ["", `(cond ${repeat(n, (i) => `((< x ${i}) ${polynomial("x", i)})`)} (else -1))`]],
    [
      "if, of which some bind what those that follow use",
      [490],
      (n) => {
        const bind = (i: number) => (i % 150 === 0 ? `(w (- x ${i - 1}))` : `(u${i} 0)`);
        const value = (i: number) => (i < 150 ? polynomial("x", i) : `(+ ${polynomial("x", i)} (* 0 w))`);
        return ["", `${repeat(n, (i) => `(let (${bind(i)}) (if (< x ${i}) ${value(i)} `)} -1 ${"))".repeat(n)}`];
      },
    ],
    [
      "and",
      [1000],
      (n) => {
        const value = "(+ (* 2 i) -1 (* (+ i 1) (- x i -1)))";
        return ["", `(let ((i (ceiling x))) (and ${repeat(n, (k) => `(< x ${n + k}) `)} ${value}))`];
      },
    ],
    [
      "cond in a loop",
      [1000],
      (n) => [
        "",
        `(loop ((s 0)) (cond ((> s 0) s) ${repeat(n, (i) => `((< x ${i}) (recur ${polynomial("x", i)}))`)} (else -1)))`,
      ],
    ],
    [
      "cond in a function that calls itself",
      [1000],
      (n) => {
        const clause = (i: number) => `((< y ${i}) (- (+ (f y (- k 1)) ${polynomial("y", i)}) (f y (- k 1))))`;
        return [`(define (f y k) (cond ((= k 0) (* y y)) ${repeat(n, clause)} (else -1)))`, "(f x 1)"];
      },
    ],
  ];

describe("long rows of branches", () => {
  test.each(rows)("%s", (_, counts, write) => {
    for (const clauses of counts) {
      const [definitions, expression] = write(clauses);
      const module = compile(`${definitions} ${expression}`);
      const slope = compile(`${definitions} (derivative ${expression} x)`);
      const xs = [0.25, 100.5, 399.75, clauses - 2.5];
      for (const x of xs) {
        const i = Math.ceil(x);
        const expected = 2 * i - 1 + (i + 1) * (x - i + 1);
        expect(module.evaluate({ x })).toBe(expected);
        expect(module.gradient({ x })).toEqual({ value: expected, gradient: { x: i + 1 } });
        expect(slope.evaluate({ x })).toBe(i + 1);
      }
      const column = Float64Array.from({ length: 70 }, (_, row) => xs[row % 4]);
      expect([...module.batchGradient({ x: column }).gradient.x]).toEqual([...column].map((x) => Math.ceil(x) + 1));
    }
  });
  test.each([
    ["or", `(or ${repeat(10_000, (i) => `(= x ${i}) `)})`, 1],
    ["case", `(case x ${repeat(10_000, (i) => `((${i} ${i + 10_000}) (* 2 x))`)})`, 19_998],
  ])("%s, of 10,000, has a value", (_, source, value) => {
    expect(compile(source).evaluate({ x: 9999 })).toBe(value);
  });
  test("calls in the tail of a long row go deep", () => {
    const clauses = repeat(450, (i) => `((= k ${-1 - i}) ${i})`);
    const source = `(define (f k) (cond ${clauses} ((= k 0) x) (else (g (- k 1))))) (define (g k) (f k)) (f 5000)`;
    expect(compile(source).evaluate({ x: 7 })).toBe(7);
  });
});

test("the slope of a row of clauses computes each clause's calls once", () => {
  const source = (clauses: number) =>
    `(define (f n x) (if (< n 1) x (+ 1 (f (- n 1) (* x 0.9)))))
     (cond ${repeat(clauses, (i) => `((= k ${i}) (f 100 (* x ${i})))`)} (else 0))`;
  // A run costs 101 calls for the value and as many for the slope; clauses passed by cost nothing.
  const module = compile(source(50), { iterations: 250 });
  expect(module.gradient({ k: 49, x: 1 }).gradient.x).toBeCloseTo(49 * 0.9 ** 100, 12);
});
