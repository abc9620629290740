import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AnfProgram,
  type Atom,
  aNormalForm,
  type Block,
  type Computation,
  evaluateReference,
  printAnf,
  printCore,
  readProgram,
  scalarMeaning,
  type Tail,
} from "./index.js";
import { randomProgram } from "./testing.js";

type Names = ReadonlyMap<string, number>;
type Outcome = number | { readonly label: string; readonly args: readonly number[] };

/** What A-normal form means on numbers, by its definition: a block sees what is bound around it and before. */
function interpret(program: AnfProgram, inputs: Names): number {
  const atom = (names: Names, operand: Atom): number =>
    operand.kind === "constant"
      ? operand.value
      : (names.get(operand.name) ?? expect.fail(`${operand.name} is unbound`));
  const atoms = (names: Names, operands: readonly Atom[]) => operands.map((operand) => atom(names, operand));

  const block = (names: Names, { bindings, tail }: Block): Outcome => {
    const inner = new Map(names);
    for (const { name, value } of bindings) {
      const result = run(inner, value);
      if (typeof result !== "number") return expect.fail(`${name} is bound to a recur`);
      if (inner.has(name)) expect.fail(`${name} is bound twice`);
      inner.set(name, result);
    }
    return run(inner, tail);
  };

  const run = (names: Names, node: Computation | Tail): Outcome => {
    switch (node.kind) {
      case "return":
        return atom(names, node.value);
      case "primitive":
        return scalarMeaning(node.op)(...atoms(names, node.args));
      case "if":
        return block(names, atom(names, node.test) !== 0 ? node.consequent : node.alternative);
      case "recur":
        return { label: node.label, args: atoms(names, node.args) };
      case "derivative":
        return expect.fail("no program here takes a derivative");
      case "call": {
        const f = program.functions.get(node.callee) ?? expect.fail(`no function ${node.callee}`);
        const args = atoms(names, node.args);
        expect(args.length).toBe(f.parameters.length);
        const result = block(new Map(f.parameters.map((name, i) => [name, args[i]])), f.body);
        return typeof result === "number" ? result : expect.fail("a recur leaves its function");
      }
      case "loop": {
        for (let args = atoms(names, node.initial); ; ) {
          expect(args.length).toBe(node.variables.length);
          const result = block(
            new Map([...names, ...node.variables.map((name, i) => [name, args[i]] as const)]),
            node.body,
          );
          if (typeof result === "number" || result.label !== node.label) return result;
          args = [...result.args];
        }
      }
    }
  };
  const result = block(inputs, program.body);
  return typeof result === "number" ? result : expect.fail("a recur leaves the program");
}

describe("agreement with the reference", () => {
  const value = fc.oneof(fc.integer({ min: -3, max: 3 }), fc.double({ min: -4, max: 4, noNaN: true }));
  const agree = (inputs: readonly string[], integer: boolean) =>
    fc.property(
      randomProgram({ inputs: [...inputs], integer }),
      fc.array(value, { minLength: 4, maxLength: 4 }),
      (source, values) => {
        const core = readProgram(source);
        const all = new Map(inputs.map((name, i) => [name, values[i]]));
        const given = core.inputs.map((name) => [name, all.get(name) ?? expect.fail(name)] as const);
        const wanted = evaluateReference(core, Object.fromEntries(given));
        expect(interpret(aNormalForm(core), new Map(given))).toBe(wanted);
      },
    );

  it("holds for random programs", () => {
    fc.assert(agree(["x", "y"], false), { numRuns: 1000 });
  });

  it("holds for random integer programs", () => {
    fc.assert(agree(["x", "y"], true), { numRuns: 500 });
  });

  it("holds whatever the inputs are called", () => {
    fc.assert(agree(["%0", "f", "i", "next"], false), { numRuns: 300 });
    fc.assert(agree(["%a", "a.1", "__proto__", "local"], false), { numRuns: 300 });
  });

  it.each([
    ["(+ %0 (* %0 2))", [3], 9],
    ["(define (f x n) (if (= n 0) (+ x %x) (f (+ x 1) (- n 1)))) (f 0 3)", [10], 13],
    ["(define (f %0 n) (if (= n 0) (+ %0 (* 2 n)) (f (+ %0 (* n n)) (- n 1)))) (f 1 2)", [], 6],
    [
      "(define (f x y) (if (= x 0) y (f (- x 1) (let next ((i 0)) (if (< i x) (next (+ i 1)) (+ i y)))))) (f 3 0)",
      [],
      6,
    ],
    ["(define (f x) (loop ((i 0)) (cond ((= i 3) (f (- x 1))) ((< x 0) i) (else (recur (+ i 1)))))) (f 2)", [], 0],
    ["(define (f x) (if (> x 3) x (and 1 (f (+ x 1))))) (f 0)", [], 4],
    ["(letrec () (let ((x 1)) x))", [], 1],
  ])("%s", (source, values, wanted) => {
    const core = readProgram(source);
    expect(interpret(aNormalForm(core), new Map(core.inputs.map((name, i) => [name, values[i]])))).toBe(wanted);
    expect(evaluateReference(core, Object.fromEntries(core.inputs.map((name, i) => [name, values[i]])))).toBe(wanted);
  });
});

