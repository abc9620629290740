import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluateReference, readProgram, SoftmachineError } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { compile, compose, type DirectModule } from "./index.js";

describe("compose", () => {
  test("puts a module's value in place of an input, exactly, and differentiates through", () => {
    const period = compile("(* 2 3.141592653589793 (sqrt (/ L g)))", { params: { g: 9.81 } });
    const length = compile("(* L0 (+ 1 (* alpha T)))");
    const both = compose(period, { L: length });
    expect(both.inputs).toEqual(["L0", "alpha", "T", "g"]);
    const at = { L0: 1.2, alpha: 2e-5, T: 35 };
    const inner = length.gradient(at);
    const outer = period.gradient({ L: inner.value });
    const { value, gradient } = both.gradient(at);
    expect(value).toBe(outer.value);
    for (const name of ["L0", "alpha", "T"])
      expect(gradient[name]).toBeCloseTo(outer.gradient.L * inner.gradient[name], 14);
    expect(gradient.g).toBe(outer.gradient.g);
    expect(both.partial("T").evaluate(at)).toBe(gradient.T);
  });

  test("inputs of one name are one input, and a part may use the input that it replaces", () => {
    const f = compile("(+ (* 10 x) y)");
    expect(compose(f, { x: compile("(+ x y)") }).evaluate({ x: 1, y: 2 })).toBe(32);
    expect(compose(f, { x: compile("y"), y: compile("x") }).evaluate({ x: 1, y: 2 })).toBe(21);
    expect(compose(f, {}).evaluate({ x: 1, y: 2 })).toBe(12);
  });

  test("locals, functions and loops of one name are kept apart", () => {
    const f = compile("(define (h n) (if (< n 1) 1 (* n (h (- n 1))))) (let ((t (h x))) (+ t z))");
    const g = compile(
      "(define (h n) (let loop ((i 0) (t 0)) (if (= i n) t (loop (+ i 1) (+ t i))))) (let ((z 1)) (+ z (h y)))",
    );
    expect(compose(f, { x: g }).evaluate({ y: 3, z: 0.5 })).toBe(24.5);
    expect(compose(g, { y: f }).evaluate({ x: 2, z: 1 })).toBe(4);
    expect(compose(f, { x: g, z: g }).evaluate({ y: 3 })).toBe(28);
  });

  test("a chain of any depth has no error", () => {
    const step = compile("(sin (+ x 0.3))");
    let chain: DirectModule = step;
    let expected = Math.sin(0.7 + 0.3);
    for (let depth = 1; depth < 60; depth++) {
      chain = compose(step, { x: chain });
      expected = Math.sin(expected + 0.3);
    }
    expect(chain.evaluate({ x: 0.7 })).toBe(expected);
  });

  test("has text forms, and the program in them is the composition", () => {
    const both = compose(compile("(* x x)"), { x: compile("(let ((x 2)) (+ x y))") });
    expect(both.emit("ast")).toContain("y");
    const again = compile(both.emit("ast"));
    expect(again.evaluate({ y: 3 })).toBe(both.evaluate({ y: 3 }));
    expect(both.emit("anf")).toMatch(/\*/);
  });

  test("random programs compose to the reference's value of one in the other", () => {
    const names = ["x", "y", "z"];
    const program = randomProgram({ inputs: names, derivatives: true });
    const number = fc.double({ min: -4, max: 4, noNaN: true });
    const budget = { iterations: 20_000, frames: 2000 };
    let compared = 0;
    fc.assert(
      fc.property(program, program, fc.tuple(number, number, number), (outer, inner, [x, y, z]) => {
        const [f, g] = [outer, inner].map((source) => compile(source, budget));
        if (!f.inputs.includes("x")) return;
        const values: Record<string, number> = { x, y, z };
        const given = (wanted: readonly string[], from: Record<string, number>) =>
          Object.fromEntries(wanted.map((name) => [name, from[name]]));
        let expected: unknown;
        try {
          const replaced = evaluateReference(readProgram(inner), given(g.inputs, values), budget);
          if (typeof replaced !== "number") return;
          expected = evaluateReference(readProgram(outer), given(f.inputs, { ...values, x: replaced }), budget);
        } catch (error) {
          if (error instanceof SoftmachineError) return;
          throw error;
        }
        const both = compose(f, { x: g });
        expect(both.evaluate(given(both.inputs, values))).toBe(expected);
        compared++;
      }),
      { numRuns: 200 },
    );
    expect(compared).toBeGreaterThan(50);
  });
});

describe("what can't be composed is a clear error", () => {
  const f = compile("(sqrt x)");
  test.each<readonly [string, () => unknown, RegExp]>([
    ["an unknown input", () => compose(f, { y: f }), /unknown input "y"/],
    ["no module", () => compose(f, { x: Object(3) }), /input "x" is not replaced by a module/],
    ["another dtype", () => compose(f, { x: compile("y", { dtype: "float32" }) }), /"x" has dtype float32, .* float64/],
    ["another domain", () => compose(f, { x: compile("y", { domain: "strict" }) }), /"x" has domain strict/],
    [
      "parameters that differ",
      () => compose(compile("(* x k)", { params: { k: 1 } }), { x: compile("k", { params: { k: 2 } }) }),
      /parameter "k" is 1 in one module and 2 in another/,
    ],
    ["a derivative", () => compose(f, { x: f.partial("x") }), /a derivative can't be composed/],
  ])("%s", (_what, run, message) => {
    expect(run).toThrow(SoftmachineError);
    expect(run).toThrow(message);
  });

  test("strict mode names the place in the part's own text", () => {
    const outer = compile("\n(log x)", { domain: "strict", name: "outer.scm" });
    const inner = compile("(+ 1\n   (sqrt y))", { domain: "strict", name: "inner.scm" });
    const both = compose(outer, { x: inner });
    expect(() => both.evaluate({ y: -1 })).toThrow(/"sqrt" at inner\.scm:2:4/);
    expect(() => compose(outer, { x: compile("y", { domain: "strict" }) }).evaluate({ y: -1 })).toThrow(
      /"log" at outer\.scm:2:1/,
    );
  });
});
