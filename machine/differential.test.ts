import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, link, parseAssembly, printAssembly } from "../assembler/index.js";
import { aNormalForm, evaluateReference, readProgram } from "../scheme/index.js";
import { flash, initialState, oneHot, runExact, softRun } from "./index.js";

const n = 251;

const binary = ["+", "-", "*", "min", "max", "quotient", "modulo", "gcd", "=", "<", "<=", ">", ">=", "and", "or"];
const unary = ["abs", "square", "not", "zero?", "positive?", "even?", "odd?"];

/** Expressions over the variables in scope, with calls of f and g unless the expression is in their own bodies. */
function expression(scope: readonly string[], calls: boolean, depth: number): fc.Arbitrary<string> {
  const leaf = fc.oneof(fc.constantFrom(...scope), fc.integer({ min: -5, max: 20 }).map(String));
  if (depth === 0) return leaf;
  const sub = expression(scope, calls, depth - 1);
  const name = `x${depth}`;
  const inner = expression([...scope, name], calls, depth - 1);
  const loop = expression([...scope, `i${depth}`, `s${depth}`], calls, depth - 1);
  const choices = [
    leaf,
    fc.tuple(fc.constantFrom(...binary), sub, sub).map(([op, a, b]) => `(${op} ${a} ${b})`),
    fc.tuple(fc.constantFrom(...unary), sub).map(([op, a]) => `(${op} ${a})`),
    fc.tuple(sub, sub, sub).map(([a, b, c]) => `(if ${a} ${b} ${c})`),
    fc.tuple(sub, inner).map(([value, body]) => `(let ((${name} ${value})) ${body})`),
    fc
      .tuple(sub, sub, loop)
      .map(
        ([count, start, next]) =>
          `(let go${depth} ((i${depth} (modulo ${count} 4)) (s${depth} ${start})) ` +
          `(if (= i${depth} 0) s${depth} (go${depth} (- i${depth} 1) ${next})))`,
      ),
  ];
  if (calls)
    choices.push(fc.tuple(fc.constantFrom("f", "g", "count"), sub, sub).map((parts) => `(${parts.join(" ")})`));
  return fc.oneof(...choices);
}

/** Programs with two plain functions, of which the second calls the first, and one that recurs. */
const programs = fc
  .record({
    f: expression(["p", "q"], false, 2),
    g: expression(["p", "q"], false, 2),
    body: expression(["a", "b", "c"], true, 4),
    inputs: fc.array(fc.nat(n - 1), { minLength: 3, maxLength: 3 }),
  })
  .map(({ f, g, body, inputs }) => ({
    text: `(define (f p q) ${f})
(define (g p q) (- (f ${g} p) q))
(define (count p q) (if (= (modulo p 7) 0) q (+ 1 (count (- (modulo p 7) 1) (f p q)))))
(+ a b c ${body})`,
    inputs,
  }));

describe("random programs", () => {
  it("compute the same by the reference, the exact machine and the soft machine", () => {
    fc.assert(
      fc.property(programs, ({ text, inputs }) => {
        const core = readProgram(text);
        const assembly = assemble(aNormalForm(core), { registers: 64 });
        expect(parseAssembly(printAssembly(assembly))).toEqual(assembly);
        const image = link([assembly], { n, registers: 64 });
        const [a, b, c] = inputs;
        const reference = evaluateReference(core, { a, b, c }, { modulus: n });
        const exact = runExact(image, "main", inputs);
        expect(exact.result).toBe(reference);
        if (exact.steps > 300) return;
        const soft = softRun(flash(image), initialState(image, "main", oneHot(inputs, n), 1), { steps: exact.steps });
        const registers = oneHot([...exact.registers], n);
        const memory = oneHot([...exact.memory], n);
        expect(soft.registers.every((p, i) => p === registers[i])).toBe(true);
        expect(soft.memory.every((p, i) => p === memory[i])).toBe(true);
        expect(soft.halted[0]).toBe(1);
      }),
      { numRuns: 150 },
    );
  });
});
