import fc from "fast-check";
import { expect, test } from "vitest";
import { DomainError, SoftmachineError } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { compile, type Extent, explain, explanationText, type NestedNumbers } from "./index.js";
import { arrayPrograms } from "./testing.js";

const rangeOf = (source: string, ranges: Record<string, [number, number]>) => explain(source, { ranges }).value.range;

test("names the operation that may leave its domain, where it stands, and where its argument may be", () => {
  const found = explain("(+ 1\n   (sqrt (- 1 (square v))))", { ranges: { v: [0, 2] } });
  expect(found.faults).toEqual([
    {
      op: "sqrt",
      line: 2,
      column: 4,
      text: "(sqrt (- 1 (square v)))",
      what: "square root of a negative number",
      argument: 1,
      interval: { range: [-3, 1], mayBeNaN: false },
    },
  ]);
  expect(found.value).toEqual({ range: [1, 2], mayBeNaN: true });
  expect(explain("(sqrt (- 1 (square v)))", { ranges: { v: [0, 0.5] } }).faults).toEqual([]);
});

test.each([
  ["(/ 1 x)", { x: [-1, 1] }, "/", 2],
  ["(log x)", { x: [0, 1] }, "log", 1],
  ["(asin x)", { x: [0, 1.1] }, "asin", 1],
  ["(expt x y)", { x: [-1, 1], y: [0.5, 2] }, "expt", 1],
  ["(expt x -2)", { x: [0, 1] }, "expt", 1],
  ["(modulo 5 x)", { x: [0, 3] }, "modulo", 2],
  ["(gcd x 4)", { x: [1, 2] }, "gcd", 1],
  ["(begin (sqrt -1) x)", { x: [0, 1] }, "sqrt", 1],
] as const)("%s may fail", (source, ranges, op, argument) => {
  expect(explain(source, { ranges }).faults).toMatchObject([{ op, argument }]);
});

test.each([
  ["(if (> x 0) (log x) 0)", { x: [-1, 1] }],
  ["(if (<= x 0) 0 (log x))", { x: [-1, 1] }],
  ["(if (and (> x 0) (< x 1)) (acos (sqrt x)) 0)", { x: [-9, 9] }],
  ["(if (or (= x 0) (negative? x)) 0 (/ 1 x))", { x: [-1, 1] }],
  ["(let ((d (- 1 x))) (if (< x 1) (sqrt d) 0))", { x: [-9, 9] }],
  ["(if (not (zero? x)) (/ 1 x) 0)", { x: [0, 9] }],
  ["(gcd (round x) 4)", { x: [1, 2] }],
  ["(loop ((i 0) (a 1)) (if (< i 30) (recur (+ i 1) (* a x)) (log a)))", { x: [1, 2] }],
  ["(loop ((i 1) (a 0)) (if (< i n) (recur (+ i 1) (+ a (/ 1 i))) (sqrt a)))", { n: [0, 1e9] }],
  ["(define (f n) (if (<= n 0) 1 (* 2 (f (- n 1))))) (sqrt (f x))", { x: [0, 20] }],
  ["(define (f n) (if (<= n 0) 1 (+ 1 (f (- n 1))))) (sqrt (f x))", { x: [0, 1e6] }],
] as const)("%s is safe, and said to be", (source, ranges) => {
  expect(explain(source, { ranges }).faults).toEqual([]);
});

test("a call that goes on for long is widened", () => {
  const source = "(define (down n) (if (<= n 0) n (down (- n 1)))) (+ (down x) (log x))";
  const found = explain(source, { ranges: { x: [1, 1e5] } });
  expect(found.faults).toEqual([]);
  const value = compile(source).evaluate({ x: 7.5 });
  expect(found.value.range?.[0]).toBeLessThanOrEqual(value);
  expect(found.value.range?.[1]).toBeGreaterThanOrEqual(value);
});

test("kinks and steps, and whether they can be met", () => {
  const { kinks } = explain("(+ (abs x) (max x 5) (floor y) (modulo y 7))", { ranges: { x: [1, 2], y: [0.5, 1.5] } });
  expect(kinks.map(({ op, derivative, reached }) => [op, derivative, reached])).toEqual([
    ["abs", "kinked", false],
    ["max", "kinked", false],
    ["floor", "step", true],
    ["modulo", "kinked", false],
  ]);
});

test("inputs that carry no gradient, and why", () => {
  const source = "(+ (floor a) (if (> b 0) 1 2) (max c 10) (* d 2))";
  const module = compile(source, { inputs: { e: [] } });
  expect(explain(module, { ranges: { c: [0, 1] } }).flat).toEqual({ a: "steps", b: "steps", c: "flat", e: "unused" });
});

test("slopes have ranges, and places where they are infinite", () => {
  const { slopes, steep } = explain("(+ (sqrt x) (square y))", { ranges: { x: [0, 1], y: [1, 2] } });
  expect(slopes.y).toEqual({ range: [2, 4], mayBeNaN: false });
  expect(steep).toMatchObject([{ line: 1, column: 4, text: "(sqrt x)" }]);
  expect(explain("(sqrt x)", { ranges: { x: [0.25, 1] } })).toMatchObject({
    steep: [],
    slopes: { x: { range: [0.5, 1], mayBeNaN: false } },
  });
});

