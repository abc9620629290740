import { describe, expect, test } from "vitest";
import { oneHot, runExact, seededRandom } from "../machine/index.js";
import { buildLibrary } from "./build.js";
import { Selection, selectionForms } from "./selection.js";
import { programText, smallPrograms } from "./testing.js";

const programs = [
  ...smallPrograms,
  programText("product", ["a", "b"], "(product 2 3) => 6", "(define (product a b) (* a b))"),
  programText("sum", ["a (0..3)"], "(sum 3) => 6", "(define (sum a) (if (= a 0) 0 (+ a (sum (- a 1)))))"),
  programText("middle", ["v (3 of 0..7)"], "(middle [1 5 2]) => 5", "(define (middle v) (ref v 1))"),
  programText("halves", ["a (real)"], "(halves 1) => 0.5", "(define (halves a) (/ a 2))", "(real)"),
  programText("pair", ["a"], "(pair 1) => [1 1]", "(define (pair a) [a a])", "(2 of whole)"),
];
const n = 16;
const { library } = await buildLibrary({ programs, n, checkN: 8, softInputs: 50 });
const names = ["larger", "next", "product", "sum", "middle"];
const selection = new Selection(library, names);
const steps = 200;

describe("programs that are chosen", () => {
  test.each([
    ["larger", [3, 5, 0]],
    ["next", [7, 1, 2]],
    ["product", [3, 4, 1]],
    ["sum", [3, 9, 9]],
    ["middle", [1, 6, 2]],
  ])("with certainty, %s of %j, answer in both forms as the exact machine", (name, given) => {
    const choice = Float64Array.from(names, (each) => (each === name ? 1 : 0));
    const count = selection.image.entries.get(name)?.operands.length ?? 0;
    const { result } = runExact(selection.image, name, given.slice(0, count));
    for (const form of selectionForms) {
      const { answers, halted } = selection.run(choice, oneHot(given, n), 1, { form, steps });
      expect(answers).toEqual(oneHot([result], n));
      expect(halted[0]).toBe(1);
    }
  });

  test("with certainty, of uncertain operands, answer the same in both forms", () => {
    const random = seededRandom(1);
    const operands = distributions(3, random);
    names.forEach((_, k) => {
      const choice = Float64Array.from(names, (__, i) => (i === k ? 1 : 0));
      const [one, other] = selectionForms.map((form) => selection.run(choice, operands, 1, { form, steps }));
      expect(one.answers).toEqual(other.answers);
    });
  });

  test("with probabilities answer, in separate runs, with the mixture", () => {
    const choice = Float64Array.from([0.5, 0.25, 0.25, 0, 0, 0, 0, 1, 0, 0]);
    const operands = new Float64Array([...oneHot([3, 5, 0], n), ...oneHot([2, 5, 0], n)]);
    const { answers } = selection.run(choice, operands, 2, { form: "separate runs", steps });
    const expected = new Float64Array(2 * n);
    expected[5] = 0.5;
    expected[4] = 0.25;
    expected[15] = 0.25;
    expected[n + 10] = 1;
    expect(answers).toEqual(expected);
  });

  test.each(selectionForms)("have gradients that differences confirm: %s", (form) => {
    const random = seededRandom(7);
    const choice = Float64Array.from([0.3, 0.2, 0.25, 0.15, 0.1, 0.1, 0.2, 0.3, 0.2, 0.2]);
    const operands = new Float64Array([...distributions(3, random), ...distributions(3, random)]);
    const cotangent = Float64Array.from({ length: 2 * n }, () => random() - 0.5);
    const run = () => selection.run(choice, operands, 2, { form, steps: 12 });
    const loss = () => run().answers.reduce((sum, p, i) => sum + p * cotangent[i], 0);
    const gradient = run().backward(cotangent);
    for (const [array, slopes, places] of [
      [choice, gradient.choice, [0, 1, 2, 3, 4, 5, 9]],
      [operands, gradient.operands, [0, 5, 17, 33, 50, 90]],
    ] as const) {
      expect(slopes).toHaveLength(array.length);
      for (const i of places) {
        const value = array[i];
        array[i] = value + 1e-5;
        const above = loss();
        array[i] = value - 1e-5;
        const slope = (above - loss()) / 2e-5;
        array[i] = value;
        expect(Math.abs(slopes[i] - slope)).toBeLessThan(1e-7);
      }
    }
  });
});

describe("refused", () => {
  test("programs without an answer that can be mixed", () => {
    expect(() => new Selection(library, ["next", "nxt"])).toThrow('did you mean "next"?');
    expect(() => new Selection(library, ["halves"])).toThrow('"halves" is of real numbers: the machine can\'t run it');
    expect(() => new Selection(library, ["pair"])).toThrow(
      '"pair" gives an array: programs to choose from give numbers',
    );
  });

  test("more labels than a table holds", async () => {
    const many = Array.from({ length: 8 }, (_, i) =>
      programText(
        `f${i}`,
        ["a"],
        `(f${i} 1) => ${i > 1 ? 1 + (i % 5) : 1}`,
        `(define (f${i} a) (if (< a ${i}) (+ a ${i % 5}) (if a 1 5)))`,
      ),
    );
    const { library: crowded } = await buildLibrary({ programs: many, n: 8 });
    const all = crowded.programs.map(({ name }) => name);
    expect(() => new Selection(crowded, all)).toThrow(
      /^the 8 programs, of \d+ lines together, have more labels than the 8 values of one table: choose fewer, or build/,
    );
    expect(new Selection(crowded, all.slice(0, 2)).operands).toBe(1);
  });

  test("arrays of other shapes", () => {
    const choice = new Float64Array(names.length);
    expect(() => selection.run(choice, new Float64Array(n), 1, { steps })).toThrow("the operands must be [1, 3, 16]");
    expect(() => selection.run(new Float64Array(2), oneHot([1, 2, 3], n), 1, { steps })).toThrow(
      "the choice must be [1, 5]; got 2 numbers",
    );
  });
});

function distributions(count: number, random: () => number): Float64Array {
  const rows = Array.from({ length: count }, () => Array.from({ length: n }, random));
  return Float64Array.from(rows.flatMap((row) => row.map((p) => p / row.reduce((sum, q) => sum + q, 0))));
}
