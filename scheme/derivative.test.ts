import { describe, expect, it } from "vitest";
import {
  aNormalForm,
  evaluateReference,
  isScalarOp,
  opNames,
  ops,
  partialDerivative,
  printAnf,
  printCore,
  type ReferenceOptions,
  readProgram,
  type Value,
} from "./index.js";

const run = (source: string, inputs: Record<string, Value> = {}, options?: ReferenceOptions) =>
  evaluateReference(readProgram(source), inputs, options);

describe("with respect to a number", () => {
  it.each<[string, Record<string, Value>, Value]>([
    // Anything that is in scope as a variable.
    ["(derivative (* x x) x)", { x: 3 }, 6],
    ["(define k 4) (derivative (* k k k) k)", {}, 48],
    ["(define (slope x) (derivative (* x x) x)) (slope 5)", {}, 10],
    ["(let ((x 5)) (derivative (* x x) x))", {}, 10],
    ["(let* ((x 2) (x (* x x))) (derivative (* x x) x))", {}, 8],
    ["(loop ((x 1) (i 0)) (if (< i 3) (recur (derivative (* x x) x) (+ i 1)) x))", {}, 8],
    ["(do ((i 1 (+ i 1)) (s 0 (+ s (derivative (* i i) i)))) ((> i 3) s))", {}, 12],
    ["(+ x (derivative 7 x))", { x: 3 }, 3],
    // What is outside is constant; what a function computes when it is called is not.
    ["(let ((y (* x x))) (derivative (* x y) x))", { x: 3 }, 9],
    ["(let ((y x)) (derivative (* x y) x))", { x: 3 }, 3],
    ["(let ((y (* x x))) (derivative (* x y) y))", { x: 3 }, 3],
    ["(define y (* 2 x)) (derivative (* x y) x)", { x: 3 }, 6],
    ["(define (f) (* k x x)) (derivative (f) x)", { k: 2, x: 3 }, 12],
    ["(let ((f (lambda (z) (* z x)))) (derivative (f x) x))", { x: 3 }, 6],
    ["(derivative (+ x (let ((x (* 5 x))) x)) x)", { x: 3 }, 6],
    // Levels are kept apart.
    ["(derivative (derivative (* x x x) x) x)", { x: 3 }, 18],
    ["(derivative (derivative (derivative (* x x x) x) x) x)", { x: 3 }, 6],
    ["(derivative (derivative (* x x y y y) x) y)", { x: 3, y: 2 }, 72],
    ["(derivative (* x (derivative (+ x y) y)) x)", { x: 3, y: 5 }, 1],
    ["(derivative (* x (derivative (* x y) y)) x)", { x: 3, y: 5 }, 6],
    ["(define (d x) (derivative (* x x x) x)) (derivative (d (* 2 x)) x)", { x: 3 }, 72],
    // Control.
    ["(derivative (if (> x 0) (log x) (* 2 x)) x)", { x: -1 }, 2],
    ["(derivative (if (= x 0) 1 (/ (sin x) x)) x)", { x: 0 }, 0],
    ["(derivative (loop ((i 0) (p 1)) (if (< i 4) (recur (+ i 1) (* p x)) p)) x)", { x: 2 }, 32],
    ["(define (p n) (if (= n 0) 1 (* x (p (- n 1))))) (derivative (p 5) x)", { x: 2 }, 80],
    ["(let next ((n 3)) (if (= n 0) x (+ (derivative (* x x) x) (next (- n 1)))))", { x: 2 }, 14],
    // The order may depend on the run.
    ["(define (nth x n) (if (= n 0) (expt x 5) (derivative (nth x (- n 1)) x))) (nth x 3)", { x: 2 }, 240],
    // Subgradients.
    ["(derivative (abs x) x)", { x: 0 }, 0],
    ["(derivative (max x 0) x)", { x: 0 }, 0.5],
    ["(derivative (min x x) x)", { x: 2 }, 1],
    ["(derivative (expt x y) y)", { x: 0, y: 2 }, 0],
    ["(derivative (floor x) x)", { x: 2.5 }, 0],
    ["(derivative (modulo 7 x) x)", { x: 2 }, -3],
  ])("%s at %j is %j", (source, inputs, value) => {
    expect(run(source, inputs)).toEqual(value);
  });
});