describe("text", () => {
  it.each([
    [
      "(- (* b b) (* 4 a c))",
      `(let* ((%0 (* b b))
       (%1 (* 4 a))
       (%2 (* %1 c))
       (%3 (- %0 %2)))
  %3)`,
    ],
    [
      "(let ((x y) (z (+ y 1))) (* x z))",
      `(let* ((z (+ y 1))
       (%0 (* y z)))
  %0)`,
    ],
    [
      "(+ 1 (if (< x 0) (- x) (let ((y (* 2 x))) (* y y))))",
      `(let* ((%0 (< x 0))
       (%3 (if %0
           (let* ((%1 (* -1 x))) %1)
           (let* ((y (* 2 x))
                  (%2 (* y y)))
             %2)))
       (%4 (+ 1 %3)))
  %4)`,
    ],
    [
      "(cond ((< x 0) 1) ((= x 0) 2) (else (sin x)))",
      `(let* ((%0 (< x 0))) (if %0 1 (let* ((%1 (= x 0))) (if %1 2 (let* ((%2 (sin x))) %2)))))`,
    ],
    [
      "(loop ((i 0) (s x)) (if (< i 3) (recur (+ i 1) (* s s)) s))",
      `(loop loop ((i 0)
            (s x))
  (let* ((%0 (< i 3)))
    (if %0
      (let* ((%1 (+ i 1))
             (%2 (* s s)))
        (recur loop %1 %2))
      s)))`,
    ],
    [
      "(let outer ((i 0)) (if (= i n) i (let inner ((j 0)) (if (= j i) (outer (+ i 1)) (inner (+ j 1))))))",
      `(loop outer ((i 0))
  (let* ((%0 (= i n)))
    (if %0
      i
      (loop inner ((j 0))
        (let* ((%1 (= j i)))
          (if %1 (let* ((%2 (+ i 1))) (recur outer %2)) (let* ((%3 (+ j 1))) (recur inner %3))))))))`,
    ],
    [
      "(define (f n acc k) (if (= n 0) (+ acc k) (f (- n 1) (* n acc) k))) (f 5 1 x)",
      `(define (f %n %acc k)
  (loop %f ((n %n)
            (acc %acc))
    (let* ((%0 (= n 0)))
      (if %0
        (let* ((%1 (+ acc k))) %1)
        (let* ((%2 (- n 1))
               (%3 (* n acc)))
          (recur %f %2 %3))))))

(call f 5 1 x)`,
    ],
    [
      "(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (fib 7)",
      `(define (fib n)
  (let* ((%0 (< n 2)))
    (if %0
      n
      (let* ((%1 (- n 1))
             (%2 (call fib %1))
             (%3 (- n 2))
             (%4 (call fib %3))
             (%5 (+ %2 %4)))
        %5))))

(call fib 7)`,
    ],
    [
      "(let ((g (lambda (y) (+ x y)))) (g (g 1)))",
      `(define (g y x) (let* ((%0 (+ x y))) %0))

(let* ((%0 (call g 1 x))) (call g %0 x))`,
    ],
    ["(or a b)", `(if a a b)`],
    [
      "(< 1 x 3)",
      `(let* ((%0 (< 1 x))
       (%1 (< x 3))
       (%2 (* %0 %1)))
  %2)`,
    ],
    [
      "(define k 2) (define (f x) (* k x)) (f 3)",
      `(define (f x k) (let* ((%0 (* k x))) %0))

(call f 3 2)`,
    ],
  ])("%s", (source, text) => {
    expect(printAnf(aNormalForm(readProgram(source)))).toBe(text);
  });

  it("of core", () => {
    const source =
      "(define (f n) (if (= n 0) 1 (* n (f (- n 1))))) (let* ((k (f x)) (g (lambda (y) (+ k y)))) (loop ((i 0)) (if (< i 3) (recur (g i)) i)))";
    expect(printCore(readProgram(source))).toBe(`(define (f n) (if (= n 0) 1 (* n (call f (- n 1)))))

(define (g y k) (+ k y))

(let* ((k (call f x))) (loop loop ((i 0)) (if (< i 3) (recur loop (call g i k)) i)))`);
  });

  it("binds each operation to a name and leaves atoms unbound", () => {
    fc.assert(
      fc.property(randomProgram({ inputs: ["x", "y"], derivatives: true }), (source) => {
        const anf = aNormalForm(readProgram(source));
        const names = new Set<string>();
        const visit = ({ bindings, tail }: Block): void => {
          for (const { name, value } of bindings) {
            expect(names.has(name), `${name} is bound twice`).toBe(false);
            names.add(name);
            inner(value);
          }
          inner(tail);
        };
        const inner = (node: Computation | Tail): void => {
          if (node.kind === "if") {
            visit(node.consequent);
            visit(node.alternative);
          } else if (node.kind === "loop" || node.kind === "derivative") visit(node.body);
          else if (node.kind === "primitive") expect(node.args.length).toBeLessThanOrEqual(2);
        };
        for (const body of [anf.body, ...[...anf.functions.values()].map((f) => f.body)]) {
          names.clear();
          visit(body);
        }
      }),
    );
  });
});