test("overflow is named where it begins", () => {
  const { overflows, faults } = explain("(+ 1 (exp x))", { ranges: { x: [0, 1000] } });
  expect(faults).toEqual([]);
  expect(overflows).toMatchObject([{ op: "exp", column: 6 }]);
});

test("a loop's bounds come back after widening", () => {
  const source = "(loop ((i 0)) (if (< i 100000) (recur (+ i 1)) i))";
  expect(rangeOf(source, {})).toEqual([100000, 100000]);
});

test("ranges that can't be", () => {
  const source = "(* speed 2)";
  expect(() => explain(source, { ranges: { sped: 1 } })).toThrow('unknown input "sped" (did you mean "speed"?)');
  expect(() => explain(source, { ranges: { speed: [2, 1] } })).toThrow("must be a number or [low, high]");
  expect(() => explain(source, { ranges: { speed: Number.NaN } })).toThrow("must be a number or [low, high]");
});

test("parameters stand where no range is given; a module has its options already", () => {
  const module = compile("(log (- k x))", { params: { k: 2 } });
  expect(explain(module, { ranges: { x: [0, 1] } })).toMatchObject({ ranges: { x: [0, 1], k: [2, 2] }, faults: [] });
  expect(module.explain({ x: [0, 1], k: [0, 1] }).faults).toMatchObject([{ op: "log" }]);
  expect(() => explain(module, { dtype: "float32" })).toThrow("a module is compiled already");
});

test("as text", () => {
  const text = explanationText(explain("(sqrt (- 1 (square v)))", { ranges: { v: [0, 2] } }));
  expect(text).toContain("1:1 (sqrt (- 1 (square v))): square root of a negative number; argument 1 is in [-3, 1]");
  expect(explanationText(explain("(* x 2)"))).toContain("x: any number");
  const thirds = explanationText(explain("(/ x 3)", { ranges: { x: [-1, 2] } }));
  expect(thirds).toContain("value\n  [-0.333334, 0.666667]");
});

const names = ["x", "y", "z"];
const ends = fc.tuple(fc.integer({ min: -40, max: 40 }), fc.integer({ min: 0, max: 40 }));
const cases = fc.record({
  source: randomProgram({ inputs: names, derivatives: true }),
  ranges: fc.tuple(ends, ends, ends).map((all) => all.map(([low, width]) => [low / 10, (low + width) / 10] as const)),
  rows: fc.array(fc.tuple(...names.map(() => fc.integer({ min: 0, max: 16 }))), { minLength: 1, maxLength: 6 }),
  dtype: fc.constantFrom("float64" as const, "float32" as const),
});

test("random programs: values and slopes lie where it is said, and nothing fails but what is named", () => {
  const budget = { iterations: 20_000, frames: 2000 };
  let safe = 0;
  fc.assert(
    fc.property(cases, ({ source, ranges, rows, dtype }) => {
      const module = compile(source, { dtype, domain: "strict", ...budget });
      const given = Object.fromEntries(module.inputs.map((name) => [name, ranges[names.indexOf(name)]]));
      const found = explain(source, { dtype, ranges: given });
      if (found.faults.length === 0) safe++;
      const free = compile(source, { dtype, ...budget });
      const named = found.faults.map(({ op, line, column }) => `"${op}" at ${line}:${column}`);
      for (const row of rows) {
        const inputs = Object.fromEntries(
          module.inputs.map((name) => {
            const [low, high] = given[name];
            return [name, Math.min(high, low + ((high - low) * row[names.indexOf(name)]) / 16)];
          }),
        );
        const inside = (
          value: number,
          { range, mayBeNaN }: { range?: readonly [number, number]; mayBeNaN: boolean },
        ) => (Number.isNaN(value) ? mayBeNaN : range !== undefined && range[0] <= value && value <= range[1]);
        try {
          const { value, gradient } = free.gradient(inputs);
          expect(inside(value, found.value), `value ${value}`).toBe(true);
          for (const name of module.inputs)
            expect(inside(gradient[name], found.slopes[name]), `d/d${name} ${gradient[name]}`).toBe(true);
        } catch (error) {
          if (!(error instanceof SoftmachineError)) throw error;
        }
        try {
          module.evaluate(inputs);
        } catch (error) {
          if (!(error instanceof DomainError)) continue;
          expect(named.some((place) => error.message.startsWith(place))).toBe(true);
        }
      }
    }),
    { numRuns: 400 },
  );
  expect(safe).toBeGreaterThan(20);
});

