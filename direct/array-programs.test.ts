import fc from "fast-check";
import { expect, test } from "vitest";
import { evaluateReference, readProgram, SoftmachineError, type Value } from "../scheme/index.js";
import { compile, type NestedNumbers } from "./index.js";

// Random programs on vectors of 3 and 3x3 matrices, and what they give on every way to run them.

type Typed = Record<"scalar" | "vector" | "matrix", string>;

const scalars = ["x", "0.5", "(ref v 1)", "2"];
const pick = (names: readonly string[]) => fc.constantFrom(...names);
const join = (...items: string[]) => `(${items.join(" ")})`;

/** Expressions of each kind, `derivatives` among them or not. */
const expressions = (derivatives: boolean) =>
  fc.letrec<Typed>((tie) => {
    const s: fc.Arbitrary<string> = tie("scalar");
    const v: fc.Arbitrary<string> = tie("vector");
    const m: fc.Arbitrary<string> = tie("matrix");
    const depth = { maxDepth: 3, depthSize: "small", withCrossShrink: true } as const;
    const choice = (of: fc.Arbitrary<string>) =>
      fc.tuple(s, of, of).map(([test, a, b]) => join("if", join(">", test, "0.3"), a, b));
    const iteration = (of: fc.Arbitrary<string>, step: (a: string) => string) =>
      fc.tuple(fc.nat({ max: 3 }), of).map(([count, first]) => {
        const next = join("recur", "(+ i 1)", step("a"));
        return `(loop ((i 0) (a ${first})) (if (< i ${count}) ${next} a))`;
      });
    const slopes = (...kinds: (readonly [of: fc.Arbitrary<string>, variable: string])[]) =>
      derivatives ? kinds.map(([of, variable]) => of.map((body) => join("derivative", body, variable))) : [];
    return {
      scalar: fc.oneof(
        depth,
        pick(scalars),
        fc.tuple(pick(["+", "-", "*", "max"]), s, s).map((parts) => join(...parts)),
        fc.tuple(v, v).map(([a, b]) => join("dot", a, b)),
        v.map((a) => join("vsum", a)),
        v.map((a) => join("norm", a)),
        m.map((a) => join("trace", a)),
        m.map((a) => join("det", a)),
        fc.tuple(v, s).map(([a, i]) => join("ref", a, join("modulo", join("floor", i), "3"))),
        choice(s),
        ...slopes([s, "x"]),
      ),
      vector: fc.oneof(
        depth,
        pick(["v", "[x 1 -2]", "(ref M 1)", "(zeros 3)"]),
        fc.tuple(pick(["+", "-", "*", "cross"]), v, v).map((parts) => join(...parts)),
        fc.tuple(s, v).map(([a, b]) => join("scale", a, b)),
        fc.tuple(m, v).map(([a, b]) => join("matvec", a, b)),
        fc.tuple(pick(["sin", "tanh", "-"]), v).map((parts) => join(...parts)),
        choice(v),
        ...slopes([s, "v"], [v, "x"]),
        iteration(v, (a) => `(+ (* 0.5 ${a}) (matvec M (tanh ${a})))`),
      ),
      matrix: fc.oneof(
        depth,
        pick(["M", "(eye 3)", "(mat v [1 2 3] v)"]),
        fc.tuple(pick(["+", "-", "*", "matmul"]), m, m).map((parts) => join(...parts)),
        fc.tuple(v, v).map(([a, b]) => join("outer", a, b)),
        pick(["transpose", "inv"]).chain((op) => m.map((a) => join(op, a))),
        choice(m),
        ...slopes([s, "M"], [v, "v"], [m, "x"]),
        iteration(m, (a) => `(matmul ${a} (* 0.4 M))`),
      ),
    };
  });

const { scalar, vector, matrix } = expressions(false);

const number = fc.integer({ min: -30, max: 30 }).map((k) => k / 10 + 0.0137);
const row = fc.tuple(number, number, number);
const cases = fc.record({
  body: fc.oneof(scalar, vector, matrix),
  inputs: fc.record({ x: number, v: row, M: fc.tuple(row, row, row) }),
});
const shapes = { x: [], v: [3], M: [3, 3] };
const flat = (value: NestedNumbers): number[] => (typeof value === "number" ? [value] : value.flatMap(flat));

function outcome<T>(run: () => T): T | string {
  try {
    return run();
  } catch (error) {
    if (error instanceof SoftmachineError) return error.message;
    throw error;
  }
}

/** A program that uses every input. */
const whole = (body: string) => `(define (unused x v M) 0) (let ((u (unused x v M))) ${body})`;

