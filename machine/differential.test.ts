import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, imageOf, link, parseAssembly, printAssembly } from "../assembler/index.js";
import { aNormalForm, evaluateReference, readProgram } from "../scheme/index.js";
import { entryOf, flash, initialState, oneHot, runExact, softRun } from "./index.js";

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

describe("sixty programs in one image at n = 32", () => {
  const gcd = "(define (gcd* a b) (if (= b 0) a (gcd* b (modulo a b))))";
  const power = "(define (power b e) (if (= e 0) 1 (* b (power b (- e 1)))))";
  const texts = Array.from(
    { length: 60 },
    (_, i) =>
      `${gcd} ${power} (+ (power a (modulo b 6)) (if (< a ${i % 30}) (gcd* a ${1 + (i % 7)}) (gcd* b a)) ` +
      `(let go ((j ${i % 5}) (s b)) (if (= j 0) s (go (- j 1) (+ s (power j 2))))))`,
  );
  const cores = texts.map((text) => readProgram(text));
  const image = link(
    cores.map((core, i) => assemble(aNormalForm(core), { name: `p${i}` })),
    { n: 32 },
  );

  it("has the shared functions once, and more lines and labels than n", () => {
    expect([...image.lineLabels.values()].filter((label) => /^p0\.power /.test(label))).toHaveLength(1);
    expect(image.lines).toBeGreaterThan(1000);
    expect(new Set([...image.entries.values()].map(({ labels }) => labels)).size).toBe(60);
  });

  it("computes with each what the reference says, and the soft machine the same", () => {
    cores.forEach((core, i) => {
      for (const [a, b] of [
        [3, 17],
        [30, 4],
        [12, 31],
      ]) {
        const { result, steps, registers } = runExact(image, `p${i}`, [a, b]);
        expect(result).toBe(evaluateReference(core, { a, b }, { modulus: 32 }));
        if (i % 20 > 0 || a !== 3) continue;
        const one = imageOf(image, entryOf(image, `p${i}`));
        const soft = softRun(flash(one), initialState(one, `p${i}`, oneHot([a, b], 32), 1), { steps });
        expect([...soft.registers]).toEqual([...oneHot([...registers], 32)]);
      }
    });
  });
});

describe("random programs", () => {
  it("compute the same by the reference, the exact machine and the soft machine", () => {
    fc.assert(
      fc.property(programs, fc.integer({ min: 4, max: 8 }), ({ text, inputs }, fewer) => {
        const core = readProgram(text);
        const assembly = assemble(aNormalForm(core), { registers: 64 });
        expect(parseAssembly(printAssembly(assembly))).toEqual(assembly);
        const image = link([assembly], { n, registers: 64 });
        const [a, b, c] = inputs;
        const reference = evaluateReference(core, { a, b, c }, { modulus: n });
        const exact = runExact(image, "main", inputs);
        expect(exact.result).toBe(reference);
        const few = link([assemble(aNormalForm(core), { registers: fewer })], { n, registers: fewer });
        expect(runExact(few, "main", inputs).result).toBe(reference);
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
