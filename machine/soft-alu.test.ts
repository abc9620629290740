import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alu, instructionCount, instructions, mnemonics } from "../assembler/index.js";
import { randomDistributions, seededRandom } from "./index.js";
import { SoftAlu } from "./soft-alu.js";

const aluMnemonics = mnemonics.filter((op) => Object.hasOwn(alu, op));
const readsB = (op: (typeof mnemonics)[number]): boolean => instructions[op].fields.some((field) => field === "b");
const readsA = (op: (typeof mnemonics)[number]): boolean => instructions[op].fields.some((field) => field === "a");

/** The mixture by its definition, over all pairs; an instruction that does not read an operand sums it to one. */
function byDefinition(f: Float64Array, u: Float64Array, v: Float64Array): Float64Array {
  const n = u.length;
  const o = new Float64Array(n);
  const meanings = new Map(Object.entries(alu));
  for (const op of aluMnemonics) {
    const meaning = meanings.get(op);
    const weight = f[instructions[op].number];
    for (let a = 0; a < (readsA(op) ? n : 1); a++) {
      for (let b = 0; b < (readsB(op) ? n : 1); b++) {
        const p = (readsA(op) ? u[a] : 1) * (readsB(op) ? v[b] : 1);
        o[meaning?.(a, b, n) ?? 0] += weight * p;
      }
    }
  }
  return o;
}

/** Operands from one-hot to full, at sizes where each way of computing is taken. */
const cases = fc.record({
  seed: fc.integer(),
  n: fc.integer({ min: 2, max: 24 }),
  sparsity: fc.constantFrom(0, 0.5, 0.95),
  frozen: fc.boolean(),
});

describe("the soft ALU", () => {
  it("mixes results as the table would, with the gradients of that", () => {
    fc.assert(
      fc.property(cases, ({ seed, n, sparsity, frozen }) => {
        const random = seededRandom(seed);
        const f = randomDistributions(1, instructionCount, random, frozen ? 0.8 : 0);
        const u = randomDistributions(1, n, random, sparsity);
        const v = randomDistributions(1, n, random, sparsity);
        const g = Float64Array.from({ length: n }, () => random() - 0.5);
        const machine = new SoftAlu(n);
        const o = new Float64Array(n);
        machine.forward(f, u, v, o);
        byDefinition(f, u, v).forEach((value, i) => {
          expect(o[i]).toBeCloseTo(value, 13);
        });
        const wanted = new Uint8Array(instructionCount).fill(1);
        const gradients = { f: new Float64Array(instructionCount), u: new Float64Array(n), v: new Float64Array(n) };
        machine.backward(f, u, v, g, wanted, gradients.f, gradients.u, gradients.v);
        const loss = (): number => byDefinition(f, u, v).reduce((sum, value, i) => sum + value * g[i], 0);
        const check = (array: Float64Array, gradient: Float64Array): void => {
          // The mixture is linear in each entry, so a difference over any distance is its slope.
          for (let i = 0; i < array.length; i++) {
            const value = array[i];
            array[i] = value + 1;
            const above = loss();
            array[i] = value - 1;
            const slope = (above - loss()) / 2;
            array[i] = value;
            expect(gradient[i]).toBeCloseTo(slope, 11);
          }
        };
        check(u, gradients.u);
        check(v, gradients.v);
        for (const op of aluMnemonics) {
          const { number } = instructions[op];
          const value = f[number];
          f[number] = value + 1;
          const above = loss();
          f[number] = value;
          expect([op, Math.abs(gradients.f[number] - (above - loss())) < 1e-11]).toEqual([op, true]);
        }
      }),
      { numRuns: 60 },
    );
  });
});
