import { describe, expect, it } from "vitest";
import { evaluateReference, type ReferenceOptions, readProgram, type Value } from "./index.js";

const run = (source: string, inputs: Record<string, Value> = {}, options?: ReferenceOptions) =>
  evaluateReference(readProgram(source), inputs, options);
const inputsOf = (source: string) => readProgram(source).inputs;

type Case = readonly [source: string, value: Value, inputs?: Record<string, number>];
const check = (cases: readonly Case[]) =>
  it.each(cases.map(([source, value, inputs = {}]) => ({ source, value, inputs })))("$source", (example) => {
    expect(run(example.source, example.inputs)).toEqual(example.value);
  });

describe("binding", () => {
  check([
    ["(let ((x 1) (y 2)) (+ x y))", 3],
    ["(let () 5)", 5],
    ["(let ([x 1]) x)", 1],
    ["(let ((x 1) (y x)) y)", 7, { x: 7 }],
    ["(let ((x y) (y x)) (- x y))", 3, { x: 2, y: 5 }],
    ["(let ((x (+ x 1))) (* x x))", 9, { x: 2 }],
    ["(+ (let ((x 1)) x) x)", 6, { x: 5 }],
    ["(if 0 (let ((x 1)) x) x)", 5, { x: 5 }],
    ["(let* ((x 1) (y (+ x 1))) (* x y))", 2],
    ["(let* ((x 1) (x (+ x 1)) (x (* x 10))) x)", 20],
    ["(let* () 4)", 4],
    ["(let ((x 1)) (let ((x 2) (y x)) (+ (* 10 x) y)))", 21],
    ["(let ((x 1)) 2 3 x)", 1],
    ["(let ((f (lambda (x) (* 2 x)))) (f (f 3)))", 12],
    ["(let* ((k 3) (f (lambda (x) (* k x))) (k 100)) (f 2))", 6],
    ["(let ((x.1 5) (x 1)) (let ((x 2)) (+ (* 10 x) x.1)))", 25],
    ["(letrec ((f (lambda (n) (if (= n 0) 1 (* n (f (- n 1))))))) (f 5))", 120],
    ["(letrec* ((f (lambda () 3)) (g (lambda () (f)))) (g))", 3],
    ["(letrec () 3)", 3],
    ["(begin 1 2 3)", 3],
  ]);
});

describe("conditions", () => {
  check([
    ["(if 1 2 3)", 2],
    ["(if 0 2 3)", 3],
    ["(if -0.0 2 3)", 3],
    ["(if #f 2 3)", 3],
    ["(if +nan.0 2 3)", 2],
    ["(if 1 2)", 2],
    ["(if 0 2)", 0],
    ["(cond ((= 1 2) 10) ((= 1 1) 5 20) (else 30))", 20],
    ["(cond (0 10) (else 1 30))", 30],
    ["(cond (0 1))", 0],
    ["(cond (0) (7) (else 8))", 7],
    ["(cond [0 1] [else 2])", 2],
    ["(case 5 ((1 2) 10) ((4 5) 20) (else 30))", 20],
    ["(case 9 ((1 2) 10) (else 1 30))", 30],
    ["(case 9 ((1) 10))", 0],
    ["(case 1 (() 10) ((1) 20))", 20],
    ["(case 1/2 ((0.5) 1))", 1],
    ["(case 0 ((#f) 1))", 1],
    ["(case -0.0 ((0) 1))", 1],
    ["(case +nan.0 ((+nan.0) 1) (else 2))", 2],
    ["(case (+ x 1) ((3) x))", 2, { x: 2 }],
    ["(and)", 1],
    ["(and 3)", 3],
    ["(and 1 2 3)", 3],
    ["(and 1 0 3)", 0],
    ["(and 1 #f 3)", 0],
    ["(or)", 0],
    ["(or 4)", 4],
    ["(or 0 5)", 5],
    ["(or 0 #f)", 0],
    ["(or 6 5)", 6],
    ["(when 1 2 3)", 3],
    ["(when 0 2 3)", 0],
    ["(unless 0 2 3)", 3],
    ["(unless 1 2 3)", 0],
    ["(not (and 1 0))", 1],
  ]);

  it("evaluates only what it must", () => {
    const strict = (source: string) => run(source, {}, { domain: "strict" });
    expect(strict("(if 1 2 (/ 1 0))")).toBe(2);
    expect(strict("(and 0 (/ 1 0))")).toBe(0);
    expect(strict("(or 2 (/ 1 0))")).toBe(2);
    expect(strict("(cond (1 2) ((/ 1 0) 3))")).toBe(2);
    expect(strict("(case 1 ((1) 2) (else (/ 1 0)))")).toBe(2);
    expect(strict("(when 0 (/ 1 0))")).toBe(0);
    expect(strict("(unless 1 (/ 1 0))")).toBe(0);
    expect(run("(let f ((n 3)) (or (= n 0) (f (- n 1))))")).toBe(1);
    expect(() => strict("(begin (/ 1 0) 2)")).toThrow("division by zero");
    expect(() => strict("(let ((x (/ 1 0))) 2)")).toThrow("division by zero");
    // A chain evaluates each of its arguments, once.
    expect(() => strict("(< 2 1 (/ 1 0))")).toThrow("division by zero");
  });
});

