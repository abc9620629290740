import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aNormalForm,
  budgetOf,
  checkNames,
  checkValue,
  DomainError,
  defaultBudget,
  domainFault,
  evaluateReference,
  type ReferenceOptions,
  readProgram,
  shapeOf,
  type Value,
} from "./index.js";
import { outsideDomain, randomProgram } from "./testing.js";

const run = (source: string, inputs: Record<string, Value> = {}, options?: ReferenceOptions) =>
  evaluateReference(readProgram(source), inputs, options);

describe("modulus", () => {
  it.each([
    ["(- 2 5)", {}, 13],
    ["(- 5)", {}, 11],
    ["(+ 9 9)", {}, 2],
    ["(* 7 7)", {}, 1],
    ["20", {}, 4],
    ["-1", {}, 15],
    ["-16", {}, 0],
    ["x", { x: 35 }, 3],
    ["x", { x: -3 }, 13],
    ["(< x 5)", { x: -1 }, 0],
    ["(/ 1 0)", {}, 0],
    ["(modulo x 0)", { x: 5 }, 0],
    ["(quotient 7 0)", {}, 0],
    ["(quotient 15 4)", {}, 3],
    ["+inf.0", {}, 0],
    ["(+ [9 9] [9 1])", {}, [2, 10]],
    ["(- 0)", {}, 0],
  ])("%s is taken modulo 16", (source, inputs, value) => {
    expect(run(source, inputs, { modulus: 16 })).toEqual(value);
  });

  it("wraps each step, so that long products stay exact", () => {
    const source = `(* ${"1021 ".repeat(40)})`;
    const exact = Array.from({ length: 40 }).reduce<bigint>((product) => (product * 1021n) % 1024n, 1n);
    expect(run(source, {}, { modulus: 1024 })).toBe(Number(exact));
  });

  it("gives a whole number below the modulus for any integer program", () => {
    const value = fc.nat({ max: 15 });
    fc.assert(
      fc.property(randomProgram({ integer: true, inputs: ["x", "y"] }), value, value, (source, x, y) => {
        const program = readProgram(source);
        const all: Record<string, number> = { x, y };
        const inputs = Object.fromEntries(program.inputs.map((name) => [name, all[name]]));
        const result = evaluateReference(program, inputs, { modulus: 16 });
        expect(result).toSatisfy((y: number) => Number.isInteger(y) && y >= 0 && y < 16);
        expect(Object.is(result, -0)).toBe(false);
      }),
    );
  });

  it.each([1, 0, -3, 2.5, Number.NaN, 2 ** 26 + 1])("refuses %d", (modulus) => {
    expect(() => run("1", {}, { modulus })).toThrow(
      `the modulus must be a whole number from 2 to 67108864, not ${modulus}`,
    );
  });
});

describe("strict domain", () => {
  it.each(outsideDomain)("%s refuses %d", (source, x, message) => {
    expect(() => run(source, { x }, { domain: "strict" })).toThrow(
      expect.objectContaining({ name: "DomainError", message }),
    );
    expect(() => run(source, { x })).not.toThrow();
  });

  it.each([
    ["(sqrt 0)", 0],
    ["(expt -2 3)", -8],
    ["(expt 0 0)", 1],
    ["(asin 1)", Math.PI / 2],
    ["(sqrt +nan.0)", Number.NaN],
    ["(if 0 (sqrt -1) 2)", 2],
    ["(norm [0 0])", 0],
    ["(abs (det (mat [1 2] [2 4])))", 0],
    ["(atan 0 0)", 0],
    ["(ref (normalize [0 +nan.0]) 0)", Number.NaN],
  ])("allows %s", (source, value) => {
    expect(run(source, {}, { domain: "strict" })).toBe(value);
  });

  it("names the row of a batch", () => {
    const what = domainFault("sqrt", "square root of a negative number", "1:1", [-1]);
    expect(new DomainError(what, 7)).toMatchObject({ what, row: 7, message: `${what}, in row 7` });
  });

  it("has two settings", () => {
    const domain = "stric" as "strict";
    expect(() => run("1", {}, { domain })).toThrow('domain must be "ieee" or "strict", not "stric"');
  });
});

