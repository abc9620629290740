import { describe, expect, it } from "vitest";
import { aNormalForm, readProgram, SourceError } from "../scheme/index.js";
import { assemble, link, parseAssembly, printAssembly, registersOf } from "./index.js";

const compile = (text: string, registers?: number) =>
  assemble(aNormalForm(readProgram(text)), registers === undefined ? {} : { registers });

const loop = "(let loop ((a a) (b b) (d d)) (if (= d 0) a (loop b (+ a b) (- d 1))))";

const recursion = "(define (sum n) (if (= n 0) 0 (+ n (sum (- n 1))))) (sum n)";

describe("assembly text of compiled programs", () => {
  it("turns a loop into moves and jumps without a detour", () => {
    expect(printAssembly(compile(loop))).toBe(`.program main
.operands a b d
.entry main
main:
main.loop:
  const r3, @main.then
  jez   r2, r3                ; if (= d 0)
  add   r3, r0, r1            ; (+ a b)
  dec   r2, r2                ; (- d 1)
  move  r0, r1                ; (loop b (+ a b) (- d 1))
  move  r1, r3                ; (loop b (+ a b) (- d 1))
  const r3, @main.loop
  ret   r3                    ; to main.loop
main.then:
  halt
`);
  });

  it("puts a function with one call in its place", () => {
    const text = "(define (fib a b d) (if (= d 0) a (fib b (+ a b) (- d 1)))) (fib a b d)";
    const { instructions } = compile(text);
    expect(instructions.map(({ op }) => op)).toEqual(compile(loop).instructions.map(({ op }) => op));
  });

  it("saves what a recursive call would overwrite on the stack", () => {
    expect(printAssembly(compile(recursion))).toBe(`.program main
.operands n
.stack r4
.entry main
.functions sum
main:
  const r1, @sum
  call  r1, r1, @main.back    ; (sum n)
main.back:
  halt
sum:
  move  r2, r0                ; operands
  move  r3, r1                ; operands
  const r0, @sum.then
  jez   r2, r0                ; if (= n 0)
  dec   r0, r2                ; (- n 1)
  dec   r4, r4                ; push r2
  write r4, r2
  dec   r4, r4                ; push r3
  write r4, r3
  const r1, @sum
  call  r1, r1, @sum.back     ; (sum (- n 1))
sum.back:
  read  r3, r4                ; pop r3
  inc   r4, r4
  read  r2, r4                ; pop r2
  inc   r4, r4
  add   r0, r2, r0            ; (+ n (sum (- n 1)))
  ret   r3                    ; return
sum.then:
  zero  r0                    ; result 0
  ret   r3                    ; return
`);
  });

  it("keeps values in registers that the callee leaves alone", () => {
    const assembly = compile("(define (f x) (* x (+ x 3))) (+ (f a) (f (+ b a)))");
    expect(assembly.stackPointer).toBeUndefined();
    expect(assembly.instructions.some(({ op }) => op === "write")).toBe(false);
  });

  it("makes a mutual tail call a jump", () => {
    const assembly = compile(
      "(define (e n) (if (= n 0) 1 (o (- n 1)))) (define (o n) (if (= n 0) 0 (e (- n 1)))) (e n)",
    );
    expect(assembly.instructions.filter(({ op }) => op === "call")).toHaveLength(1);
    expect(assembly.stackPointer).toBeUndefined();
  });

  it.each([
    ["(if a b (* b b))", "const jez move halt mul halt"],
    ["(if (not (not a)) b (* b b))", "const jez move halt mul halt"],
    ["(if (positive? a) b (* b b))", "const jez move halt mul halt"],
    ["(if (zero? a) b (* b b))", "const jez mul halt move halt"],
    ["(if (<= a b) b (* b b))", "lt const jump move halt mul halt"],
    ["(let ((z (= a 0))) (if z b (+ z b)))", "not const jez add halt move halt"],
    ["(gcd a b)", "const jez mod move move const ret halt"],
  ])("tests a value for 0 without another instruction: %s", (text, ops) => {
    expect(
      compile(text)
        .instructions.map(({ op }) => op)
        .join(" "),
    ).toBe(ops);
  });

  it("keeps arrays that are read at a computed index in memory", () => {
    const program = aNormalForm(readProgram("(ref v (modulo i 3))"));
    expect(printAssembly(assemble(program, { inputs: { v: [3] } }))).toBe(`.program main
.operands i
.array v 0 3
.reserve 3
.entry main
main:
  const r1, #3                ; 3
  mod   r0, r0, r1            ; (modulo i 3)
  read  r0, r0                ; (ref v (modulo i 3))
  halt
`);
  });

  it("keeps short arrays in registers", () => {
    const { instructions } = compile("(dot [a b] [b a])");
    expect(instructions.map(({ op }) => op)).toEqual(["mul", "mul", "add", "halt"]);
  });

  it.each([
    loop,
    recursion,
    "(if (and (> a 2) b) (max a b) (lcm a b))",
    "(scale a (ref (mat [b 1] [a 2]) (modulo b 2)))",
  ])("survives printing and parsing: %s", (text) => {
    const assembly = compile(text);
    expect(parseAssembly(printAssembly(assembly))).toEqual(assembly);
  });
});