describe("iteration", () => {
  check([
    ["(loop ((i 0) (s 0)) (if (< i 10) (recur (+ i 1) (+ s i)) s))", 45],
    ["(loop ((i 0)) (cond ((= i 10) i) (else (recur (+ i 1)))))", 10],
    ["(loop ((a 1) (b 2) (n 3)) (if (= n 0) (- a b) (recur b a (- n 1))))", 1],
    ["(loop () 3)", 3],
    ["(loop ((i 0)) (and (< i 5) (recur (+ i 1))))", 0],
    ["(loop ((i 0)) (or (= i 5) (recur (+ i 1))))", 1],
    ["(loop ((i 0)) (case i ((3) 30) (else (recur (+ i 1)))))", 30],
    ["(loop ((i 0)) (let* ((j (+ i 1)) (k j)) (when (< i 3) (recur k))))", 0],
    ["(loop ((i 0)) (+ k (if (< i 3) i 0)))", 7, { k: 7 }],
    ["(loop ((i x)) (if (< i 10) (recur (+ i k)) i))", 12, { x: 3, k: 3 }],
    ["(+ 1 (loop ((i 0)) (if (< i 3) (recur (+ i 1)) i)))", 4],
    ["(loop ((i 0) (s 0)) (if (= i 3) s (recur (+ i 1) (+ s (loop ((j 0)) (if (= j 4) j (recur (+ j 1))))))))", 12],
    ["(let loop ((i 0)) (if (< i 10) (loop (+ i 1)) i))", 10],
    ["(let next ((i i)) (if (< i 10) (next (+ i 2)) i))", 11, { i: 3 }],
    ["(let f () 3)", 3],
    ["(do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i 10) s))", 45],
    ["(do ((a 1 b) (b 2 a) (n 0 (+ n 1))) ((= n 3) (+ (* 10 a) b)))", 21],
    ["(do ((i 0 (+ i 1)) (k 7)) ((= i 3) k (* 2 k)))", 14],
    ["(do ((i 0 (+ i 1))) ((= i 3)))", 0],
    ["(do () (1 5))", 5],
    ["(do ((i 0 (+ i 1))) ((= i 3) i) (* i i))", 3],
    ["(do ((i 0 (+ i 1)) (s 0 (+ s (do ((j 0 (+ j 1))) ((= j i) j))))) ((= i 5) s))", 10],
  ]);

  it("goes on with an outer loop from within an inner one", () => {
    const inner = "(let inner ((j 0) (s s)) (if (= j 3) (outer (+ i 1) s) (inner (+ j 1) (+ s (* i j)))))";
    const source = `(let outer ((i 0) (s 0)) (if (= i 5) s ${inner}))`;
    expect(run(source)).toBe(30);
    expect(readProgram(source).functions.size).toBe(0);
  });

  it("calls an outer named let from an inner one that is not in its tail", () => {
    const inner = "(let inner ((j 0)) (if (= j 2) 0 (+ (outer (- n 1)) (inner (+ j 1)))))";
    expect(run(`(let outer ((n 4)) (if (= n 0) 1 ${inner}))`)).toBe(16);
  });

  it("gives recur the innermost loop, not the innermost named let", () => {
    const inner = "(let f ((j 0)) (if (= j 2) (recur (+ i j)) (f (+ j 1))))";
    expect(run(`(loop ((i 0)) (if (> i 5) i ${inner}))`)).toBe(6);
    expect(run("(loop ((i 0)) (if (> i 5) i (do ((j 0 (+ j 1))) ((= j 2) (recur (+ i j))))))")).toBe(6);
  });

  it("runs a named let that is not tail recursive", () => {
    expect(run("(let fib ((n 15)) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2)))))")).toBe(610);
    expect(run("(let f ((n 3)) (if (= n 0) k (* 2 (f (- n 1)))))", { k: 5 })).toBe(40);
  });

  it("keeps what a closure captured of an iteration", () => {
    const closure = "(let ((g (lambda (y) (+ (* 10 i) y)))) (if (= i 3) (g 1) (next (+ i 1))))";
    expect(run(`(let next ((i 0)) ${closure})`)).toBe(31);
    expect(run("(let next ((i 0)) (let ((go (lambda (d) (next (+ i d))))) (if (< i 10) (go 3) i)))")).toBe(12);
  });
});

