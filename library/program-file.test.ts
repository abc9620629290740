import { describe, expect, test } from "vitest";
import { evaluateReference, SourceError } from "../scheme/index.js";
import { parseProgramFile } from "./program-file.js";
import { printValueType, wholeNumber } from "./value-type.js";

const header = {
  documentation: ";;; The remainder of a division.\n;;; It is never negative.",
  gap: ";;;",
  operandA: ";;; operand a: the dividend",
  operandB: ";;; operand b: the divisor,\n;;;   which is not 0",
  result: ";;; result: what remains",
  example: ";;; example: (rest 7 2) => 1",
  source: ";;; source: Euclid, Elements: book VII",
  code: "\n(define (rest a b) (modulo a b))\n",
};

/** The file with some of its parts replaced; an empty part is left out. */
const file = (changes: Partial<typeof header> = {}) =>
  Object.values({ ...header, ...changes })
    .filter((part) => part !== "")
    .join("\n");

const parse = (text: string) => parseProgramFile(text, { name: "rest", subject: "arithmetic" });

describe("a program's file", () => {
  test("its header is read", () => {
    const program = parse(file());
    expect(program.name).toBe("rest");
    expect(program.subject).toBe("arithmetic");
    expect(program.documentation).toBe("The remainder of a division. It is never negative.");
    expect(program.operands).toEqual([
      { name: "a", type: { ...wholeNumber, low: 0 }, documentation: "the dividend" },
      { name: "b", type: { ...wholeNumber, low: 0 }, documentation: "the divisor, which is not 0" },
    ]);
    expect(program.result).toEqual({ type: wholeNumber, documentation: "what remains" });
    expect(program.examples.map(({ text, arguments: args, result }) => ({ text, args, result }))).toEqual([
      { text: "(rest 7 2) => 1", args: [7, 2], result: 1 },
    ]);
    expect(program.origin).toBe("Euclid, Elements: book VII");
    expect(evaluateReference(program.program, { a: 17, b: 5 })).toBe(2);
  });

  test("the source of an algorithm may be left out", () => {
    expect(parse(file({ source: "" })).origin).toBeUndefined();
  });

  test("operands come in the order of the parameters, whatever the order of their fields", () => {
    const swapped = file({ operandA: header.operandB, operandB: header.operandA });
    expect(parse(swapped).operands.map(({ name }) => name)).toEqual(["a", "b"]);
  });

  test("fields may follow the documentation without an empty line, and lines may end with CR LF", () => {
    const program = parse(file({ gap: "" }).replaceAll("\n", "\r\n"));
    expect(program.documentation).toBe("The remainder of a division. It is never negative.");
    expect(program.examples[0].result).toBe(1);
  });

  test("a colon in the documentation makes no field", () => {
    const program = parse(file({ documentation: ";;; Note: the remainder of a division." }));
    expect(program.documentation).toBe("Note: the remainder of a division.");
  });

  test("helpers and constants are not operands", () => {
    const code = "\n(define unit 1)\n(define (twice x) (* 2 x unit))\n(define (rest a b) (modulo (twice a) b))";
    expect(parse(file({ code, example: ";;; example: (rest 7 3) => 2" })).operands.map(({ name }) => name)).toEqual([
      "a",
      "b",
    ]);
  });

  test("a program may have no operands, and examples decimals and negative numbers", () => {
    const text = ";;; A constant.\n;;;\n;;; result (real): it\n;;; example: ( k ) => -1/2\n(define (k) -0.5)";
    const program = parseProgramFile(text, { name: "k" });
    expect(program.operands).toEqual([]);
    expect(program.examples[0].result).toBe(-0.5);
  });

  test("operands and results have types, and examples arrays", () => {
    const operands = ";;; operand a (3 of 0..9): the digits\n;;; operand b (2x2 of whole): a matrix";
    const text = file({
      operandA: operands,
      operandB: "",
      result: ";;; result (2 of -9..9): two of them",
      example: ";;; example: (rest [3 1 2] [[1 2]\n;;;   [3 4]]) => [3 -1]",
      source: ";;; complexity: O(1)",
      code: "\n(define (rest a b) [(ref a 0) (- 0 (ref a 1))])",
    });
    const program = parse(text);
    expect(program.operands.map(({ name, type }) => `${name}: ${printValueType(type)}`)).toEqual([
      "a: 3 of 0..9",
      "b: 2x2 of 0..",
    ]);
    expect(printValueType(program.result.type)).toBe("2 of -9..9");
    expect(program.examples[0].arguments).toEqual([
      [3, 1, 2],
      [
        [1, 2],
        [3, 4],
      ],
    ]);
    expect(program.examples[0].result).toEqual([3, -1]);
    expect(program.complexity).toBe("O(1)");
  });

  const faults: [string, string, string, number, number][] = [
    ["no documentation", file({ documentation: "" }), "the program has no documentation", 1, 1],
    ["no header", header.code, "the program has no documentation", 1, 1],
    ["an operand without documentation", file({ operandB: "" }), 'operand "b" is not documented', 9, 17],
    [
      "an operand that is none",
      file({ operandB: `${header.operandB}\n;;; operand c: nothing` }),
      '"rest" has no operand "c"; it has "a", "b"',
      7,
      5,
    ],
    [
      "a misspelt operand",
      file({
        operandA: ";;; operand dividen: what is divided",
        code: "(define (rest dividend b) (modulo dividend b))",
      }),
      '"rest" has no operand "dividen" (did you mean "dividend"?)',
      4,
      5,
    ],
    ["an operand twice", file({ source: ";;; operand a: again" }), 'operand "a" is documented twice', 9, 5],
    ["a result twice", file({ source: ";;; result: again" }), '"result" is documented twice', 9, 5],
    ["no result", file({ result: "" }), "the result is not documented", 1, 1],
    ["no example", file({ example: "" }), "there is no example", 1, 1],
    ["an unknown field", file({ source: ";;; colour: blue" }), 'unknown field "colour"; the fields are', 9, 5],
    [
      "a misspelt field",
      file({ gap: "", operandA: ";;; operant a: the dividend" }),
      'unknown field "operant" (did you mean "operand"?)',
      3,
      5,
    ],
    ["a line that is no field", file({ source: ";;; and more" }), "a field is needed here", 9, 5],
    ["an operand without its name", file({ operandA: ";;; operand: the dividend" }), '"operand" is written', 4, 5],
    ["a result with a name", file({ result: ";;; result a: the rest" }), '"result" is written', 7, 5],
    ["an empty field", file({ result: ";;; result:" }), '"result" says nothing', 7, 5],
    [
      "an example of another function",
      file({ example: ";;; example: (rets 7 2) => 1" }),
      'this is an example of "rets"; the program is "rest"',
      8,
      5,
    ],
    ["too few arguments", file({ example: ";;; example: (rest 7) => 1" }), '"rest" takes 2 arguments, not 1', 8, 5],
    ["not a number", file({ example: ";;; example: (rest 7 x) => 1" }), 'operand b, "x", is not a number', 8, 5],
    ["no type", file({ result: ";;; result (6): the rest" }), '"(6)" is no type', 7, 5],
    ["a negative operand", file({ operandA: ";;; operand a (-1..3): the dividend" }), "operands are from 0", 4, 5],
    ["a value outside its range", file({ result: ";;; result (2..3): the rest" }), "1 is outside 2..3", 8, 5],
    ["another shape", file({ result: ";;; result (2 of 0..3): the rest" }), "a vector of 2 is needed", 8, 5],
    ["a type of an example", file({ example: ";;; example (0..3): (rest 7 2) => 1" }), '"example" is written', 8, 5],
    ["an infinity", file({ example: ";;; example: (rest 7 2) => +inf.0" }), "Infinity is not a finite number", 8, 5],
    ["no result of an example", file({ example: ";;; example: (rest 7 2)" }), "an example is written (rest a b)", 8, 5],
    [
      "a free variable",
      file({ code: "(define (rest a b) (modulo a base))" }),
      'the program uses "base", which is neither defined nor an operand of "rest"',
      10,
      30,
    ],
    ["no function of the file's name", file({ code: "(define (rests a b) a)" }), 'no function "rest" is defined', 1, 1],
    ["a syntax error", file({ code: "(define (rest a b) (modulo a b)" }), "never closed", 10, 1],
    ["a wrong operation", file({ code: "(define (rest a b) (modul a b))" }), 'did you mean "modulo"?', 10, 21],
  ];

  test.each(faults)("refused: %s", (_, text, message, line, column) => {
    const error = (() => {
      try {
        parse(text);
        return undefined;
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(SourceError);
    if (!(error instanceof SourceError)) return;
    expect(error.message).toContain(message);
    expect(error.message).toMatch(/^rest\.scm:/);
    expect({ line: error.line, column: error.column }).toEqual({ line, column });
  });
});