describe("inputs", () => {
  it.each<[string, Record<string, number>, string]>([
    ["(+ theta omega)", { theta: 1 }, 'missing input "omega"'],
    ["(+ a b)", {}, 'missing inputs "a", "b"'],
    [
      "(+ theta omega)",
      { thetta: 1, omega: 2 },
      'unknown input "thetta" (did you mean "theta"?); the program\'s inputs are "theta", "omega"',
    ],
    ["(+ a 1)", { a: 1, velocity: 2, mass: 3 }, 'unknown input "velocity", "mass"; the program\'s inputs are "a"'],
    ["1", { a: 1 }, 'unknown input "a"; the program has no inputs'],
    ["toString", {}, 'missing input "toString"'],
    ["(+ __proto__ 1)", {}, 'missing input "__proto__"'],
    ["(if 1 2 unused)", {}, 'missing input "unused"'],
  ])("%s with %j", (source, inputs, message) => {
    expect(() => run(source, inputs)).toThrow(expect.objectContaining({ name: "SoftmachineError", message }));
  });

  it.each<[unknown, string]>([
    ["3", 'it is the text "3"'],
    [null, "it is null"],
    [undefined, "it is undefined"],
    [true, "it is a boolean"],
    [10n, "it is a bigint"],
    [{ length: 2 }, "it is an object"],
    [[], "it is empty"],
    [[[]], "row 0 is empty"],
    [[1, "2"], 'element 1 of it is the text "2"'],
    [[1, [2]], "element 1 of it is an array"],
    [[[1], 2], "row 1 is a number"],
    [[[1], [2, 3]], "row 1 differs in length from row 0"],
    [[[1, null]], "element 1 of row 0 is null"],
    [[[[1]]], "element 0 of row 0 is an array"],
  ])("refuses %o as a value", (value, what) => {
    expect(() => checkValue("x", value)).toThrow(
      `input "x" must be a number, a vector or a matrix of numbers; ${what}`,
    );
    expect(() => run("x", { x: value as Value })).toThrow('input "x" must be');
  });

  it("takes any value", () => {
    for (const value of [
      1,
      Number.NaN,
      [1],
      [
        [1, 2],
        [3, 4],
      ],
    ])
      expect(run("x", { x: value })).toEqual(value);
    expect([2, [1, 2], [[1, 2, 3]]].map(shapeOf)).toEqual([[], [2], [1, 3]]);
  });

  it("calls them what they are", () => {
    expect(() => checkNames(["rate"], [], "parameter")).toThrow('missing parameter "rate"');
    expect(() => checkNames(["a", "b"], ["b", "a"])).not.toThrow();
  });

  it("refuses an array for a test", () => {
    expect(() => run("(if (> v 1) 1 2)", { v: [1, 2] })).toThrow(
      expect.objectContaining({ what: "a test must be a number, not a vector of 2", line: 1, column: 5 }),
    );
    expect(() => run("(and m 1)", { m: [[1]] })).toThrow("a test must be a number, not a 1x1 matrix");
  });
});

describe("budget", () => {
  it("fills in what is not given", () => {
    expect(budgetOf({})).toEqual(defaultBudget);
    expect(budgetOf({ iterations: undefined, frames: 5 })).toEqual({ ...defaultBudget, frames: 5 });
    expect(defaultBudget.iterations).toBeGreaterThanOrEqual(10_000_000);
    expect(defaultBudget.frames).toBeGreaterThanOrEqual(100_000);
  });

  it("counts iterations and calls to the last one", () => {
    const source = "(loop ((i 0)) (if (< i 99) (recur (+ i 1)) i))";
    expect(run(source, {}, { iterations: 100 })).toBe(99);
    expect(() => run(source, {}, { iterations: 99 })).toThrow("still running after 99 iterations");
  });

  it.each([0, -1, 1.5, Number.NaN])("refuses %d", (count) => {
    expect(() => run("1", {}, { iterations: count })).toThrow(
      `the budget of iterations must be a whole number from 1, not ${count}`,
    );
    expect(() => run("1", {}, { frames: count })).toThrow(
      `the budget of frames must be a whole number from 1, not ${count}`,
    );
  });
});

it("gives the same program whatever the text's layout", () => {
  fc.assert(
    fc.property(randomProgram({ inputs: ["x"], derivatives: true }), (source) => {
      const spread = source.replaceAll("(", "( ; note\r\n\t").replaceAll(")", " #|)|# )");
      const shape = (text: string) =>
        JSON.stringify(aNormalForm(readProgram(text)).body, (key, value) => (key === "span" ? undefined : value));
      expect(shape(spread)).toBe(shape(source));
    }),
  );
});
