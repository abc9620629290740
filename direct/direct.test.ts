import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateReference, isScalarOp, type OpName, opNames, readProgram, specOf } from "../scheme/index.js";
import { outsideDomain } from "../scheme/testing.js";
import { compile, explain } from "./index.js";

/** Slope by central differences, with a step that suits values near 1. */
function difference(f: (x: number) => number, x: number, h = 1e-5): number {
  return (f(x + h) - f(x - h)) / (2 * h);
}

const scalarOps = opNames.filter(isScalarOp);

function sampleArguments(op: OpName, count: number, random: () => number): number[] {
  const { sample } = specOf(op);
  return Array.from({ length: count }, (_, i) => {
    const [low, high] = sample[Math.min(i, sample.length - 1)];
    return low + (high - low) * random();
  });
}

function arityOf(op: OpName): number {
  const { arity, spread } = specOf(op);
  return spread ? 2 : arity[0];
}

/** A small generator of uniform numbers with a seed (mulberry32). */
function uniform(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

describe.each(scalarOps)("%s", (op) => {
  const count = arityOf(op);
  const names = ["x", "y"].slice(0, count);
  const source = `(${op} ${names.join(" ")})`;
  const module = compile(source);
  const inputs = (args: readonly number[]) => Object.fromEntries(names.map((name, i) => [name, args[i]]));

  test("has the reference's value, bit for bit", () => {
    const program = readProgram(source);
    const special = [0, -0, 1, -1, 2.5, -2.5, 7, 1e300, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NaN];
    for (const x of special)
      for (const y of special) {
        const at = inputs([x, y]);
        expect(module.evaluate(at), `at ${JSON.stringify(at)}`).toBe(evaluateReference(program, at));
      }
  });

  test("has the slopes of central differences, to second order", () => {
    const random = uniform(1 + opNames.indexOf(op));
    for (let trial = 0; trial < 20; trial++) {
      const args = sampleArguments(op, count, random);
      const { gradient, value } = module.gradient(inputs(args));
      expect(value).toBe(module.evaluate(inputs(args)));
      for (const [i, name] of names.entries()) {
        const along = (f: (at: Record<string, number>) => number) => (x: number) => f(inputs(args.with(i, x)));
        const step = specOf(op).derivative === "step";
        const expected = step ? 0 : difference(along(module.evaluate.bind(module)), args[i]);
        expect(Math.abs(gradient[name] - expected)).toBeLessThan(1e-6 * Math.max(1, Math.abs(expected)));
        const slope = module.partial(name);
        for (const [j, other] of names.entries()) {
          const alongOther = (x: number) => slope.evaluate(inputs(args.with(j, x)));
          const second = step ? 0 : difference(alongOther, args[j]);
          const exact = slope.gradient(inputs(args)).gradient[other];
          expect(Math.abs(exact - second)).toBeLessThan(1e-5 * Math.max(1, Math.abs(second)));
        }
      }
    }
  });
});

describe("subgradients are PyTorch's", () => {
  test.each([
    ["(abs x)", { x: 0 }, { x: 0 }],
    ["(max x y)", { x: 2, y: 2 }, { x: 0.5, y: 0.5 }],
    ["(min x y)", { x: 2, y: 2 }, { x: 0.5, y: 0.5 }],
    ["(max x y)", { x: 3, y: 2 }, { x: 1, y: 0 }],
    ["(expt x 2)", { x: 0 }, { x: 0 }],
    ["(expt x 1)", { x: 0 }, { x: 1 }],
    ["(expt x y)", { x: 0, y: 0 }, { x: 0, y: 0 }],
    ["(expt x y)", { x: 0, y: 2 }, { x: 0, y: 0 }],
    ["(sqrt x)", { x: 0 }, { x: Number.POSITIVE_INFINITY }],
    ["(modulo x y)", { x: 7.5, y: 2 }, { x: 1, y: -3 }],
    ["(modulo x y)", { x: -7.5, y: 2 }, { x: 1, y: 4 }],
    ["(remainder x y)", { x: -7.5, y: 2 }, { x: 1, y: 3 }],
    ["(quotient x y)", { x: 7.5, y: 2 }, { x: 0, y: 0 }],
    ["(floor x)", { x: 2 }, { x: 0 }],
  ])("%s at %o", (source, inputs, gradient) => {
    const found = compile(source).gradient(inputs as Record<string, number>).gradient;
    for (const [name, slope] of Object.entries(gradient)) expect(found[name] + 0).toBe(slope + 0);
  });
});

const programs: readonly (readonly [source: string, inputs: Record<string, number>])[] = [
  ["(* (- 0 (/ g L)) (sin theta))", { g: 9.81, L: 1, theta: 0.3 }],
  ["(define (power n x) (if (= n 0) 1 (* x (power (- n 1) x)))) (power 5 x)", { x: 1.3 }],
  [
    `(define (even n x) (if (= n 0) x (odd (- n 1) (* x 1.01)))) (define (odd n x) (if (= n 0) 0 (even (- n 1) x)))
     (even 200 x)`,
    { x: 1.2 },
  ],
  [
    `(let outer ((i 0) (s x))
       (if (= i 3) s
         (let inner ((j 0) (s s)) (if (< j 4) (inner (+ j 1) (* s x)) (outer (+ i 1) (+ s x))))))`,
    { x: 1.1 },
  ],
  ["(loop ((i 0) (a x)) (if (< i 10) (recur (+ i 1) (+ (* a y) i)) (* a a)))", { x: 0.3, y: 0.7 }],
  ["(if (> x 0) (if (> y 0) (* x y y) (sin x)) (log x))", { x: 0.5, y: 2 }],
  ["(if (> x 0) (if (> y 0) (* x y y) (sin x)) (exp x))", { x: -0.5, y: 2 }],
  ["(let ((t (if (> x 0) (sqrt x) x))) (* t t y (if (< t 1) t (exp t))))", { x: 2, y: 3 }],
  ["(do ((i 0 (+ i 1)) (r x (- r (/ (- (* r r) a) (* 2 r))))) ((= i 4) r))", { x: 1, a: 2 }],
  ["(define (tree n x) (if (<= n 0) x (+ (tree (- n 1) x) (* x (tree (- n 2) x))))) (tree 6 x)", { x: 0.7 }],
  ["(define (sq v) (* v v)) (+ (let ((f (lambda (a) (* a x)))) (f (f y))) (call sq x))", { x: 2, y: 3 }],
  [
    "(define k (* 2 x)) (define (f a) (* k a)) (loop ((i 0) (s 0)) (if (< i 3) (recur (+ i 1) (+ s (f i) y)) s))",
    { x: 2, y: 1 },
  ],
];

test("powers with a constant exponent, and quotients, have the slopes of central differences, to second order", () => {
  for (const source of ["(expt x 3)", "(expt x -1)", "(expt x 0.5)", "(expt x 2.5)", "(/ (- 1 x) (* x (- 0 x)))"]) {
    const module = compile(source);
    const slope = module.partial("x");
    for (const x of [0.3, 1, 2.75]) {
      const first = difference((at) => module.evaluate({ x: at }), x);
      const second = difference((at) => slope.evaluate({ x: at }), x);
      expect(module.gradient({ x }).gradient.x).toBeCloseTo(first, 4);
      expect(slope.gradient({ x }).gradient.x).toBeCloseTo(second, 4);
    }
  }
  expect(compile("(expt x 0.5)").gradient({ x: 0 }).gradient.x).toBe(Number.POSITIVE_INFINITY);
  expect(compile("(expt x -1)").gradient({ x: -2 }).gradient.x).toBe(-0.25);
});

describe("programs with control flow", () => {
  test.each(programs)("%s", (source, inputs) => {
    const module = compile(source);
    const value = evaluateReference(readProgram(source), inputs);
    expect(module.evaluate(inputs)).toBe(value);
    const { gradient } = module.gradient(inputs);
    for (const name of module.inputs) {
      const along = (x: number) => module.evaluate({ ...inputs, [name]: x });
      const expected = difference(along, inputs[name]);
      expect(Math.abs(gradient[name] - expected)).toBeLessThan(1e-5 * Math.max(1, Math.abs(expected)));
      const second = difference((x) => module.gradient({ ...inputs, [name]: x }).gradient[name], inputs[name]);
      const exact = module.partial(name).gradient(inputs).gradient[name];
      expect(Math.abs(exact - second)).toBeLessThan(1e-4 * Math.max(1, Math.abs(second)));
    }
  });

  test.each(programs)("in a batch, each row goes its own way: %s", (source, inputs) => {
    const module = compile(source);
    const rows = [0.9, 1, 1.1, -1].map((factor) =>
      Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, x * factor])),
    );
    const columns = Object.fromEntries(
      module.inputs.map((name) => [name, Float64Array.from(rows, (row) => row[name])]),
    );
    const { value, gradient } = module.batchGradient(columns);
    expect([...module.batch(columns)]).toEqual([...value]);
    for (const [i, row] of rows.entries()) {
      const single = module.gradient(row);
      expect(value[i]).toBe(single.value);
      for (const name of module.inputs) expect(gradient[name][i]).toBe(single.gradient[name]);
    }
  });
});

