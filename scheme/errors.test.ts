import { describe, expect, it } from "vitest";
import {
  aNormalForm,
  caret,
  evaluateReference,
  messageOf,
  nearest,
  printAnf,
  readProgram,
  SoftmachineError,
  Source,
  SourceError,
  suggestion,
} from "./index.js";

const letExample = "(let ((x 1) (y 2)) (+ x y))";
const namedExample = "(let next ((i 0)) (if (< i 10) (next (+ i 1)) i))";
const starExample = "(let* ((x 1) (y (+ x 1))) (* x y))";
const recExample = "(letrec ((f (lambda (n) (if (= n 0) 1 (* n (f (- n 1))))))) (f 5))";
const loopExample = "(loop ((i 0)) (if (< i 10) (recur (+ i 1)) i))";
const doExample = "(do ((i 0 (+ i 1)) (s 0 (+ s i))) ((= i 10) s))";
const noCall = "not an operation or a function that could be applied";

/** Every program here is wrong; beside it, line:column and what the error says. */
const faults: readonly (readonly [source: string, message: string])[] = [
  // Reader.
  ["(+ 1", '1:1: this "(" is never closed'],
  ["(+ 1 [2)", '1:8: ")" where "]" is needed to close the "[" at 1:6'],
  ["(+ 1\n  2]", '2:4: "]" where ")" is needed to close the "(" at 1:1'],
  ["[1 2", '1:1: this "[" is never closed'],
  ["(+ 1 2))", '1:8: this ")" closes nothing'],
  ["]", '1:1: this "]" closes nothing'],
  ["x #| y", "1:3: this comment is never closed by |#"],
  ["#| #| |#", "1:1: this comment is never closed by |#"],
  ["(+ 1 #;)", "1:8: #; has no datum after it to leave out"],
  ["1 #;", "1:5: #; has no datum after it to leave out"],
  ['"text"', "1:1: strings are not part of the language"],
  ["'a", "1:1: quotation (') is not part of the language"],
  ["`a", "1:1: quotation (`) is not part of the language"],
  ["(f ,a)", "1:4: quotation (,) is not part of the language"],
  ["{a}", '1:1: "{" is not part of the language'],
  ["|a|", '1:1: "|" is not part of the language'],
  ["#(1 2)", "1:1: a vector is written [a b c]"],
  ["#\\a", '1:1: "#\\a" is not part of the language'],
  ["(f . x)", "1:4: pairs (a . b) are not part of the language"],
  ["(+ 1 1/0)", '1:6: "1/0" is not a number'],
  ["12x", '1:1: "12x" is not a number'],
  ["(+ +inf 1)", '1:4: "+inf" is not a number'],
  ["(".repeat(100_000), "1:1001: nested deeper than 1000 levels"],
  [`${"[".repeat(50_000)}1${"]".repeat(50_000)}`, "1:1001: nested deeper than 1000 levels"],
  // Program.
  ["", "1:1: the program has no expression to evaluate"],
  ["; nothing", "1:10: the program has no expression to evaluate"],
  ["(define k 2)", "1:1: the program has no expression to evaluate"],
  [
    "(define (f x) x) (define (g x) x)",
    "1:1: the program only defines f, g: add an expression to evaluate, or name one of them as the entry",
  ],
  // Definitions.
  ["(define)", "1:1: define needs a name and a value, as (define k 2) or (define (f x) (* 2 x))"],
  ["(define () 1)", "1:9: define needs a function's name"],
  ["(define 3 4)", "1:9: a definition's name must be a symbol"],
  ["(define ((f x) y) 1)", "1:10: a definition's name must be a symbol"],
  ["(define if 3)", '1:9: "if" is a form of the language and can\'t be defined'],
  ["(define (lambda x) 3)", '1:10: "lambda" is a form of the language and can\'t be defined'],
  ["(define define 3)", '1:9: "define" is a form of the language and can\'t be defined'],
  ["(define f 1)\n(define (f x) x)", '2:10: "f" is defined twice'],
  ["(define x)", '1:1: the definition of "x" has no body'],
  ["(define (f))", '1:1: the definition of "f" has no body'],
  ["(define x 1 2)", '1:13: the constant "x" takes one value'],
  ["(define f (lambda x x))", "1:11: lambda needs its parameters in a list, as (lambda (x) (* 2 x))"],
  ["(define f (lambda (x)))", "1:11: lambda has no body"],
  ["(define (f x x) x)", '1:14: "x" is bound twice here'],
  ["(define (f 3) x)", "1:12: a variable's name must be a symbol"],
  ["(+ 1 (define x 2))", "1:6: define stands at the top level only; let binds names within an expression"],
  ["(define a b) (define b 1) a", '1:11: "b" is defined later'],
  ["(define a a) a", '1:11: "a" is defined later'],
  ["(define a (f 2)) (define (f x) (* k x)) (define k 3) a", '1:11: "f" uses "k", which is defined later'],
  ["(define (g) (f 1)) (define a (g)) (define (f x) k) (define k 3) a", '1:30: "g" uses "k", which is defined later'],
  ["[define x 1]", '1:2: "define" is a form of the language, not a value'],
  // Application.
  ["()", "1:1: an empty list has no value"],
  ["(1 2)", `1:2: 1 is a number, ${noCall}`],
  ["(#t)", `1:2: #t is a number, ${noCall}`],
  ["((f) 1)", `1:2: this is an expression, ${noCall}`],
  ["((lambda (x) x) 1)", `1:2: this is an expression, ${noCall}`],
  ["(let ((x 1)) (x 2))", '1:15: "x" is a value, not a function'],
  ["(define sin 3) (sin 1)", '1:17: "sin" is a value, not a function'],
  ["(sine 1)", '1:2: unknown operation or function "sine" (did you mean "sin"?)'],
  ["(Sin 1)", '1:2: unknown operation or function "Sin" (did you mean "sin"?)'],
  [
    "(define (square-root x) x) (squareroot 1)",
    '1:29: unknown operation or function "squareroot" (did you mean "square-root"?)',
  ],
  ["(lett ((x 1)) x)", '1:2: unknown operation or function "lett" (did you mean "let"?)'],
  ["(defin x 1) x", '1:2: unknown operation or function "defin" (did you mean "define"?)'],
  ["(let ((foo 1)) (fooo 2))", '1:17: unknown operation or function "fooo"'],
  ["(toString 1)", '1:2: unknown operation or function "toString"'],
  ["(__proto__)", '1:2: unknown operation or function "__proto__"'],
  ["(hasOwnProperty 1)", '1:2: unknown operation or function "hasOwnProperty"'],
  ["(lambda (x) x)", "1:1: functions are not values here: bind a lambda to a name by define, let or letrec"],
  ["(sin)", '1:1: "sin" takes 1 argument, not 0'],
  ["(sin 1 2)", '1:1: "sin" takes 1 argument, not 2'],
  ["(modulo 1)", '1:1: "modulo" takes 2 arguments, not 1'],
  ["(log 1 2 3)", '1:1: "log" takes 1 or 2 arguments, not 3'],
  ["(+ 1 (-))", '1:6: "-" takes at least 1 argument, not 0'],
  ["(<)", '1:1: "<" takes at least 1 argument, not 0'],
  ["[]", '1:1: "vec" takes 1 to 10000 arguments, not 0'],
  [`[${"1 ".repeat(200_000)}]`, '1:1: "vec" takes 1 to 10000 arguments, not 200000'],
  ["(f 1 2) (define (f x) x)", '1:1: "f" takes 1 argument, not 2'],
  ["(define (f) 1) (f 1)", '1:16: "f" takes 0 arguments, not 1'],
  ["(let ((f (lambda (x y) x))) (f 1))", '1:29: "f" takes 2 arguments, not 1'],
  ["(let next ((i 0)) (next))", '1:19: "next" takes 1 argument, not 0'],
  ["(call)", "1:1: call takes a function's name and its arguments, as (call f 1 2)"],
  ["(call 3 1)", "1:7: call takes a function's name and its arguments, as (call f 1 2)"],
  ["(define (foo x) x) (call fooo 1)", '1:26: "fooo" is not a function defined here (did you mean "foo"?)'],
  ["(call + 1 2)", '1:7: "+" is not a function defined here'],
  ["(let ((x 1)) (call x))", '1:20: "x" is not a function defined here'],
  // Derivatives.
  ["(derivative (* x x))", "1:1: derivative takes an expression and a variable, as (derivative (* x x) x)"],
  ["(derivative)", "1:1: derivative takes an expression and a variable, as (derivative (* x x) x)"],
  ["(derivative x x x)", "1:1: derivative takes an expression and a variable, as (derivative (* x x) x)"],
  [
    "(derivative x (* x x))",
    "1:15: derivative takes a variable's name after the expression, as (derivative (* x x) x)",
  ],
  ["(derivative x 3)", "1:15: derivative takes a variable's name after the expression, as (derivative (* x x) x)"],
  [
    "(derivative (* speed speed) sped)",
    '1:29: "sped" is no variable here, nor an input of the program (did you mean "speed"?)',
  ],
  [
    "(let ((speed 1)) (derivative (* speed speed) seed))",
    '1:46: "seed" is no variable here, nor an input of the program (did you mean "speed"?)',
  ],
  ["(derivative 1 x)", '1:15: "x" is no variable here, nor an input of the program'],
  ["(define (f x) x) (derivative (f 1) f)", '1:36: "f" is a function, not a value: apply it, as (f …)'],
  ["(derivative (sin x) sin)", '1:21: "sin" is an operation, not a value: apply it, as (sin …)'],
  ["(derivative x let)", '1:15: "let" is a form of the language, not a value'],
  [
    "(loop ((x 1)) (derivative (recur x) x))",
    "1:27: recur must be in tail position: nothing may remain to be done after it",
  ],
  ["derivative", '1:1: "derivative" is a form of the language, not a value'],
  ["(derivativ x x)", '1:2: unknown operation or function "derivativ" (did you mean "derivative"?)'],
  // Names as values.
  ["sin", '1:1: "sin" is an operation, not a value: apply it, as (sin …)'],
  ["(+ 1 pow)", '1:6: "pow" is an operation, not a value: apply it, as (pow …)'],
  ["(define (f x) x) (+ f 1)", '1:21: "f" is a function, not a value: apply it, as (f …)'],
  ["(let loop ((i 0)) loop)", '1:19: "loop" is a function, not a value: apply it, as (loop …)'],
  ["(+ let 1)", '1:4: "let" is a form of the language, not a value'],
  ["lambda", '1:1: "lambda" is a form of the language, not a value'],
  ["define", '1:1: "define" is a form of the language, not a value'],
  ["=>", '1:1: "=>" is a form of the language, not a value'],
  ["(if else 1 2)", '1:5: "else" is a form of the language, not a value'],
  // let and its like.
  ["(let)", `1:1: its bindings must be a list, as in ${letExample}`],
  ["(let 3 x)", `1:6: its bindings must be a list, as in ${letExample}`],
  ["(let (x) 3)", `1:7: a binding has the form (name value), as in ${letExample}`],
  ["(let (()) 3)", `1:7: a binding has the form (name value), as in ${letExample}`],
  ["(let ((x)) x)", `1:8: a binding has one name and one value, as in ${letExample}`],
  ["(let ((x 1 2)) x)", `1:8: a binding has one name and one value, as in ${letExample}`],
  ["(let ((1 2)) 3)", "1:8: a variable's name must be a symbol"],
  ["(let ((x 1) (x 2)) x)", '1:14: "x" is bound twice here'],
  ["(let ((x 1)))", "1:1: there is no expression here to evaluate"],
  ["(let ((f (lambda x x))) 1)", "1:10: lambda needs its parameters in a list, as (lambda (x) (* 2 x))"],
  ["(let ((f (lambda))) 1)", "1:10: lambda needs its parameters in a list, as (lambda (x) (* 2 x))"],
  ["(let ((f (lambda (x)))) 1)", "1:10: lambda has no body"],
  ["(let ((f (lambda (x x) x))) 1)", '1:21: "x" is bound twice here'],
  ["(let* ((x 1) y) x)", `1:14: a binding has the form (name value), as in ${starExample}`],
  ["(let* x 1)", `1:7: its bindings must be a list, as in ${starExample}`],
  ["(let next)", `1:1: its bindings must be a list, as in ${namedExample}`],
  ["(let next ((i)) i)", `1:13: a binding has one name and one value, as in ${namedExample}`],
  ["(let next ((i 0) (i 1)) i)", '1:19: "i" is bound twice here'],
  ["(let next ((i 0)))", "1:1: there is no expression here to evaluate"],
  ["(letrec ((x 1)) x)", `1:13: letrec binds functions, as in ${recExample}; let binds values`],
  ["(letrec x 1)", `1:9: its bindings must be a list, as in ${recExample}`],
  ["(letrec ((f (lambda () 1)) (f (lambda () 2))) 1)", '1:29: "f" is bound twice here'],
  // Iteration.
  ["(loop)", `1:1: its bindings must be a list, as in ${loopExample}`],
  ["(loop ((i)) i)", `1:9: a binding has one name and one value, as in ${loopExample}`],
  ["(loop ((i 0)))", "1:1: there is no expression here to evaluate"],
  ["(recur 1)", "1:1: recur stands within a loop only"],
  ["(let next ((i 0)) (recur i))", "1:19: recur stands within a loop only"],
  ["(loop ((i 0)) (let ((h (lambda (x) (recur x)))) (h i)))", "1:36: recur stands within a loop only"],
  ["(loop ((i (recur 1))) i)", "1:11: recur stands within a loop only"],
  ["(loop ((i 0)) (recur i i))", '1:15: "recur" takes 1 argument, not 2'],
  ["(loop ((i 0)) (+ 1 (recur i)))", "1:20: recur must be in tail position: nothing may remain to be done after it"],
  [
    "(loop ((i 0)) (begin (recur i) 1))",
    "1:22: recur must be in tail position: nothing may remain to be done after it",
  ],
  ["(loop ((i 0)) (if (recur i) 1 2))", "1:19: recur must be in tail position: nothing may remain to be done after it"],
  [
    "(loop ((i 0)) (let ((x (recur i))) x))",
    "1:24: recur must be in tail position: nothing may remain to be done after it",
  ],
  ["(loop ((i 0)) (or (recur i) 1))", "1:19: recur must be in tail position: nothing may remain to be done after it"],
  [
    "(loop ((i 0)) (let f ((j 0)) (if j (recur i) (+ 1 (f j)))))",
    "1:36: recur must be in tail position: nothing may remain to be done after it",
  ],
  ["(do)", `1:1: its bindings must be a list, as in ${doExample}`],
  ["(do ((i)) (1))", `1:7: a variable of do has the form (name start step), as in ${doExample}`],
  ["(do ((i 0 1 2)) (1))", `1:7: a variable of do has the form (name start step), as in ${doExample}`],
  ["(do ((i 0)))", `1:1: do needs a test to end by, as in ${doExample}`],
  ["(do ((i 0)) ())", `1:13: do needs a test to end by, as in ${doExample}`],
  ["(do ((i 0)) 3)", `1:13: do needs a test to end by, as in ${doExample}`],
  ["(do ((i 0) (i 1)) (1))", '1:13: "i" is bound twice here'],
  // Conditions.
  ["(if)", "1:1: if takes a test and one or two branches"],
  ["(if 1)", "1:1: if takes a test and one or two branches"],
  ["(if 1 2 3 4)", "1:1: if takes a test and one or two branches"],
  ["(when 1)", "1:1: when takes a test and at least one expression"],
  ["(unless)", "1:1: unless takes a test and at least one expression"],
  ["(begin)", "1:1: there is no expression here to evaluate"],
  ["(cond)", "1:1: cond needs at least one clause"],
  ["(cond 1)", "1:7: a clause has the form (test expression …)"],
  ["(cond ())", "1:7: a clause has the form (test expression …)"],
  ["(cond (else))", "1:7: there is no expression here to evaluate"],
  ["(cond (else 1) (2 3))", "1:7: else must be the last clause"],
  ["(cond (1 => f))", "1:10: => needs functions as values, which the language does not have"],
  ["(case 1)", "1:1: case takes a key and at least one clause, as (case n ((1 2) 10) (else 0))"],
  ["(case 1 2)", "1:9: a clause has the form (test expression …)"],
  ["(case 1 (2 3))", "1:10: the values of a case clause must be a list of numbers, as ((1 2) 10)"],
  ["(case 1 ((a) 3))", "1:11: case compares with numbers only"],
  ["(case 1 ((2)))", "1:9: there is no expression here to evaluate"],
  ["(case 1 (else 2) ((3) 4))", "1:9: else must be the last clause"],
  ["(else 1)", "1:1: else stands as the last clause of cond or case only"],
];

