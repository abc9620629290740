import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  evaluateReference,
  type OpName,
  opNamed,
  opNames,
  parseNumber,
  readProgram,
  scalarMeaning,
  specOf,
} from "./index.js";
import { sampleArguments } from "./testing.js";

const run = (source: string) => evaluateReference(readProgram(source), {});
const scalars = opNames.filter((op) => specOf(op).group === "scalar");

/** Scalar operations at their special points: `expression = value`. */
const scalarPoints = `
  (+) = 0 | (+ 4) = 4 | (+ 1 2) = 3 | (+ 1 2 3 4) = 10 | (+ +inf.0 -inf.0) = +nan.0 | (+ 1e16 1 1) = 1e16
  (- 4) = -4 | (- 0) = -0 | (- 1 2) = -1 | (- 10 1 2 3) = 4
  (*) = 1 | (* 4) = 4 | (* 2 3) = 6 | (* 1 2 3 4) = 24 | (* 0 +inf.0) = +nan.0 | (* -1 0) = -0
  (/ 4) = 0.25 | (/ 1 2) = 0.5 | (/ 24 2 3) = 4 | (/ 1 0) = +inf.0 | (/ 1 -0.0) = -inf.0 | (/ 0 0) = +nan.0 | (/ 0) = +inf.0
  (expt 2 10) = 1024 | (pow 2 -1) = 0.5 | (expt 0 0) = 1 | (expt 1 +nan.0) = 1 | (expt -1 +inf.0) = 1 | (expt -8 1/3) = +nan.0
  (expt 0 -1) = +inf.0 | (expt -2 3) = -8 | (expt 9 .5) = 3
  (modulo 7 2) = 1 | (modulo -7 2) = 1 | (modulo 7 -2) = -1 | (modulo -7 -2) = -1 | (modulo -6 3) = 0 | (modulo 5.5 2) = 1.5
  (modulo -5.5 2) = 0.5 | (modulo 1 0) = +nan.0 | (modulo -1 +inf.0) = +inf.0
  (remainder 7 2) = 1 | (remainder -7 2) = -1 | (remainder 7 -2) = 1 | (remainder -7 -2) = -1 | (remainder -6 3) = 0
  (remainder -5.5 2) = -1.5 | (remainder 1 0) = +nan.0
  (quotient 7 2) = 3 | (quotient -7 2) = -3 | (quotient 7 -2) = -3 | (quotient 5.5 2) = 2 | (quotient 1 0) = +inf.0
  (gcd) = 0 | (gcd -4) = 4 | (gcd 12 18) = 6 | (gcd -12 18) = 6 | (gcd 0 5) = 5 | (gcd 0 0) = 0 | (gcd 12 18 4) = 2 | (gcd 1.5 3) = +nan.0
  (lcm) = 1 | (lcm -4) = 4 | (lcm 4 6) = 12 | (lcm -4 6) = 12 | (lcm 0 5) = 0 | (lcm 0 0) = 0 | (lcm 2 3 4) = 12 | (lcm 1.5 3) = +nan.0
  (min 3) = 3 | (min 3 1 2) = 1 | (min 1 +nan.0) = +nan.0 | (min 0 -0.0) = -0
  (max 3) = 3 | (max 1 3 2) = 3 | (max 1 +nan.0) = +nan.0 | (max -0.0 0) = 0
  (abs -2) = 2 | (abs -0.0) = 0 | (abs -inf.0) = +inf.0
  (square -3) = 9 | (square 1e200) = +inf.0
  (sqrt 9) = 3 | (sqrt 0) = 0 | (sqrt -1) = +nan.0 | (sqrt +inf.0) = +inf.0
  (exp 0) = 1 | (exp -inf.0) = 0 | (exp 1000) = +inf.0
  (log 1) = 0 | (log 0) = -inf.0 | (log -1) = +nan.0 | (log 8 2) = 3 | (log 5 1) = +inf.0
  (sin 0) = 0 | (sin +inf.0) = +nan.0 | (cos 0) = 1 | (tan 0) = 0 | (asin 2) = +nan.0 | (acos 1) = 0 | (acos 2) = +nan.0
  (atan 0) = 0 | (atan 0 1) = 0 | (atan2 0 0) = 0 | (atan2 -0.0 1) = -0
  (sinh 0) = 0 | (cosh 0) = 1 | (tanh 0) = 0 | (tanh +inf.0) = 1
  (floor 1.5) = 1 | (floor -1.5) = -2 | (ceiling 1.5) = 2 | (ceiling -1.5) = -1 | (ceiling -0.5) = -0 | (truncate 1.9) = 1 | (truncate -1.9) = -1
  (round 0.5) = 0 | (round 1.5) = 2 | (round 2.5) = 2 | (round -0.5) = -0 | (round -1.5) = -2 | (round -2.5) = -2 | (round 2.4) = 2
  (round -2.6) = -3 | (round 0.49999999999999994) = 0 | (round 4503599627370497) = 4503599627370497 | (round +inf.0) = +inf.0
  (= 1 1) = 1 | (= 1 2) = 0 | (= 2 2 2) = 1 | (= 2 2 3) = 0 | (= 3) = 1 | (= 0 -0.0) = 1 | (= +nan.0 +nan.0) = 0
  (< 1 2) = 1 | (< 2 2) = 0 | (< 1 2 3) = 1 | (< 1 3 2) = 0 | (< 3 2 1 5) = 0 | (< 3) = 1 | (< 1 +nan.0) = 0
  (> 2 1) = 1 | (> 2 2) = 0 | (> 3 2 1) = 1 | (> 3 1 2) = 0 | (> 3) = 1
  (<= 1 1) = 1 | (<= 2 1) = 0 | (<= 1 1 2) = 1 | (<= 1 2 1) = 0 | (<= 3) = 1
  (>= 1 1) = 1 | (>= 1 2) = 0 | (>= 2 1 1) = 1 | (>= 2 1 2) = 0 | (>= 3) = 1
  (not 0) = 1 | (not -0.0) = 1 | (not 2) = 0 | (not #f) = 1 | (not +nan.0) = 0
  (zero? 0) = 1 | (zero? 1) = 0 | (positive? 1) = 1 | (positive? 0) = 0 | (negative? -1) = 1 | (negative? 0) = 0
  (odd? 3) = 1 | (odd? -3) = 1 | (odd? 4) = 0 | (odd? 1.5) = 0 | (even? 4) = 1 | (even? -3) = 0 | (even? 0) = 1 | (even? 1.5) = 0`
  .split(/[|\n]/)
  .filter((line) => line.trim() !== "")
  .map((line): [string, number] => {
    const at = line.lastIndexOf(" = ");
    return [line.slice(0, at).trim(), parseNumber(line.slice(at + 3).trim()) ?? expect.fail(line)];
  });
