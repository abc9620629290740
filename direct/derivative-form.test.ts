import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { evaluateReference, readProgram, SoftmachineError, type Value } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { compile, explain, type NestedNumbers } from "./index.js";

type Given = Record<string, number | number[] | number[][]>;

const programs: readonly (readonly [string, Given])[] = [
  ["(derivative (* x x x) x)", { x: 3 }],
  ["(derivative (derivative (* x x x) x) x)", { x: 3 }],
  ["(derivative (* x (derivative (* x y) y)) x)", { x: 3, y: 5 }],
  ["(derivative (derivative (sin (* x y)) x) y)", { x: 0.3, y: 0.5 }],
  ["(let ((y (* x x))) (derivative (* x y) x))", { x: 3 }],
  ["(let ((y x)) (derivative (* x y) x))", { x: 3 }],
  ["(define k 4) (derivative (* k k k) k)", {}],
  ["(define (f) (* k x x)) (derivative (f) x)", { k: 2, x: 3 }],
  ["(derivative (if (> x 0) (log x) (* 2 x)) x)", { x: -1 }],
  ["(derivative (loop ((i 0) (p 1)) (if (< i 4) (recur (+ i 1) (* p x)) p)) x)", { x: 2 }],
  ["(loop ((x 1) (i 0)) (if (< i 3) (recur (derivative (* x x) x) (+ i 1)) (* x y)))", { y: 2 }],
  ["(define (p n) (if (= n 0) 1 (* x (p (- n 1))))) (derivative (p 5) x)", { x: 2 }],
  ["(define (p n) (if (= n 0) 1 (* x (p (- n 1))))) (derivative (derivative (p 5) x) x)", { x: 2 }],
  // A function that recurs on itself takes the derivative of one that does too.
  [
    "(define (p x n) (if (= n 0) 1 (* x (p x (- n 1))))) (define (s x n) (if (= n 0) 0 (+ (derivative (p x n) x) (s x (- n 1))))) (derivative (s x 4) x)",
    { x: 2 },
  ],
  // Newton's method.
  [
    "(define (f x) (- (* x x) a)) (define (root x n) (if (= n 0) x (root (- x (/ (f x) (derivative (f x) x))) (- n 1)))) (root 1 20)",
    { a: 2 },
  ],
  ["(derivative (dot v v) v)", { v: [1, 2, 3] }],
  ["(derivative (* v (sin v)) v)", { v: [1, 2, 3] }],
  ["(derivative (loop ((i 0) (w v)) (if (< i 3) (recur (+ i 1) (* w v)) (vsum w))) v)", { v: [1, 2, 3] }],
  ["(define (f u n) (if (= n 0) (dot u u) (+ (vsum u) (f (* u u) (- n 1))))) (derivative (f v 2) v)", { v: [1, 2] }],
  ["(derivative (scale v x) x)", { v: [1, 2], x: 3 }],
  ["(derivative (derivative (dot v (matvec m v)) v) v)", { m: [[1, 2], [3, 4]], v: [1, 1] }], // biome-ignore format: a matrix
  ["(derivative (det m) m)", { m: [[1, 2], [2, 4]] }], // biome-ignore format: a matrix
  ["(derivative (inv (scale m x)) x)", { m: [[1, 2], [3, 4]], x: 2 }], // biome-ignore format: a matrix
];

const flat = (value: unknown): readonly number[] =>
  Array.isArray(value) ? value.flatMap((item: unknown) => flat(item)) : [Number(value)];

function near(found: unknown, wanted: unknown, tolerance: number): void {
  const [a, b] = [flat(found), flat(wanted)];
  expect(a.length).toBe(b.length);
  for (const [i, x] of a.entries())
    expect(Math.abs(x - b[i])).toBeLessThanOrEqual(tolerance * Math.max(1, Math.abs(b[i])));
}

