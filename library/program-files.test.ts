import { describe, expect, test } from "vitest";
import { runExact } from "../machine/index.js";
import { evaluateReference, SourceError } from "../scheme/index.js";
import { buildLibrary } from "./build.js";
import { parsePrograms } from "./catalog.js";
import { ProgramFiles } from "./program-files.js";
import { programText } from "./testing.js";

const euclid = programText(
  "euclid",
  ["a", "b"],
  "(euclid 12 18) => 6",
  "(define (euclid a b) (if (= b 0) a (euclid b (modulo a b))))",
);
const coprime = programText("coprime", ["a", "b"], "(coprime 9 4) => 1", "(define (coprime a b) (= (euclid a b) 1))");
const phi = programText(
  "phi",
  ["a"],
  "(phi 12) => 4",
  `(define (phi a) (count a a))
(define (count a i) (if (= i 0) 0 (+ (coprime a i) (count a (- i 1)))))`,
);

const failureOf = (run: () => unknown): SourceError => {
  try {
    run();
  } catch (error) {
    if (error instanceof SourceError) return error;
    throw error;
  }
  throw new Error("nothing is wrong");
};

describe("programs that call each other by name", () => {
  test("are linked with what they call, and with what that calls", () => {
    const files = new ProgramFiles([coprime, euclid, phi]);
    expect(files.linked("euclid").calls).toEqual([]);
    expect(files.linked("coprime").calls).toEqual(["euclid"]);
    expect(files.linked("phi").calls).toEqual(["coprime", "euclid"]);
    const [, , program] = parsePrograms([coprime, euclid, phi]);
    expect(evaluateReference(program.program, { a: 12 })).toBe(4);
    expect(program.source.startsWith(phi.text)).toBe(true);
  });

  test("are one library, in whose image a function that several call stands once", async () => {
    const fib = programText(
      "fib",
      ["a (0..6)"],
      "(fib 6) => 8",
      "(define (fib a) (if (< a 2) a (+ (fib (- a 1)) (fib (- a 2)))))",
    );
    const caller = (name: string, code: string) =>
      programText(name, ["a (0..6)"], `(${name} 0) => 0`, `(define (${name} a) ${code})`);
    const twice = caller("twice", "(* 2 (fib a))");
    const thrice = caller("thrice", "(* 3 (fib a))");
    const { library, reports } = await buildLibrary({ programs: [fib, thrice, twice], n: 32 });
    expect(reports.map((report) => report.ok)).toEqual([true, true, true]);
    expect(library.program("twice").calls).toEqual(["fib"]);
    expect(runExact(library.image, "twice", [6]).result).toBe(16);
    const { entries, comments } = library.image;
    const [, second, third] = [...entries.values()];
    expect(third.end - second.end).toBeLessThan(6);
    expect(comments.filter((text) => text.startsWith("(fib (- a 2))"))).toHaveLength(1);
  });

  test("prefer their own functions and the language's operations", () => {
    const own = programText("mine", ["a"], "(mine 1) => 2", "(define (euclid a) (+ a 1)) (define (mine a) (euclid a))");
    expect(new ProgramFiles([own, euclid]).linked("mine").calls).toEqual([]);
    const gcd = { ...euclid, name: "gcd", file: "gcd.scm", text: euclid.text.replaceAll("euclid", "gcd") };
    const uses = programText("uses", ["a"], "(uses 4) => 2", "(define (uses a) (gcd a 6))");
    expect(new ProgramFiles([uses, gcd]).linked("uses").calls).toEqual([]);
  });

  test("are left out with what they call", async () => {
    const bad = { ...euclid, text: euclid.text.replace("=> 6", "=> 5") };
    const next = programText("next", ["a"], "(next 3) => 4", "(define (next a) (+ a 1))");
    const { library, reports } = await buildLibrary({ programs: [coprime, bad, next] });
    expect(library.programs.map(({ name }) => name)).toEqual(["next"]);
    expect(reports[0]).toMatchObject({ ok: false, failure: { message: 'it calls "euclid", which is left out' } });
  });
});

describe("what is wrong between files says where", () => {
  test("a circle", () => {
    const even = programText("even", ["a"], "(even 2) => 1", "(define (even a) (if (= a 0) 1 (odd (- a 1))))");
    const odd = programText("odd", ["a"], "(odd 2) => 0", "(define (odd a) (if (= a 0) 0 (even (- a 1))))");
    const error = failureOf(() => new ProgramFiles([even, odd]).linked("even"));
    expect(error.what).toBe("files can't call each other in a circle: even, which calls odd, which calls even");
    expect(error.message).toMatch(/^tests\/odd\.scm:7:32: /);
  });

  test("a callee that is nowhere, with the nearest name", () => {
    const lost = { ...coprime, text: coprime.text.replace("(euclid a b)", "(euclidd a b)") };
    const error = failureOf(() => new ProgramFiles([lost, euclid]).linked("coprime"));
    expect(error.message).toMatch(/^tests\/coprime\.scm:8:27: .*"euclidd" \(did you mean "euclid"\?\)/);
    expect(failureOf(() => parsePrograms([coprime])).message).toMatch(/^tests\/coprime\.scm:8:27: unknown operation/);
  });

  test("a wrong number of arguments", () => {
    const few = { ...coprime, text: coprime.text.replace("(euclid a b)", "(euclid a)") };
    const error = failureOf(() => parsePrograms([few, euclid]));
    expect(error.message).toMatch(/^tests\/coprime\.scm:8:26: "euclid" takes 2 arguments, not 1/);
  });

  test("a fault in the callee's file", () => {
    const faulty = { ...euclid, text: euclid.text.replace("modulo", "modul") };
    const error = failureOf(() => new ProgramFiles([coprime, faulty]).linked("coprime"));
    expect(error.message).toMatch(/^tests\/euclid\.scm:8:47: .*did you mean "modulo"/);
  });

  test("helpers of one name", () => {
    const helped = (name: string, code: string) => programText(name, ["a"], `(${name} 1) => 1`, code);
    const one = helped("one", "(define (help a) a)\n(define (one a) (help a))");
    const two = helped("two", "(define (help a) a)\n(define (two a) (one (help a)))");
    const error = failureOf(() => new ProgramFiles([one, two]).linked("two"));
    expect(error.message).toMatch(
      /^tests\/one\.scm:7:10: "help" is defined in tests\/two\.scm:7:10 too, and the two files are linked/,
    );
  });

  test("an operation that one of the files defines anew", () => {
    const helped = (name: string, code: string) => programText(name, ["a"], `(${name} 1) => 1`, code);
    const one = helped("one", "(define (square a) a)\n(define (one a) (square a))");
    const two = helped("two", "(define (two a) (one (square a)))");
    const error = failureOf(() => new ProgramFiles([one, two]).linked("two"));
    expect(error.message).toMatch(/^tests\/one\.scm:7:10: "square" is an operation in tests\/two\.scm/);
  });
});