describe("with respect to arrays, and of them", () => {
  const m = [
    [1, 2],
    [3, 4],
  ];
  const singular = [
    [1, 2],
    [2, 4],
  ];
  it.each<[string, Record<string, Value>, Value]>([
    ["(derivative (dot v v) v)", { v: [1, 2, 3] }, [2, 4, 6]],
    ["(derivative (* v v) v)", { v: [1, 2] }, [[2, 0], [0, 4]]], // biome-ignore format: a matrix
    ["(derivative (scale v x) x)", { v: [1, 2], x: 3 }, [1, 2]],
    ["(derivative (inv (scale m x)) x)", { m, x: 1 }, [[2, -1], [-1.5, 0.5]]], // biome-ignore format: a matrix
    ["(derivative (det m) m)", { m }, [[4, -3], [-2, 1]]], // biome-ignore format: a matrix
    ["(derivative (det m) m)", { m: singular }, [[4, -2], [-2, 1]]], // biome-ignore format: a matrix
    ["(derivative (derivative (dot v (matvec m v)) v) v)", { m, v: [1, 1] }, [[2, 5], [5, 8]]], // biome-ignore format: a matrix
    ["(derivative (ref v 1) v)", { v: [1, 2] }, [0, 1]],
    ["(derivative (norm v) v)", { v: [3, 4] }, [0.6, 0.8]],
    ["(derivative (trace (matmul m m)) m)", { m }, [[2, 6], [4, 8]]], // biome-ignore format: a matrix
  ])("%s", (source, inputs, value) => {
    const flat = (x: Value): readonly number[] =>
      typeof x === "number" ? [x] : x.flatMap((item: Value) => flat(item));
    const found = run(source, inputs);
    expect(flat(found).length).toBe(flat(value).length);
    for (const [i, x] of flat(found).entries()) expect(x).toBeCloseTo(flat(value)[i], 12);
    expect(Array.isArray(found) && Array.isArray(found[0])).toBe(Array.isArray(value) && Array.isArray(value[0]));
  });

  it("refuses what would be no number, vector or matrix", () => {
    const message =
      "1:1: the derivative of a 2x2 matrix with respect to a 2x2 matrix would have more than two dimensions";
    expect(() => run("(derivative (matmul m m) m)", { m })).toThrow(message);
  });
});

it("has no meaning modulo n", () => {
  expect(() => run("(derivative (* x x) x)", { x: 3 }, { modulus: 16 })).toThrow(
    "1:1: numbers modulo n have no derivative",
  );
});

it("strict mode checks the expression, not its slopes", () => {
  expect(run("(derivative (sqrt x) x)", { x: 0 }, { domain: "strict" })).toBe(Number.POSITIVE_INFINITY);
  expect(() => run("(derivative (sqrt x) x)", { x: -1 }, { domain: "strict" })).toThrow('"sqrt" at 1:13');
});

it("is printed as the language has it", () => {
  const program = readProgram("(derivative (* x (derivative (* x y) y)) x)");
  expect(printCore(program)).toBe(
    "(let* ((x.1 x)) (derivative (* x.1 (let* ((y.1 y)) (derivative (* x.1 y.1) y.1))) x.1))",
  );
  const inputs = { x: 3, y: 5 };
  expect(run(printCore(program), inputs)).toBe(run("(derivative (* x (derivative (* x y) y)) x)", inputs));
  expect(printAnf(aNormalForm(readProgram("(derivative (* x x x) x)"))).replace(/\s+/g, " ")).toBe(
    "(let* ((%2 (let* ((x.1 x)) (derivative (let* ((%0 (* x.1 x.1)) (%1 (* %0 x.1))) %1) x.1)))) %2)",
  );
});

it("every operation has slopes where its row says that it is no step", () => {
  for (const op of opNames.filter(isScalarOp)) {
    const hasSlope = [0, 1].some((i) => partialDerivative(op, i) !== undefined);
    expect(hasSlope, op).toBe(ops[op].derivative !== "step");
  }
});