test("random programs on arrays: the reference's value, single and in a batch of the same size as the vectors", () => {
  fc.assert(
    fc.property(cases, ({ body, inputs }) => {
      const source = whole(body);
      const wanted = outcome(() => evaluateReference(readProgram(source), inputs));
      // A test for a fault that a branch not taken has is the compiler's alone; these programs have none but indices.
      const module = compile(source, { inputs: shapes });
      const found = outcome(() => module.evaluate<Value>(inputs));
      if (typeof wanted === "string") {
        expect(typeof found).toBe("string");
        return;
      }
      expect(found).toEqual(wanted);
      expect(compile(source).evaluate(inputs)).toEqual(wanted);
      const rows = 3;
      const { x, v, M } = inputs;
      const batch = outcome(() =>
        module.batch({
          x: new Float64Array(rows).fill(x),
          v: Float64Array.from({ length: rows * 3 }, (_, i) => v[i % 3]),
          M: [...M.map((items) => [...items])],
        }),
      );
      expect([...batch]).toEqual(Array.from({ length: rows }, () => flat(wanted)).flat());
    }),
    { numRuns: 150 },
  );
});

test("random programs on arrays: forward mode, reverse mode and differences agree", () => {
  let compared = 0;
  fc.assert(
    fc.property(fc.record({ body: scalar, inputs: cases.map((one) => one.inputs) }), ({ body, inputs }) => {
      const module = compile(whole(body), { inputs: shapes, iterations: 10_000 });
      const found = outcome(() => module.gradient<NestedNumbers>(inputs));
      if (typeof found === "string") return;
      const tangents = {
        x: 0.3,
        v: [1, -0.5, 0.2],
        M: [
          [0.1, 0, 1],
          [0, -0.4, 0],
          [1, 0.3, 0],
        ],
      };
      const { tangent } = module.jvp<number>(inputs, tangents);
      const slopes = Object.values(found.gradient).flatMap(flat);
      const speeds = module.inputs.flatMap((name) => flat(tangents[name as keyof typeof tangents]));
      const along = slopes.reduce((sum, slope, i) => sum + slope * speeds[i], 0);
      if (!Number.isFinite(along) || !Number.isFinite(tangent)) return;
      const size = slopes.reduce((sum, slope, i) => sum + Math.abs(slope * speeds[i]), 1);
      expect(Math.abs(along - tangent)).toBeLessThan(1e-7 * size);
      const { x, v, M } = inputs;
      const at = (h: number) => {
        const value = outcome(() =>
          module.evaluate({
            x: x + h * tangents.x,
            v: v.map((item, i) => item + h * tangents.v[i]),
            M: M.map((items, i) => items.map((item, j) => item + h * tangents.M[i][j])),
          }),
        );
        return typeof value === "number" ? value : Number.NaN;
      };
      const h = 1e-5;
      const [low, middle, high] = [at(-h), found.value, at(h)];
      const sides = [(middle - low) / h, (high - middle) / h];
      const scale = Math.max(1, Math.abs(tangent), Math.abs(middle));
      // Differences that disagree with one another say nothing.
      if (scale > 1e4 || !(Math.abs(sides[0] - sides[1]) < 1e-3 * scale)) return;
      compared++;
      expect(Math.abs(tangent - (high - low) / (2 * h))).toBeLessThan(2e-3 * scale);
    }),
    { numRuns: 120, seed: 2026 },
  );
  expect(compared).toBeGreaterThan(50);
});

test("random programs on arrays that take derivatives: slots give the reference's value, to rounding", () => {
  const { scalar, vector, matrix } = expressions(true);
  let compared = 0;
  fc.assert(
    fc.property(
      fc.record({ body: fc.oneof(scalar, vector, matrix), inputs: cases.map((one) => one.inputs) }),
      (one) => {
        const source = whole(one.body);
        const wanted = outcome(() => evaluateReference(readProgram(source), one.inputs));
        const found = outcome(() => compile(source, { inputs: shapes }).evaluate<Value>(one.inputs));
        if (typeof wanted === "string") expect(typeof found).toBe("string");
        if (typeof wanted === "string" || typeof found === "string" || !one.body.includes("derivative")) return;
        const [a, b] = [flat(found), flat(wanted)];
        expect(a.length).toBe(b.length);
        const size = Math.max(1, ...b.map(Math.abs));
        // An ill-conditioned inverse's slopes are as uncertain as the inverse itself.
        if (!b.every(Number.isFinite) || size > 1e6) return;
        compared++;
        for (const [i, x] of a.entries()) expect(Math.abs(x - b[i]), source).toBeLessThan(1e-7 * size);
      },
    ),
    { numRuns: 300 },
  );
  expect(compared).toBeGreaterThan(50);
});