const irrationalPoints: [string, number][] = [
  ["(+ 0.1 0.2)", 0.1 + 0.2],
  ["(exp 1)", Math.E],
  ["(log 2 8)", Math.log(2) / Math.log(8)],
  ["(sin 1)", Math.sin(1)],
  ["(cos 2)", Math.cos(2)],
  ["(tan 1)", Math.tan(1)],
  ["(asin 1)", Math.PI / 2],
  ["(acos -1)", Math.PI],
  ["(atan 1)", Math.PI / 4],
  ["(atan +inf.0)", Math.PI / 2],
  ["(atan 1 -1)", (3 * Math.PI) / 4],
  ["(atan -1 -1)", (-3 * Math.PI) / 4],
  ["(atan2 1 0)", Math.PI / 2],
  ["(sinh 1)", Math.sinh(1)],
  ["(cosh 1)", Math.cosh(1)],
  ["(tanh 1)", Math.tanh(1)],
];

describe("scalar operations", () => {
  const points = [...scalarPoints, ...irrationalPoints];

  it("has points for every row", () => {
    expect(scalars.filter((op) => !points.some(([source]) => /^\((\S+?)[ )]/.exec(source)?.[1] === op))).toEqual([]);
  });

  it.each(points)("%s", (source, value) => {
    expect(run(source)).toBe(value);
  });
});

