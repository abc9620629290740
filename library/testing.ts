import type { ProgramText } from "./catalog.js";
import { parseProgramFile } from "./program-file.js";

/**
 * A program's file with a header that documents what is in it.
 * @param operands their names, each with a type behind it if it has one: `v (3 of 0..9)`.
 * @param result the result's type, as `(0..1)`.
 */
export function programText(
  name: string,
  operands: readonly string[],
  example: string,
  code: string,
  result = "",
): ProgramText {
  const header = [
    `${name}, for a test.`,
    "",
    ...operands.map((operand) => `operand ${operand}: a number`),
    `result ${result}: a number`.replace(" :", ":"),
    `example: ${example}`,
  ];
  const text = `${header.map((line) => `;;; ${line}`.trimEnd()).join("\n")}\n\n${code}\n`;
  return { name, subject: "tests", file: `tests/${name}.scm`, text };
}

export const parsed = (found: ProgramText) => parseProgramFile(found.text, found);

/** Two programs that any machine can hold. */
export const smallPrograms = [
  programText("larger", ["a", "b"], "(larger 3 5) => 5", "(define (larger a b) (if (< a b) b a))"),
  programText("next", ["a"], "(next 3) => 4", "(define (next a) (+ a 1))"),
];
