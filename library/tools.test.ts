import { fromJsonSchema } from "@modelcontextprotocol/server";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BudgetError, numbersIn, SoftmachineError } from "../scheme/index.js";
import {
  callTool,
  fromJsonNumbers,
  parseProgramFile,
  readPrograms,
  type ToolProgram,
  toJsonNumbers,
  toolSchemas,
} from "./index.js";

const programOf = (name: string, text: string): ToolProgram => parseProgramFile(text, { name });

const weigh = programOf(
  "weigh!",
  `;;; Weighs rows.
;;;
;;; operand M (2x3 of 0..9): the rows
;;; operand w (3 of real -1..1, kg): a weight of each column
;;; operand k (1..4): how often
;;; operand x (real): what is added
;;; result (2 of real, kg): the weighed rows
;;; example: (weigh! [[1 2 3] [4 5 6]] [1 0 0] 2 0.5) => [2.5 8.5]

(define (weigh! M w k x) (+ (* k (matvec M w)) x))
`,
);
const count = programOf(
  "count",
  `;;; Counts.
;;;
;;; operand n: how far
;;; result: as far
;;; example: (count 3) => 3

(define (count n) (loop ((i 0)) (if (< i n) (recur (+ i 1)) i)))
`,
);
const library = { programs: [weigh, count] };

describe("a library's programs as tools", () => {
  it("have a schema from their operands' types", () => {
    const [first, second] = toolSchemas(library);
    expect(first).toEqual({
      name: "weigh_",
      description:
        "Weighs rows. Result: the weighed rows (in kg). Example: (weigh! [[1 2 3] [4 5 6]] [1 0 0] 2 0.5) => [2.5 8.5].",
      inputSchema: {
        $schema: "https://json-schema.org/draft/2020-12/schema",
        type: "object",
        properties: {
          M: {
            type: "array",
            description: "the rows",
            minItems: 2,
            maxItems: 2,
            items: { type: "array", minItems: 3, maxItems: 3, items: { type: "integer", minimum: 0, maximum: 9 } },
          },
          w: {
            type: "array",
            description: "a weight of each column (in kg)",
            minItems: 3,
            maxItems: 3,
            items: { type: "number", minimum: -1, maximum: 1 },
          },
          k: { type: "integer", minimum: 1, maximum: 4, description: "how often" },
          x: { type: "number", description: "what is added" },
        },
        required: ["M", "w", "k", "x"],
        additionalProperties: false,
      },
    });
    expect(second.name).toBe("count");
  });

  it("have names that differ, of the characters that interfaces allow", () => {
    const named = ["a?", "a!", "a_", `${"long".repeat(20)}1`, `${"long".repeat(20)}2`];
    const names = toolSchemas({ programs: named.map((name) => ({ ...count, name })) }).map(({ name }) => name);
    expect(new Set(names).size).toBe(5);
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
  });

  it("run by either name", () => {
    const operands = {
      M: [
        [1, 2, 3],
        [4, 5, 6],
      ],
      w: [1, 0, 0],
      k: 2,
      x: 0.5,
    };
    expect(callTool(library, "weigh!", operands)).toEqual([2.5, 8.5]);
    expect(callTool(library, "weigh_", operands)).toEqual([2.5, 8.5]);
    expect(() => callTool(library, "wiegh!", operands)).toThrow('did you mean "weigh!"');
    expect(() => callTool(library, "count", { n: 100 }, { iterations: 10 })).toThrow(BudgetError);
  });

  it("give no whole number that is too large to be exact", () => {
    const square = programOf(
      "square-of",
      ";;; A square.\n;;;\n;;; operand n: a number\n;;; result: its square\n;;; example: (square-of 3) => 9\n\n(define (square-of n) (* n n))\n",
    );
    const programs = { programs: [square] };
    expect(callTool(programs, "square-of", { n: 94906265 })).toBe(94906265 ** 2);
    expect(() => callTool(programs, "square-of", { n: 94906266 })).toThrow('the result of "square-of": 9007199');
    expect(() => callTool(programs, "square-of", { n: 2 ** 53 })).toThrow('operand "n" of "square-of": 9007199');
  });

  it("take exactly what their schemas do", async () => {
    const { validate } = fromJsonSchema(toolSchemas(library)[0].inputSchema)["~standard"];
    const number = fc.oneof(fc.integer({ min: -2, max: 11 }), fc.double(), fc.constantFrom("1", "NaN", null, true, {}));
    const likely = (low: number, high: number) =>
      fc.oneof({ weight: 12, arbitrary: fc.integer({ min: low, max: high }) }, number);
    const vector = (low: number, high: number) =>
      fc.oneof(
        { weight: 9, arbitrary: fc.array(likely(low, high), { minLength: 3, maxLength: 3 }) },
        fc.array(likely(low, high), { maxLength: 4 }),
      );
    const operands = fc.record(
      {
        M: fc.oneof({ weight: 9, arbitrary: fc.array(vector(0, 9), { minLength: 2, maxLength: 2 }) }, vector(0, 9)),
        w: vector(-1, 1),
        k: likely(1, 4),
        x: likely(-9, 9),
      },
      { requiredKeys: ["M", "w", "k"] },
    );
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(operands, async (given) => {
        // JSON has neither NaN nor infinities, and -0 is 0.
        const json: unknown = JSON.parse(JSON.stringify(given));
        const { issues } = await validate(json);
        if (issues === undefined) {
          taken++;
          expect(callTool(library, "weigh!", json)).toHaveLength(2);
        } else expect(() => callTool(library, "weigh!", json)).toThrow(SoftmachineError);
      }),
      { numRuns: 400 },
    );
    expect(taken).toBeGreaterThan(40);
  });

  it("give what the examples of the programs that come along say", async () => {
    const programs = await readPrograms();
    for (const { name, operands, examples } of programs)
      for (const example of examples) {
        const given = Object.fromEntries(operands.map((operand, i) => [operand.name, example.arguments[i]]));
        const value = numbersIn(callTool({ programs }, name, given));
        for (const [i, wanted] of numbersIn(example.result).entries()) {
          const error = Math.abs(value[i] - wanted) / Math.max(1e-9, Math.abs(wanted));
          expect({ text: example.text, agrees: error <= 1e-6 }).toEqual({ text: example.text, agrees: true });
        }
      }
  });

  it.each([undefined, null, [], "x", 1])("take %j for no operands", (operands) => {
    expect(() => callTool(library, "count", operands)).toThrow("operands are given by name");
  });
});