describe("functions", () => {
  check([
    ["(define (f x) (* 2 x)) (f 4)", 8],
    ["(define f (lambda (x) (* 2 x))) (f 4)", 8],
    ["(f 4) (define (f x) (* 2 x)) (f 5)", 10],
    ["(f 4) (define (f x) (* 2 x))", 8],
    ["(define (f) 3) (f)", 3],
    ["(define (f x) 1 2 x) (call f 9)", 9],
    ["(define (f x) (* k x)) (define k 3) (f 4)", 12],
    ["(define k (+ y 1)) (define (f x) (* k x)) (f 4)", 12, { y: 2 }],
    ["(define a 2) (define b (* a a)) (define (f x) (+ x b)) (define c (f 1)) (* c 10)", 50],
    ["(define (f x) (g (+ x 1))) (define (g x) (* x x)) (f 2)", 9],
    ["(define (f x) (let ((f 3)) (+ f x))) (f 1)", 4],
    ["(define (f x) (let ((g (lambda (y) (+ x y)))) (g 10))) (f 1)", 11],
    [
      "(define (f a) (let ((g (lambda (x) (let ((h (lambda (y) (+ x y a b)))) (h (* x 3)))))) (g 2))) (f 1)",
      19,
      { b: 10 },
    ],
    ["(let ((f (lambda (x) (* 2 x)))) (let ((f (lambda (x) (+ 1 (f x))))) (f 5)))", 11],
    ["(define (f n) (let ((g (lambda () n))) (if (= n 0) (g) (+ (g) (f (- n 1)))))) (f 4)", 10],
    [
      "(define (f x) (letrec ((up (lambda (n) (if (= n x) n (down (+ n 2))))) (down (lambda (n) (up (- n 1))))) (up 0))) (f 9)",
      9,
    ],
    ["(define (f x) x) (let ((f (lambda (x) (+ 1 (f x))))) (f 1))", 2],
    ["(define (max a b) (+ a b)) (max 1 2)", 3],
    ["(define (f x n) (if (= n 0) (+ x y) (f (+ x 1) (- n 1)))) (f 0 3)", 13, { y: 10 }],
  ]);

  it("recurs mutually in tail position without a frame", () => {
    const source = `(letrec ((even (lambda (n) (if (= n 0) 1 (odd (- n 1)))))
                             (odd (lambda (n) (if (= n 0) 0 (even (- n 1))))))
                      (even 200001))`;
    expect(run(source, {}, { frames: 1 })).toBe(0);
    expect(run(`(+ 1 ${source})`, {}, { frames: 1 })).toBe(1);
    expect(run("(define (f n) (if (= n 0) 7 (f (- n 1)))) (f 200000)", {}, { frames: 1 })).toBe(7);
    expect(run("(define (f n) (if (= n 0) 7 (f (- n 1)))) (* 2 (f 200000))", {}, { frames: 1 })).toBe(14);
  });

  it("recurs 100,000 frames deep, and no deeper unless told", () => {
    const sum = (n: number) => `(define (s n) (if (= n 0) 0 (+ n (s (- n 1))))) (s ${n})`;
    expect(run(sum(99_999))).toBe(4_999_950_000);
    expect(() => run(sum(100_001))).toThrow(
      expect.objectContaining({
        name: "BudgetError",
        message: "recursion is deeper than 100,000 frames; raise the frame budget (frames) if it is meant to go deeper",
      }),
    );
    expect(run(sum(200_000), {}, { frames: 200_000 })).toBe(20_000_100_000);
  });

  it("stops what is endless", () => {
    const message =
      "still running after 1,000 iterations; raise the iteration budget (iterations) if it is meant to take longer";
    const endless = ["(loop () (recur))", "(let f ((i 0)) (f (+ i 1)))", "(define (f) (f)) (f)", "(do () (0))"];
    for (const source of endless)
      expect(() => run(source, {}, { iterations: 1000 })).toThrow(
        expect.objectContaining({ name: "BudgetError", message }),
      );
    expect(run("(loop ((i 0)) (if (< i 1000000) (recur (+ i 1)) i))")).toBe(1_000_000);
  });
});