/** The error that something throws, which must be one of ours. */
function thrown(action: () => unknown): SoftmachineError {
  try {
    action();
  } catch (error) {
    if (error instanceof SoftmachineError) return error;
    throw error;
  }
  return expect.fail("nothing was thrown");
}

describe("faults of a program", () => {
  it.each(faults.map(([source, message]) => ({ source, shown: source.slice(0, 70), message })))(
    "$shown",
    ({ source, message }) => {
      const error = thrown(() => readProgram(source));
      expect(error).toBeInstanceOf(SourceError);
      expect(error.message.split("\n")[0]).toBe(`<program>:${message}`);
    },
  );

  it("shows the line with a caret under the fault", () => {
    const error = thrown(() => readProgram("(+ 1\n   (* 2 (sine x))\n   3)", { name: "a.scm" }));
    expect(error.message).toBe(
      [
        'a.scm:2:10: unknown operation or function "sine" (did you mean "sin"?)',
        "     (* 2 (sine x))",
        "           ^^^^",
      ].join("\n"),
    );
    expect(error).toMatchObject({
      line: 2,
      column: 10,
      what: 'unknown operation or function "sine" (did you mean "sin"?)',
    });
  });

  it("names the entry that is missing or clashes", () => {
    const file = "(define (power a b) (* a b))\n(define (g a) (* b a))";
    expect(thrown(() => readProgram(file, { entry: "powr" })).message.split("\n")[0]).toBe(
      '<program>:1:1: no function "powr" is defined here (did you mean "power"?)',
    );
    expect(thrown(() => readProgram(file, { entry: "power" })).message.split("\n")[0]).toBe(
      '<program>:2:18: "b" is an operand of "power" and also a free variable elsewhere',
    );
  });

  it("takes what exhausts the stack in a later stage for a fault of the program", () => {
    const clauses = Array.from({ length: 20_000 }, (_, i) => `((= n ${i}) ${i})`).join(" ");
    const program = aNormalForm(readProgram(`(cond ${clauses} (else 0))`));
    expect(thrown(() => printAnf(program)).message).toMatch(/^<program>:1:1: the program nests too deeply\n/);
  });
});