describe("numbers as JSON carries them", () => {
  it("go there and back", () => {
    const number = fc.double();
    const matrix = fc
      .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 4 }))
      .chain(([rows, columns]) =>
        fc.array(fc.array(number, { minLength: columns, maxLength: columns }), { minLength: rows, maxLength: rows }),
      );
    const value = fc.oneof(number, fc.array(number, { minLength: 1 }), matrix);
    fc.assert(
      fc.property(value, (given) => {
        const json: unknown = JSON.parse(JSON.stringify(toJsonNumbers(given)));
        // JSON knows no -0.
        const positive = (item: typeof given): unknown => (typeof item === "number" ? item + 0 : item.map(positive));
        expect(fromJsonNumbers("x", json)).toEqual(positive(given));
      }),
    );
    expect(toJsonNumbers([Number.NaN, [Number.POSITIVE_INFINITY]])).toEqual(["NaN", ["Infinity"]]);
    expect(fromJsonNumbers("x", ["NaN", "-Infinity", 1])).toEqual([Number.NaN, Number.NEGATIVE_INFINITY, 1]);
  });

  it.each(["1", "nan", null, {}, [], [[]], [[1], [2, 3]], [1, [2]], [[[1]]], true])("are not %j", (json) => {
    expect(() => fromJsonNumbers("x", json)).toThrow('input "x" must be a number, a vector or a matrix');
  });
});