describe("a branch not taken", () => {
  const module = compile("(+ (if (> x 0) (log x) 0) (if (> x 0) (sqrt x) (* 2 x)))");
  test("leaks nothing into value or slope", () => {
    expect(module.gradient({ x: -1 })).toEqual({ value: -2, gradient: { x: 2 } });
    expect(module.gradient({ x: 0 })).toEqual({ value: 0, gradient: { x: 2 } });
  });
  test("leaks nothing from one row into another", () => {
    const { value, gradient } = module.batchGradient({ x: Float64Array.of(-1, 4, 0) });
    expect([...value]).toEqual([-2, Math.log(4) + 2, 0]);
    expect([...gradient.x]).toEqual([2, 0.5, 2]);
  });
  test("does not recur without end", () => {
    const f = "(define (down n) (if (> n 0) (down (- n 1)) n)) (if (< x 0) 5 (down x))";
    expect(compile(f).evaluate({ x: -1 })).toBe(5);
  });
});

describe("what does not depend passes nothing on, whatever the slope it meets", () => {
  test.each<[source: string, inputs: Record<string, number>, gradient: Record<string, number>]>([
    ["(let ((r (sqrt (+ (* x x) (* y y))))) (if (> r 0) (/ x r) 0))", { x: 0, y: 0 }, { x: 0, y: 0 }],
    ["(+ (floor (sqrt x)) (if (> x 0) (sqrt x) 0))", { x: 0 }, { x: 0 }],
    [
      "(loop ((i 0) (a x) (s 0)) (if (< i 3) (recur (+ i 1) y (+ s (sqrt a))) s))",
      { x: 0, y: 1 },
      { x: Number.POSITIVE_INFINITY, y: 1 },
    ],
    ["(define (f n a b) (if (= n 0) (* b (sqrt a)) (+ 0 (f (- n 1) a b)))) (f 2 0 x)", { x: 3 }, { x: 0 }],
    [
      "(define (f n a b) (if (= n 0) (* b (sqrt a)) (+ 0 (f (- n 1) a b)))) (f 2 y x)",
      { x: 3, y: 0 },
      { x: 0, y: Number.POSITIVE_INFINITY },
    ],
  ])("%s at %o", (source, inputs, gradient) => {
    expect(compile(source).gradient(inputs).gradient).toEqual(gradient);
  });
  test("nor to the second and third derivative", () => {
    let module = compile("(let ((r (sqrt x))) (if (> r 0) (/ 1 r) 0))");
    for (let order = 0; order < 3; order++) {
      expect(module.gradient({ x: 0 })).toEqual({ value: 0, gradient: { x: 0 } });
      module = module.partial("x");
    }
  });
});