describe("what the machine can't run", () => {
  it.each([
    ["(+ 1 (sin x))", '<program>:1:6: "sin" has no instruction on the machine; the exact path (compile) runs it'],
    ["(+ a (derivative (* a a) a))", '1:6: "derivative" has no instruction on the machine; the exact path (compile)'],
    ["(define (f x n) (if (= n 0) x (f (derivative (* x x) x) (- n 1)))) (f a b)", '1:34: "derivative" has no'],
    ["(/ a b)", '<program>:1:1: "/" has no instruction on the machine; the exact path (compile) runs it'],
    ["(norm [a b])", '<program>:1:1: "norm" has no instruction on the machine; the exact path (compile) runs it'],
    ["(det (mat [a b] [b a]))", '<program>:1:1: "det" has no instruction on the machine; the exact path (compile)'],
    ["(+ 1 (vsum a))", '<program>:1:6: "vsum": its argument must be a vector, not a number'],
    ["(if a [1 2] [1 2 3])", "<program>:1:1: the branches differ in shape: a vector of 2 and a vector of 3"],
    ["(if [a a] 1 2)", "<program>:1:5: a test must be a number, not a vector of 2"],
    [
      "(let go ((v [a 1]) (i 3)) (if (= i 0) 7 (go a (- i 1))))",
      "<program>:1:45: a loop's variable is a vector of 2 at first and a number here",
    ],
    [
      "(define (f v i) (if (= i 0) (ref v 9) (f v (- i 1)))) (f [a a] 2)",
      '<program>:1:29: "ref": index 9 is outside 0..1',
    ],
    [
      "(let ((k 0.5)) (+ a k))",
      "<program>:1:10: 0.5 is not a whole number, and the machine has no others; the exact path (compile) runs it",
    ],
    ["(if a +inf.0 0)", "<program>:1:7: +inf.0 is not a whole number"],
  ])("refuses %s", (text, message) => {
    expect(() => compile(text)).toThrow(SourceError);
    expect(() => compile(text)).toThrow(message);
  });

  it("holds few of a long sum's terms at a time", () => {
    const terms = Array.from({ length: 40 }, (_, i) => `(* ${"abc"[i % 3]} ${"bca"[i % 3]})`);
    expect(registersOf(compile(`(+ ${terms.join(" ")})`))).toBeLessThanOrEqual(6);
    const names = Array.from({ length: 30 }, (_, i) => `x${i}`);
    const lets = names.map((name, i) => `(${name} (+ a ${i}))`);
    const text = `(let (${lets.join(" ")}) (* ${names.join(" ")}))`;
    expect(registersOf(compile(text, 32))).toBe(31);
    expect(registersOf(compile(text, 4))).toBe(4);
  });

  it("says how many registers a program needs", () => {
    expect(() => compile("(+ (* a b) (+ (* c d) (* e f)))", 4)).toThrow(
      'program "main" needs at least 6 registers; the image has 4',
    );
    expect(() => compile("(+ a (* b c))", 2)).toThrow('program "main" needs at least 3 registers; the image has 2');
    for (const registers of [3, 4]) expect(registersOf(compile(recursion, registers))).toBe(registers);
    expect(() => compile(recursion, 2)).toThrow('program "main" needs at least 3 registers; the image has 2');
  });

  it("leaves it to the linker whether a constant condition may be 0 modulo n", () => {
    const wide = compile("(if 16 a b)");
    expect(() => link([wide], { n: 16 })).toThrow('program "main" holds the constant 16, which needs n of at least 17');
    expect(compile("(if 1 a b)").instructions).toHaveLength(1);
  });

  it.each(["(+ a 4294967296)", "(+ a 1e21)", "(- a -1e20)"])("refuses the constant of %s, which no n holds", (text) => {
    expect(() => compile(text)).toThrow(SourceError);
    expect(() => compile(text)).toThrow("with n of at most 4294967296; the exact path (compile) runs it");
  });

  it("compiles a sum of any length", () => {
    const terms = Array.from({ length: 20_000 }, (_, i) => `(* a ${i})`);
    expect(registersOf(compile(`(+ ${terms.join(" ")})`, 4))).toBe(3);
  });

  it.each([0, 2.5, Number.NaN, 257])("refuses %s registers", (registers) => {
    expect(() => compile("a", registers)).toThrow(`registers must be a whole number from 1 to 256; got ${registers}`);
  });

  it("says which n a constant needs", () => {
    expect(() => link([compile("(+ a 20)")], { n: 16 })).toThrow(
      'program "main" holds the constant 20, which needs n of at least 21; n = 16',
    );
  });
});