describe("entry", () => {
  const file = `(define k 2)
    (define (twice x) (* k x))
    (define (f a b) (+ (twice a) (* b c)))
    (f y z)`;

  it("makes a function's parameters the inputs, then what is free in the definitions", () => {
    const program = readProgram(file, { entry: "f" });
    expect(program.inputs).toEqual(["a", "b", "c"]);
    expect(evaluateReference(program, { a: 1, b: 10, c: 100 })).toBe(1002);
    expect(evaluateReference(readProgram(file, { entry: "twice" }), { x: 4, c: 0 })).toBe(8);
  });

  it("still checks the expressions of the file", () => {
    expect(() => readProgram("(define (f a) a) (f 1 2)", { entry: "f" })).toThrow('"f" takes 1 argument, not 2');
  });
});

describe("names", () => {
  check([
    [
      "(+ __proto__ constructor toString hasOwnProperty)",
      10,
      Object.fromEntries([
        ["__proto__", 1],
        ["constructor", 2],
        ["toString", 3],
        ["hasOwnProperty", 4],
      ]),
    ],
    ["(let ((__proto__ 1) (constructor 2)) (+ __proto__ constructor))", 3],
    ["(define (__proto__ x) (* x 2)) (define (toString constructor) (__proto__ constructor)) (toString 4)", 8],
    ["(define valueOf 7) valueOf", 7],
    ["(let loop ((__proto__ 3)) (if (= __proto__ 0) 9 (loop (- __proto__ 1))))", 9],
    ["(let ((π 3) (名 4)) (+ π 名 😀))", 12, { "😀": 5 }],
    ["(let ((if 1)) (+ if 1))", 2],
    ["(let ((let 5)) let)", 5],
    ["(let ((+ 5)) (* + 2))", 10],
    ["(let ((max (lambda (a) (* 2 a)))) (max 4))", 8],
    ["(let ((else 0)) (cond (else 1) (1 2)))", 2],
    ["(let ((lambda (lambda (x) (* 2 x)))) (let ((y (lambda 4))) y))", 8],
    ["(let ((+ 1)) (let ((+ 2)) (let ((- +)) -)))", 2],
    ["(+ %0 (* %0 2))", 9, { "%0": 3 }],
    ["(let ((%0 2)) (+ %0 (* %0 2)))", 6],
    ["(+ t (or 0 t))", 6, { t: 3 }],
    ["(+ X x)", 3, { X: 1, x: 2 }],
  ]);

  it.each([
    ["(+ b (* a b) c)", ["b", "a", "c"]],
    ["(if 1 2 unused)", ["unused"]],
    ["(define (f x) (+ x y)) 3", ["y"]],
    ["(define (f x) (+ x z)) (+ y (f 1))", ["z", "y"]],
    ["(let ((x x)) x)", ["x"]],
    ["(let ((x 1)) x)", []],
    ["(case k ((1) a) (else b))", ["k", "a", "b"]],
    ["(cond (a b) (c d))", ["a", "b", "c", "d"]],
    ["(do ((i a (+ i b))) ((= i c) d) e)", ["a", "b", "c", "d", "e"]],
    ["(begin a 1)", ["a"]],
    ["a b", ["a", "b"]],
    ["#;a b", ["b"]],
  ])("the inputs of %s", (source, inputs) => {
    expect(inputsOf(source)).toEqual(inputs);
  });
});

describe("size", () => {
  const many = (count: number, item: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => item(i)).join(" ");
  it.each([
    ["a nest of 999 sums", `${"(+ 1 ".repeat(999)}1${")".repeat(999)}`, 1000],
    ["a nest of lets", `${"(let ((x (+ x 1))) ".repeat(490)}x${")".repeat(490)}`, 490],
    [
      "a let* of 20,000 names",
      `(let* (${many(20_000, (i) => `(x${i} (+ x${i - 1} 1))`)}) x19999)`.replace("x-1", "x"),
      20_000,
    ],
    ["a sum of 200,000", `(+ ${"1 ".repeat(200_000)})`, 200_000],
    ["a chain of 5,000", `(< ${many(5000, String)})`, 1],
    ["a cond of 5,000 clauses", `(cond ${many(5000, (i) => `((= 4999 ${i}) ${2 * i})`)} (else -1))`, 9998],
    ["a case of 5,000 clauses", `(case 4999 ${many(5000, (i) => `((${i}) ${2 * i})`)} (else -1))`, 9998],
    ["a case of 5,000 numbers", `(case 4999 ((${many(5000, String)}) 1) (else -1))`, 1],
    ["an and of 5,000", `(and ${"1 ".repeat(5000)} 7)`, 7],
    ["an or of 5,000", `(or ${"0 ".repeat(5000)} 7)`, 7],
    ["a vector of 10,000", `(vsum [${"1 ".repeat(10_000)}])`, 10_000],
  ])("%s", (_, source, value) => {
    const program = readProgram(source);
    expect(evaluateReference(program, Object.fromEntries(program.inputs.map((name) => [name, 0])))).toBe(value);
  });
});