describe("vector and matrix operations", () => {
  const points: [string, unknown][] = [
    ["(vec 1 2 3)", [1, 2, 3]],
    ["[1 (+ 1 1)]", [1, 2]],
    ["(ref [5 6 7] 0)", 5],
    ["(ref [5 6 7] 2)", 7],
    ["(ref (mat [1 2] [3 4]) 1)", [3, 4]],
    ["(update [5 6 7] 1 9)", [5, 9, 7]],
    [
      "(update (mat [1 2] [3 4]) 0 [5 6])",
      [
        [5, 6],
        [3, 4],
      ],
    ],
    ["(let ((v [5 6])) (+ v (update v 0 1)))", [6, 12]],
    ["(dot [1 2 3] [4 5 6])", 32],
    ["(cross [1 0 0] [0 1 0])", [0, 0, 1]],
    ["(cross [1 2 3] [4 5 6])", [-3, 6, -3]],
    ["(norm [3 4])", 5],
    ["(normalize [3 4])", [3 * (1 / 5), 4 * (1 / 5)]],
    ["(vsum [1 2 3])", 6],
    ["(vlen [1 2 3])", 3],
    ["(scale 2 [1 2])", [2, 4]],
    ["(scale [1 2] 2)", [2, 4]],
    [
      "(scale 2 (mat [1 2] [3 4]))",
      [
        [2, 4],
        [6, 8],
      ],
    ],
    ["(scale 2 3)", 6],
    [
      "(mat [1 2] [3 4] [5 6])",
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ],
    [
      "(matmul (mat [1 2] [3 4]) (mat [5 6] [7 8]))",
      [
        [19, 22],
        [43, 50],
      ],
    ],
    ["(matmul (mat [1 2 3]) (mat [1] [2] [3]))", [[14]]],
    ["(matvec (mat [1 2] [3 4] [5 6]) [1 10])", [21, 43, 65]],
    [
      "(transpose (mat [1 2 3] [4 5 6]))",
      [
        [1, 4],
        [2, 5],
        [3, 6],
      ],
    ],
    ["(trace (mat [1 2] [3 4]))", 5],
    ["(det (mat [1 2] [3 4]))", -2],
    ["(det (mat [0 1] [1 0]))", -1],
    ["(det (mat [1 2] [2 4]))", -0],
    [
      "(inv (mat [0 2] [4 0]))",
      [
        [0, 0.25],
        [0.5, 0],
      ],
    ],
    [
      "(outer [1 2] [3 4 5])",
      [
        [3, 4, 5],
        [6, 8, 10],
      ],
    ],
    [
      "(eye 2)",
      [
        [1, 0],
        [0, 1],
      ],
    ],
    ["(zeros 3)", [0, 0, 0]],
    ["(ones 2)", [1, 1]],
  ];

  it("has points for every row", () => {
    const others = opNames.filter((op) => specOf(op).group !== "scalar");
    expect(others.filter((op) => !points.some(([source]) => source.startsWith(`(${op} `)))).toEqual([]);
  });

  it.each(points)("%s", (source, value) => {
    expect(run(source)).toEqual(value);
  });

  it("applies scalar operations to each element, a number to all", () => {
    expect(run("(+ [1 2] [10 20])")).toEqual([11, 22]);
    expect(run("(- [1 2])")).toEqual([-1, -2]);
    expect(run("(* 2 [1 2] [3 4])")).toEqual([6, 16]);
    expect(run("(sin (mat [0 0] [0 0]))")).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(run("(< [1 5] [2 2] [3 9])")).toEqual([1, 0]);
    expect(run("(/ 1 (mat [1 2] [4 8]))")).toEqual([
      [1, 0.5],
      [0.25, 0.125],
    ]);
    expect(run("(max [1 5] 3)")).toEqual([3, 5]);
  });

  it("inverts any well-conditioned matrix, and the determinant of a product is the product of determinants", () => {
    const item = fc.integer({ min: -5, max: 5 });
    const matrix = fc.array(fc.array(item, { minLength: 3, maxLength: 3 }), { minLength: 3, maxLength: 3 });
    const show = (rows: number[][]) => `(mat ${rows.map((row) => `[${row.join(" ")}]`).join(" ")})`;
    fc.assert(
      fc.property(matrix, matrix, (a, b) => {
        const determinant = Number(run(`(det ${show(a)})`));
        expect(run(`(det (matmul ${show(a)} ${show(b)}))`)).toBeCloseTo(
          determinant * Number(run(`(det ${show(b)})`)),
          6,
        );
        if (Math.abs(determinant) < 0.5) return;
        const one = run(`(matmul ${show(a)} (inv ${show(a)}))`);
        for (const [i, row] of (one as number[][]).entries())
          for (const [j, x] of row.entries()) expect(x).toBeCloseTo(i === j ? 1 : 0, 8);
      }),
    );
  });

  it.each([
    ["(+ [1 2] [1 2 3])", '"+": a vector of 2 and a vector of 3 do not match'],
    ["(+ [1 2] (mat [1 2]))", '"+": a vector of 2 and a 1x2 matrix do not match'],
    ["(vec 1 [2])", '"vec": a vector holds numbers only'],
    ["(mat 1 2)", '"mat": each row must be a vector, not a number'],
    ["(mat [1 2] [3])", '"mat": rows differ in length'],
    ["(ref 1 0)", '"ref": its first argument must be a vector or a matrix, not a number'],
    ["(ref [1 2] [0])", '"ref": its index must be a number, not a vector of 1'],
    ["(ref [1 2] 2)", '"ref": index 2 is outside 0..1'],
    ["(ref [1 2] -1)", '"ref": index -1 is outside 0..1'],
    ["(ref [1 2] 0.5)", '"ref": index 0.5 is outside 0..1'],
    ["(update [1 2] 2 0)", '"update": index 2 is outside 0..1'],
    ["(update [1 2] 0 [3])", '"update": its last argument must be a number, not a vector of 1'],
    ["(update (eye 2) 0 [1 2 3])", '"update": its last argument must be a vector of 2, not a vector of 3'],
    ["(update 5 0 1)", '"update": its first argument must be a vector or a matrix, not a number'],
    ["(dot [1 2] [1])", '"dot": a vector of 2 and a vector of 1 do not match'],
    ["(dot [1 2] 3)", '"dot": its second argument must be a vector, not a number'],
    ["(cross [1 2] [3 4])", '"cross": it takes two vectors of length 3'],
    ["(norm 3)", '"norm": its argument must be a vector, not a number'],
    ["(normalize (eye 2))", '"normalize": its argument must be a vector, not a 2x2 matrix'],
    ["(vsum 1)", '"vsum": its argument must be a vector, not a number'],
    ["(vlen 1)", '"vlen": its argument must be a vector, not a number'],
    ["(scale [1] [2])", '"scale": one of its arguments must be a number'],
    ["(matmul [1] (eye 1))", '"matmul": its first argument must be a matrix, not a vector of 1'],
    ["(matmul (eye 2) (eye 3))", '"matmul": a 2x2 matrix and a 3x3 matrix do not match'],
    ["(matvec (eye 2) (ones 3))", '"matvec": a 2x2 matrix and a vector of 3 do not match'],
    ["(transpose [1])", '"transpose": its argument must be a matrix, not a vector of 1'],
    ["(trace (mat [1 2]))", '"trace": its argument must be square, not a 1x2 matrix'],
    ["(det 1)", '"det": its argument must be a matrix, not a number'],
    ["(inv (mat [1 2]))", '"inv": its argument must be square, not a 1x2 matrix'],
    ["(outer 1 [2])", '"outer": its first argument must be a vector, not a number'],
    ["(zeros 1.5)", '"zeros": its size must be a whole number from 1 to 10000, not 1.5'],
    ["(ones 0)", '"ones": its size must be a whole number from 1 to 10000, not 0'],
    ["(eye 1001)", '"eye": its size must be a whole number from 1 to 1000, not 1001'],
    ["(eye [2])", '"eye": its size must be a constant number'],
  ])("refuses %s", (source, what) => {
    expect(() => run(source)).toThrow(expect.objectContaining({ name: "SourceError", what }));
  });
});