describe("budgets", () => {
  test("non-tail recursion reaches 99,000 frames, with its derivative", () => {
    const source = "(define (sum n) (if (= n 0) 0 (+ x (sum (- n 1))))) (sum 99000)";
    const { value, gradient } = compile(source).gradient({ x: 2 });
    expect(value).toBe(198_000);
    expect(gradient.x).toBe(99_000);
  });
  test("mutual tail calls take no frames, even from within loops", () => {
    const source = `
      (define (f n) (loop ((i 0)) (if (< i 2) (recur (+ i 1)) (g (- n 1)))))
      (define (g n) (if (< n 0) 7 (f n)))
      (f 200000)`;
    expect(compile(source).evaluate({})).toBe(7);
    expect(compile(source, { frames: 10 }).evaluate({})).toBe(7);
  });
  test.each([
    ["(loop ((i 0)) (recur (+ i 1)))", /still running after 10,000,000 iterations/],
    ["(define (f x) (+ 1 (f x))) (f 1)", /recursion is deeper than 100,000 frames/],
    ["(define (f x) (g x)) (define (g x) (f x)) (f 1)", /still running after/],
    ["(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 60)", /still running after/],
  ])("%s", (source, message) => {
    expect(() => compile(source).evaluate({})).toThrow(message);
  });
  test("can be set", () => {
    const source = "(define (sum n) (if (= n 0) 0 (+ 1 (sum (- n 1))))) (sum n)";
    expect(compile(source, { frames: 50 }).evaluate({ n: 40 })).toBe(40);
    expect(() => compile(source, { frames: 50 }).evaluate({ n: 60 })).toThrow("deeper than 50 frames");
    expect(() => compile(source, { iterations: 50 }).evaluate({ n: 60 })).toThrow("after 50 iterations");
  });
  test("are renewed for each row", () => {
    const module = compile("(loop ((i 0)) (if (< i n) (recur (+ i 1)) i))", { iterations: 100 });
    expect([...module.batch({ n: new Float64Array(1000).fill(90) })]).toEqual(new Array(1000).fill(90));
  });
});

