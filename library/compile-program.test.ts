import { describe, expect, test } from "vitest";
import { link, printAssembly } from "../assembler/index.js";
import { runExact } from "../machine/index.js";
import { readPrograms } from "./catalog.js";
import { compileProgram } from "./compile-program.js";
import { isForMachine } from "./operands.js";
import { parsed, programText } from "./testing.js";

const programs = (await readPrograms()).filter(isForMachine);

// The golden texts: `npx vitest run library --update` writes them anew.
test.each(programs)("the assembly of $name is as it was", async (program) => {
  await expect(printAssembly(compileProgram(program, 16))).toMatchFileSnapshot(`golden/${program.name}.asm`);
});

describe("a call of the program's own function", () => {
  const compile = (operands: string[], code: string) =>
    compileProgram(parsed(programText("f", operands, `(f ${operands.map(() => 1).join(" ")}) => 1`, code)), 16);

  test("is not there when nothing else calls it, and the operands keep their names", () => {
    const assembly = compile(["x", "y"], "(define (f x y) (if (= y 0) x (f y (- x y))))");
    expect(assembly.operands).toEqual(["x", "y"]);
    expect(assembly.instructions.some(({ op }) => op === "call")).toBe(false);
  });

  test("stays where the function recurs, or a helper calls it back", () => {
    const sum = compile(["a"], "(define (f a) (if (= a 0) 0 (+ a (f (- a 1)))))");
    expect(sum.operands).toEqual(["a"]);
    expect(sum.stackPointer).toBeDefined();
    expect(runExact(link([sum], { n: 32 }), "f", [6]).result).toBe(21);
    const back = "(define (g a) (if (= a 0) 7 (* 1 (f a))))\n(define (f a) (+ 0 (g (- a 1))))";
    expect(runExact(link([compile(["a"], back)], { n: 32 }), "f", [4]).result).toBe(7);
  });

  test("stays where constants are computed first", () => {
    const assembly = compile(["a"], "(define unit 5)\n(define (f a) (+ a unit))");
    expect(runExact(link([assembly], { n: 32 }), "f", [4]).result).toBe(9);
  });
});