describe.each(programs)("%s", (source, inputs) => {
  const expected = evaluateReference(readProgram(source), inputs as Record<string, Value>);
  const shapes = Object.fromEntries(
    Object.entries(inputs).map(([name, value]) => [
      name,
      !Array.isArray(value) ? [] : Array.isArray(value[0]) ? [value.length, value[0].length] : [value.length],
    ]),
  );

  it.each(["float64", "float32"] as const)(
    "%s: single, and by kernels in a batch, as the reference has it",
    (dtype) => {
      const tolerance = dtype === "float32" ? 1e-5 : 1e-12;
      const module = compile(source, { dtype, inputs: shapes });
      near(module.evaluate(inputs), expected, tolerance);
      if (Object.keys(inputs).length === 0) return;
      const rows = 96;
      const columns = Object.fromEntries(
        Object.entries(inputs).map(([name, value]) => [
          name,
          Float64Array.from(Array.from({ length: rows }, () => flat(value)).flat()),
        ]),
      );
      const found = [...module.batch(columns)];
      const width = flat(expected).length;
      expect(found.length).toBe(rows * width);
      for (const row of [0, 41, rows - 1]) near(found.slice(row * width, (row + 1) * width), flat(expected), tolerance);
    },
  );

  it("has a Jacobian, which differences confirm", () => {
    const module = compile(source, { inputs: shapes });
    const { jacobian } = module.jacobian(inputs);
    const h = 1e-5;
    for (const [name, value] of Object.entries(inputs)) {
      if (typeof value !== "number") continue;
      const along = (x: number) => flat(module.evaluate({ ...inputs, [name]: x }));
      const [low, high] = [along(value - h), along(value + h)];
      near(jacobian[name], high.map((x, i) => (x - low[i]) / (2 * h)), 1e-7); // biome-ignore format: as it is
    }
  });
});

it("refuses a derivative whose order is found out by the run", () => {
  const source = "(define (nth x n) (if (= n 0) (* x x x) (derivative (nth x (- n 1)) x))) (nth x 2)";
  expect(() => compile(source)).toThrow(
    '1:41: this derivative is of a call of "nth", whose own value takes this derivative: its order has no bound',
  );
  const mutual =
    "(define (f x) (if (< x 0) x (derivative (g x) x))) (define (g x) (if (< x 1) x (* x (f (- x 1))))) (f x)";
  expect(() => compile(mutual)).toThrow('1:29: this derivative is of a call of "f", whose own value takes');
});

it("refuses shapes that don't fit, at compile time where they are known", () => {
  const message =
    "1:1: the derivative of a 2x2 matrix with respect to a vector of 2 would have more than two dimensions";
  expect(() => compile("(derivative (outer v v) v)", { inputs: { v: [2] } })).toThrow(message);
  expect(() => compile("(derivative (outer v v) v)").evaluate({ v: [1, 2] })).toThrow(message);
  expect(() => compile("(derivative (dot v [1 2 3]) x) x", { inputs: { v: [2] } })).toThrow('"dot"');
});

it("is known to explain: its inputs without slope, its kinks, its range", () => {
  const found = explain("(derivative (* y (abs x)) x)", { ranges: { x: [1, 2], y: [3, 4] } });
  expect(found.value.range).toEqual([3, 4]);
  expect(found.slopes.x.range).toEqual([0, 0]);
});

it("many elements are swept back at once", () => {
  const module = compile("(derivative (vsum (* (sin v) (exp v))) v)", { inputs: { v: [500] } });
  const v = Array.from({ length: 500 }, (_, i) => i / 500);
  near(
    module.evaluate({ v }),
    v.map((x) => (Math.cos(x) + Math.sin(x)) * Math.exp(x)),
    1e-12,
  );
});

const names = ["x", "y", "z"];
const budget = { iterations: 20_000, frames: 2000 };
const cases = fc.record({
  source: randomProgram({ inputs: names, derivatives: true }),
  row: fc.tuple(
    ...names.map(() =>
      fc.oneof(
        fc.integer({ min: -2, max: 2 }),
        fc.integer({ min: -30, max: 30 }).map((k) => k / 10),
      ),
    ),
  ),
});