test("elements of arrays, and an index that may be outside", () => {
  const options = { inputs: { v: [2], i: [] } };
  const found = explain("(sqrt (ref v i))", { ...options, ranges: { v: [1, 4], i: [0, 2] } });
  expect(found.ranges).toEqual({ "v[0]": [1, 4], "v[1]": [1, 4], i: [0, 2] });
  expect(found.faults).toMatchObject([{ op: "ref", argument: 1, interval: { range: [0, 2] } }]);
  const safe = explain("(sqrt (dot v v))", { inputs: { v: [2] }, ranges: { v: [-3, 4] } });
  expect(safe.faults).toEqual([]);
  expect(safe.value.range?.[1]).toBeCloseTo(Math.sqrt(32), 12);
});

test("operations on arrays that may give infinities or have infinite slopes are named", () => {
  const matrix = { inputs: { M: [2, 2] }, ranges: { M: [-1, 1] } } as const;
  expect(explain("(+ 1 (trace (inv M)))", matrix)).toMatchObject({
    faults: [{ op: "inv", what: "singular matrix" }],
    overflows: [{ op: "inv", line: 1, column: 13, text: "(inv M)" }],
  });
  const vector = (low: number) => explain("(norm v)", { inputs: { v: [3] }, ranges: { v: [low, 1] } });
  expect(vector(-1)).toMatchObject({ overflows: [], steep: [{ op: "norm" }] });
  expect(vector(0.5)).toMatchObject({ overflows: [], steep: [] });
  const zero = explain("(ref (normalize v) 0)", { inputs: { v: [2] }, ranges: { v: [0, 1] } });
  expect(zero).toMatchObject({ faults: [{ op: "normalize" }], overflows: [{ op: "normalize", column: 6 }] });
  const length = compile("(norm v)", { inputs: { v: [2] } });
  expect(explain(compile("(log d)").compose({ d: length }), { ranges: { v: [0, 1] } }).steep).toMatchObject([
    { op: "norm" },
  ]);
});

test("elements of an array that are alike are told in one line", () => {
  const options = { inputs: { v: [12], w: [2], x: [] } };
  const text = explanationText(
    explain("(+ x (* 2 (vsum v)) (floor (vsum w)))", { ...options, ranges: { v: [0, 1], w: 2 } }),
  );
  expect(text).toContain("v[0] to v[11] in [0, 1]\n  w[0] to w[1] = 2\n");
  expect(text).toContain("d/dv[0] to v[11] = 2\n");
  expect(text).toContain("no gradient\n  w[0] to w[1]: the value depends on it only through steps");
});

test("programs on arrays: values and slopes lie where it is said", () => {
  const spread = fc.double({ min: 0, max: 1, noNaN: true });
  const near = (value: NestedNumbers, shift: number): NestedNumbers =>
    typeof value === "number" ? value + shift : value.map((one) => near(one, shift));
  const flat = (value: NestedNumbers): readonly number[] => (typeof value === "number" ? [value] : value.flatMap(flat));
  for (const { source, shapes, inputs } of arrayPrograms) {
    const module = compile(source, { inputs: shapes });
    const ranges = Object.fromEntries(
      module.inputs.map((name) => {
        const numbers = flat(inputs[name]);
        return [name, [Math.min(...numbers), Math.max(...numbers) + 0.25] as const];
      }),
    );
    const { value, slopes } = explain(module, { ranges });
    const inside = (number: number, { range, mayBeNaN }: Extent) =>
      Number.isNaN(number) ? mayBeNaN : range !== undefined && range[0] <= number && number <= range[1];
    fc.assert(
      fc.property(spread, (part) => {
        const given = Object.fromEntries(module.inputs.map((name) => [name, near(inputs[name], 0.25 * part)]));
        for (const number of flat(module.evaluate<NestedNumbers>(given)))
          expect(inside(number, value), `${source}: ${number}`).toBe(true);
        if (module.shape.length > 0) return;
        for (const [name, slope] of Object.entries(module.gradient<NestedNumbers>(given).gradient))
          for (const [i, one] of flat(slope).entries()) {
            const [rows, columns = 1] = shapes[name];
            const element =
              rows === undefined
                ? name
                : shapes[name].length === 1
                  ? `${name}[${i}]`
                  : `${name}[${Math.floor(i / columns)}][${i % columns}]`;
            expect(inside(one, slopes[element]), `${source}: d/d${element} ${one}`).toBe(true);
          }
      }),
      { numRuns: 5 },
    );
  }
});

test("a module says the same as its source, strict or not", () => {
  const ranges = { M: [1, 2] } as const;
  const options = { inputs: { M: [2, 2] } };
  const source = "(let ((unused (sqrt (trace (- M))))) (det (inv M)))";
  const module = compile(source, options);
  expect(module.explain(ranges)).toEqual(explain(source, { ...options, ranges }));
  expect(module.explain(ranges).faults.map(({ op }) => op)).toEqual(["sqrt", "inv"]);
  const composed = compile("(* d d)").compose({ d: module });
  expect(composed.explain(ranges).faults.map(({ op }) => op)).toContain("inv");
  expect(compile("(normalize v)", { inputs: { v: [2] } }).explain({ v: [0, 1] }).faults).toMatchObject([
    { op: "normalize" },
  ]);
});