describe("the op table", () => {
  it("is well formed", () => {
    for (const op of opNames) {
      const { arity, sample, documentation } = specOf(op);
      expect(arity[0], op).toBeLessThanOrEqual(arity[1]);
      for (const [low, high] of sample) expect(low, op).toBeLessThanOrEqual(high);
      expect(documentation, op).toMatch(/\.$/);
      expect(opNamed(op)).toBe(op);
    }
    expect(opNamed("pow")).toBe("expt");
    expect(["toString", "__proto__", "constructor", "Pow", ""].map(opNamed)).toEqual(Array(5).fill(undefined));
  });

  it.each(scalars)("%s is defined, and inside its domain, where it is to be sampled", (op) => {
    fc.assert(
      fc.property(sampleArguments(op), (args) => {
        expect(specOf(op).outside?.(...args)).toBeUndefined();
        expect(scalarMeaning(op)(...args)).toSatisfy(Number.isFinite);
      }),
    );
  });

  /** Slopes to the left and right of a point in one argument. */
  const slopes = (op: OpName, args: readonly number[], i: number, h = 1e-6) => {
    const f = scalarMeaning(op);
    const at = (step: number) => f(...args.map((x, j) => (i === j ? x + step : x)));
    return [(at(0) - at(-h)) / h, (at(h) - at(0)) / h] as const;
  };
  const points = (op: OpName) => fc.sample(sampleArguments(op), { numRuns: 200, seed: 7 });
  const classed = (wanted: string) => scalars.filter((op) => specOf(op).derivative === wanted);

  it.each(classed("smooth"))("%s is smooth where it is sampled", (op) => {
    for (const args of points(op))
      for (const i of args.keys()) {
        const [left, right] = slopes(op, args, i);
        expect(Math.abs(right - left), `${op} ${args}`).toBeLessThan(2e-3 * (1 + Math.abs(left)));
      }
  });

  // A point where the slope jumps, for each kinked operation.
  const kinks: Partial<Record<OpName, readonly number[]>> = {
    modulo: [2.5, 2.5],
    remainder: [1, 1],
    min: [1, 1],
    max: [1, 1],
    abs: [0],
  };
  it.each(classed("kinked"))("%s has slopes that jump", (op) => {
    const [left, right] = slopes(op, kinks[op] ?? expect.fail(`no kink of ${op} is known`), 0);
    expect(Math.abs(right - left)).toBeGreaterThan(0.5);
    const moving = points(op).filter((args) => args.some((_, i) => slopes(op, args, i)[1] !== 0));
    expect(moving.length).toBeGreaterThan(50);
  });

  // gcd and lcm are defined at whole numbers alone.
  it.each(classed("step").filter((op) => op !== "gcd" && op !== "lcm"))("%s is constant between its jumps", (op) => {
    // Jumps are at whole or half numbers, or where arguments or multiples of them meet.
    const inside = points(op).filter((args) =>
      [...args, args[0] / (args[1] ?? 1)].every((x) => Math.abs(2 * x - Math.round(2 * x)) > 1e-4),
    );
    const sampled = op === "odd?" || op === "even?" ? [[1.3], [2.7]] : inside;
    expect(sampled.length).toBeGreaterThan(0);
    for (const args of sampled)
      for (const i of args.keys()) expect(slopes(op, args, i), `${op} ${args}`).toEqual([0, 0]);
  });
});