describe("float32", () => {
  test("rounds after every operation", () => {
    const module = compile("(/ (+ a (* b c)) d)", { dtype: "float32" });
    const numbers = fc.float({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(numbers, numbers, numbers, numbers, (a, b, c, d) => {
        const expected = Math.fround(Math.fround(a + Math.fround(b * c)) / d);
        expect(module.evaluate({ a, b, c, d })).toBe(expected);
        expect(module.batch({ a: Float32Array.of(a), b, c, d })[0]).toBe(expected);
      }),
    );
    expect(module.batch({ a: 1, b: 1, c: 1, d: 3 })).toBeInstanceOf(Float32Array);
    expect(compile("(/ 1 3)", { dtype: "float32" }).evaluate({})).toBe(Math.fround(1 / 3));
  });
});

describe("inputs and options", () => {
  const module = compile("(* mass (square speed))");
  test.each<[string, () => unknown, string]>([
    ["missing", () => module.evaluate({ mass: 1 }), 'missing input "speed"'],
    ["a slope in what is no input", () => module.partial("sped"), 'unknown input "sped" (did you mean "speed"?)'],
    ["a hole", () => module.evaluate({ mass: new Array<number>(3), speed: 1 }), 'input "mass" must be a number'],
    ["misspelt", () => module.evaluate({ mass: 1, sped: 2 }), 'unknown input "sped" (did you mean "speed"?)'],
    ["extra", () => module.evaluate({ mass: 1, speed: 2, time: 3 }), 'unknown input "time"'],
    [
      "not a number",
      () => module.evaluate({ mass: "1", speed: 2 } as never),
      'input "mass" must be a number, not the string "1"',
    ],
    ["an empty array", () => module.evaluate({ mass: [], speed: 2 }), 'input "mass" is an empty array'],
    [
      "rows differ",
      () => module.batch({ mass: new Float64Array(2), speed: new Float64Array(3) }),
      '"mass" has 2 rows and "speed" has 3',
    ],
    [
      "plain array in a batch",
      () => module.batch({ mass: [1, 2] as never, speed: 1 }),
      "must be a typed array or a number",
    ],
    [
      "unknown option",
      () => compile("x", { dtyp: "float32" } as never),
      'unknown option "dtyp" (did you mean "dtype"?)',
    ],
    ["bad dtype", () => compile("x", { dtype: "f16" as never }), 'option dtype must be float64 or float32, not "f16"'],
    ["a number of another kind", () => module.evaluate({ mass: 1n, speed: 2 } as never), "not the bigint 1"],
    ["dtype of another kind", () => compile("x", { dtype: 1n as never }), "not the bigint 1"],
    ["entry that is no name", () => compile("x", { entry: 5 as never }), "entry must be a string, not the number 5"],
    ["options in an array", () => compile("x", [] as never), "options are given by name"],
    ["budget that is not whole", () => compile("x", { iterations: 2.5 }), "must be a whole number from 1, not 2.5"],
    ["form that is none", () => module.emit("exe" as never), 'not as the string "exe"'],
    ["too many rows", () => module.prepare(1e15), "rows are more than memory holds"],
    ["bad shape", () => compile("v", { inputs: { v: [1.5] } }), 'input "v" must be declared by its shape'],
    ["parameter that is no input", () => compile("(* g x)", { params: { h: 1 } }), 'unknown input "h"'],
    ["no partial", () => module.partial("sped"), '"sped"'],
  ])("%s", (_, run, message) => {
    expect(run).toThrow(message);
  });
  test("parameters stand where nothing is given", () => {
    const law = compile("(* g t)", { params: { g: 9.81 } });
    expect(law.evaluate({ t: 2 })).toBe(19.62);
    expect(law.evaluate({ t: 2, g: 10 })).toBe(20);
    expect(law.gradient({ t: 2 }).gradient).toEqual({ g: 2, t: 9.81 });
    expect([...law.batch({ t: Float64Array.of(1, 2) })]).toEqual([9.81, 19.62]);
  });
  test("a declared input that is not used has slope 0", () => {
    expect(compile("(* 2 x)", { inputs: { x: [], unused: [] } }).gradient({ x: 1, unused: 5 }).gradient).toEqual({
      x: 2,
      unused: 0,
    });
  });
  test("names of JavaScript's own objects are names like any other", () => {
    const odd = compile("(+ __proto__ (* constructor toString))");
    const inputs = JSON.parse('{"__proto__": 1, "constructor": 2, "toString": 3}');
    expect(odd.evaluate(inputs)).toBe(7);
    expect(Object.entries(odd.gradient(inputs).gradient)).toEqual([
      ["__proto__", 1],
      ["constructor", 3],
      ["toString", 2],
    ]);
    expect(() => compile("(+ toString 1)").evaluate({})).toThrow('missing input "toString"');
  });
});

describe("strict domain", () => {
  test.each(outsideDomain)("%s at %d, alone and in a batch", (source, x, message) => {
    const module = compile(source, { domain: "strict", inputs: { x: [] } });
    expect(() => module.evaluate({ x })).toThrow(expect.objectContaining({ name: "DomainError", message }));
    const column = Float64Array.from({ length: 80 }, (_, row) => (row === 70 ? x : 0.75));
    if (!/gcd|lcm/.test(source))
      expect(() => module.batch({ x: column })).toThrow(
        expect.objectContaining({ row: 70, message: `${message}, in row 70` }),
      );
    expect(() => compile(source, { inputs: { x: [] } }).evaluate({ x })).not.toThrow();
    const { faults } = explain(source, { ranges: { x: [x, x] } });
    expect(faults.map(({ op, line, column }) => `"${op}" at ${line}:${column}`)).toContain(message.split(": ")[0]);
  });
  test.each([
    ["(sqrt x)", -1, '"sqrt" at 1:1: square root of a negative number, in (sqrt -1)'],
    ["(log x)", 0, '"log" at 1:1'],
    ["(+ 1 (/ 2 x))", 0, '"/" at 1:6: division by zero, in (/ 2 0)'],
    ["(expt x 0.5)", -2, "fractional power of a negative number"],
    ["(let ((unused (sqrt x))) 5)", -1, "square root"],
  ])("%s at %d", (source, x, message) => {
    expect(() => compile(source, { domain: "strict" }).evaluate({ x })).toThrow(message);
    expect(() => evaluateReference(readProgram(source), { x }, { domain: "strict" })).toThrow(message);
    expect(() => compile(source).evaluate({ x })).not.toThrow();
  });
  test("a slope may be infinite inside the domain", () => {
    const options = { domain: "strict" } as const;
    expect(compile("(sqrt x)", options).gradient({ x: 0 }).gradient.x).toBe(Number.POSITIVE_INFINITY);
    expect(compile("(expt x n)", options).gradient({ x: -2, n: 2 }).gradient.x).toBe(-4);
    expect(compile("(let ((r (sqrt x))) (if (> r 0) (/ 1 r) 0))", options).gradient({ x: 0 }).gradient.x).toBe(0);
  });
  test("an operation that derivatives write too is still checked where the program has it", () => {
    const module = compile("(loop ((i 0) (a 1)) (if (< i 2) (recur (+ i 1) (+ (log x) (/ 1 x))) a))", {
      domain: "strict",
    });
    expect(() => module.gradient({ x: 0 })).toThrow("log");
    const guarded = compile("(loop ((i 0) (a 1)) (if (< i 2) (recur (+ i 1) (+ (abs x) (/ 1 x))) a))", {
      domain: "strict",
    });
    expect(() => guarded.gradient({ x: 0 })).toThrow('"/" at 1:59');
  });
  test("names the row of a batch", () => {
    const module = compile("(sqrt x)", { domain: "strict" });
    expect(() => module.batch({ x: Float64Array.of(1, 4, -9) })).toThrow("in (sqrt -9), in row 2");
  });
  test("a constant outside the domain throws only when it is reached", () => {
    const module = compile("(if (> x 0) (sqrt -1) 2)", { domain: "strict" });
    expect(module.evaluate({ x: -1 })).toBe(2);
    expect(() => module.evaluate({ x: 1 })).toThrow("square root");
  });
});

test.each([
  ["(loop ((i 0)) (if (< i x) (recur (+ i 1)) i))", /still running after 1,000 iterations; .*, in row 3$/],
  ["(define (f n) (if (< n 1) 0 (+ 1 (f (- n 1))))) (f x)", /recursion is deeper than 300 frames; .*, in row 3$/],
])("a budget that is passed in a batch names the row: %s", (source, message) => {
  const module = compile(source, { iterations: 1000, frames: 300 });
  for (const rows of [5, 100]) {
    const x = Float64Array.from({ length: rows }, (_, row) =>
      row === 3 ? 500 * (source.includes("loop") ? 3 : 1) : 2,
    );
    for (const run of [() => module.batch({ x }), () => module.batchGradient({ x })])
      expect(run).toThrow(
        expect.objectContaining({ name: "BudgetError", row: 3, message: expect.stringMatching(message) }),
      );
  }
  expect(() => module.evaluate({ x: 1500 })).toThrow(expect.objectContaining({ row: undefined }));
});

test("a prepared batch reads and writes its own arrays", () => {
  const prepared = compile("(* a (exp x))", { params: { a: 3 } }).prepare(3);
  prepared.inputs.x.set([0, 1, 2]);
  prepared.run();
  expect([...prepared.output]).toEqual([0, 1, 2].map((x) => 3 * Math.exp(x)));
  prepared.runGradient();
  expect([...prepared.gradient.a]).toEqual([0, 1, 2].map((x) => Math.exp(x)));
  expect([...prepared.gradient.x]).toEqual([...prepared.output]);
});

test("equal subexpressions are computed once, and constants not at all", () => {
  const listing = compile("(+ (sin (* x 2)) (sin (* x (+ 1 1))))").emit("slots");
  expect(listing.match(/\(sin/g)).toHaveLength(1);
  expect(listing.match(/\(\*/g)).toHaveLength(1);
});

test("a chain of 250 levels and 900 nested expressions compile and differentiate", () => {
  const chain = Array.from({ length: 250 }).reduce<string>((inner) => `(+ (* 0.999 ${inner}) y)`, "x");
  expect(compile(chain).gradient({ x: 1, y: 2 }).gradient.x).toBeCloseTo(0.999 ** 250, 12);
  const nest = Array.from({ length: 900 }).reduce<string>((inner) => `(if (> x 0) (+ 1 ${inner}) 0)`, "x");
  expect(() => compile(nest).gradient({ x: 1 })).not.toThrow(RangeError);
});