describe("carets", () => {
  const under = (text: string, part: string) => {
    const start = text.indexOf(part);
    return caret(new Source(text), { start, end: start + part.length });
  };
  it.each([
    ["tabs and other control characters keep their column", "\t\tfoo\u001b[31m", "foo", "    foo [31m\n    ^^^"],
    ["Windows line ends are left out", "a\r\n  foo\r\nb", "foo", "    foo\n    ^^^"],
    ["old Macintosh line ends end lines", "a\rfoo\rb", "foo", "  foo\n  ^^^"],
    ["a fault of many lines is marked on its first", "(a\n b)", "(a\n b)", "  (a\n  ^^"],
    ["the end of the text", "ab", "", "  ab\n  ^"],
  ])("%s", (_, text, part, wanted) => {
    expect(under(text, part)).toBe(wanted);
  });

  it("cuts a long line around the fault", () => {
    const [line, marks] = under(`${"a ".repeat(500)}foo ${"b ".repeat(500)}`, "foo").split("\n");
    expect(line).toMatch(/^ {2}….{100}…$/);
    expect(line.slice(marks.indexOf("^"), marks.lastIndexOf("^") + 1)).toBe("foo");
  });
});

describe("suggestions", () => {
  it.each([
    ["sine", ["cosine", "sin", "sinh"], "sin"],
    ["THETA", ["theta", "thetas"], "theta"],
    ["tehta", ["theta"], "theta"],
    ["gdc", ["gcd", "lcm"], "gcd"],
    ["heatt", ["theta"], undefined],
    ["velocty", ["velocity"], "velocity"],
    ["x", ["y", "xy"], undefined],
    ["ab", ["abc", "b"], undefined],
    ["x", [], undefined],
    ["toString", [], undefined],
    ["x".repeat(100_000), ["sin", "cos"], undefined],
  ])("%.20s", (word, candidates, wanted) => {
    expect(nearest(word, candidates)).toBe(wanted);
    expect(suggestion(word, candidates)).toBe(wanted ? ` (did you mean "${wanted}"?)` : "");
  });

  it("gives the message of anything thrown", () => {
    expect([new Error("a"), "b", 3, undefined].map(messageOf)).toEqual(["a", "b", "3", "undefined"]);
  });
});

describe("messages with many names", () => {
  const program = readProgram(Array.from({ length: 100 }, (_, i) => `name${i}`).join(" "));
  it("list a dozen", () => {
    expect(() => evaluateReference(program, {})).toThrow(/^missing inputs "name0", .*"name11" and 88 more$/);
  });
});

describe("arguments that are no text", () => {
  it.each([
    [() => readProgram(3 as never), "a program's text must be a string, not number"],
    [() => readProgram("(define (f) 1)", { entry: 3 as never }), "the entry must be a function's name, not number"],
  ])("%s", (run, message) => {
    expect(run).toThrow(message);
  });
});