/** A value, or the message of the error that took its place. */
function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof SoftmachineError) return error.message;
    throw error;
  }
}

test("random programs that take derivatives: slots give the reference's value", () => {
  let compared = 0;
  fc.assert(
    fc.property(cases, ({ source, row }) => {
      const program = readProgram(source);
      const inputs = Object.fromEntries(program.inputs.map((name) => [name, row[names.indexOf(name)]]));
      const expected = outcome(() => evaluateReference(program, inputs, budget));
      const found = outcome(() => compile(source, budget).evaluate(inputs));
      // Where a branch passes nothing on, NaN may be a number here: nothing times infinity is nothing.
      if (typeof expected === "number" && !Number.isFinite(expected)) return;
      expect(typeof found === "number" ? found + 0 : found).toEqual(
        typeof expected === "number" ? expected + 0 : expected,
      );
      if (source.includes("derivative")) compared++;
    }),
    { numRuns: 600 },
  );
  expect(compared).toBeGreaterThan(200);
});

test("random programs on arrays that take derivatives: slots give the reference's value, to rounding", () => {
  const shapes = { x: [], v: [2], M: [2, 2] };
  const number = fc.integer({ min: -30, max: 30 }).map((k) => k / 10 + 0.0137);
  const pair = fc.tuple(number, number);
  const arrays = fc.record({
    source: fc
      .constantFrom([], [2], [2, 2])
      .chain((shape) => randomProgram({ inputs: ["x"], arrays: { v: [2], M: [2, 2] }, shape, derivatives: true })),
    inputs: fc.record({ x: number, v: pair, M: fc.tuple(pair, pair) }),
  });
  let compared = 0;
  fc.assert(
    fc.property(arrays, ({ source, inputs }) => {
      const program = readProgram(source);
      const given = Object.fromEntries(program.inputs.map((name) => [name, inputs[name as keyof typeof inputs]]));
      const wanted = outcome(() => evaluateReference(program, given, budget));
      const found = outcome(() => compile(source, { inputs: shapes, ...budget }).evaluate<NestedNumbers>(inputs));
      if (typeof wanted === "string" || typeof found === "string") {
        expect(typeof found).toBe(typeof wanted);
        return;
      }
      const size = Math.max(1, ...flat(wanted).map(Math.abs));
      // An ill-conditioned inverse's slopes are as uncertain as the inverse itself.
      if (!source.includes("derivative") || !flat(wanted).every(Number.isFinite) || size > 1e6) return;
      compared++;
      expect(flat(found).length).toBe(flat(wanted).length);
      for (const [i, x] of flat(found).entries()) expect(Math.abs(x - flat(wanted)[i])).toBeLessThan(1e-7 * size);
    }),
    { numRuns: 200 },
  );
  expect(compared).toBeGreaterThan(50);
});

test("random programs: the derivative of a program's expression is the program's slope", () => {
  let compared = 0;
  fc.assert(
    fc.property(cases, ({ source, row }) => {
      const lines = source.split("\n");
      // A constant defined outside the expression is constant to its derivative.
      if (lines.some((line) => line.startsWith("(define ") && !line.startsWith("(define ("))) return;
      const main = lines[lines.length - 1];
      const whole = compile(source, budget);
      for (const name of whole.inputs) {
        const inside = compile([...lines.slice(0, -1), `(derivative ${main} ${name})`].join("\n"), budget);
        const inputs = Object.fromEntries(whole.inputs.map((input) => [input, row[names.indexOf(input)]]));
        const slopes = outcome(() => whole.gradient<number>(inputs));
        const slope = outcome(() => inside.evaluate(inputs));
        if (typeof slopes === "string") expect(typeof slope).toBe("string");
        else if (Number.isFinite(slopes.gradient[name]) && Number.isFinite(slope)) {
          compared++;
          near(slope, slopes.gradient[name], 1e-9);
        }
      }
    }),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(100);
});
