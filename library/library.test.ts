import { describe, expect, test } from "vitest";
import { SoftmachineError } from "../scheme/index.js";
import { buildLibrary } from "./build.js";
import { noProgram } from "./library.js";
import { programText, smallPrograms } from "./testing.js";

const list = (name: string, length: number) =>
  programText(
    name,
    [`v (${length} of 0..3)`],
    `(${name} [${new Array(length).fill(1).join(" ")}]) => 1`,
    `(define (${name} v) (ref v 0))`,
  );
const { library } = await buildLibrary({
  programs: [
    ...smallPrograms,
    programText("half", ["a (real)"], "(half 3) => 1.5", "(define (half a) (/ a 2))", "(real)"),
    programText("few", ["a (0..5)"], "(few 3) => 3", "(define (few a) a)"),
    programText("seven", [], "(seven) => 7", "(define (seven) 7)"),
    programText("pair", ["a"], "(pair 1) => [1 1]", "(define (pair a) [a a])", "(2 of whole)"),
    programText("four", ["a", "b", "c", "d"], "(four 1 2 3 4) => 4", "(define (four a b c d) d)"),
    list("first", 3),
    list("first-of-many", 14),
  ],
  n: 16,
  inputs: 300,
  imageInputs: 100,
  softInputs: 20,
  circuitWork: 100,
});

describe("a library in memory", () => {
  test("has all programs, of which a model can call those of a few numbers of all values", () => {
    expect(library.programs).toHaveLength(9);
    expect(library.callable.map(({ name }) => name)).toEqual(["larger", "next"]);
    expect(library.program("first").operands[0].type).toEqual({ shape: [3], domain: "whole", low: 0, high: 3 });
  });

  test("has answers of programs on arrays, whose numbers are operands each", () => {
    expect(library.answers("first").operands).toBe(3);
    expect(library.answers("seven").row(0)[0]).toBe(7);
  });

  test.each([
    ["half", '"half" is a program of real numbers: it has no table of answers'],
    ["pair", '"pair" gives an array: it has no table of answers'],
    ["first-of-many", '"first-of-many" takes 14 numbers, whose combinations are too many: it has no table of answers'],
  ])("has no answers of %s", (name, message) => {
    expect(() => library.answers(name)).toThrow(message);
    expect(() => library.table(name)).toThrow(SoftmachineError);
  });

  test("lists some of many names where one is wrong", () => {
    const names = Array.from({ length: 20 }, (_, i) => `name${i}`);
    expect(noProgram("name20", names)).toMatch(
      /^no program "name20" in the library \(did you mean "name\d+"\?\); it holds/,
    );
    expect(noProgram("x", names)).toMatch(/name15 and 4 more$/);
    expect(noProgram("x", ["a", "b"])).toBe('no program "x" in the library; it holds a, b');
  });
});
