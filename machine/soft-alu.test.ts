import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alu, instructionCount, instructions, mnemonics } from "../assembler/index.js";
import {
  randomDistributions,
  type SoftProgram,
  type SoftState,
  seededRandom,
  softBackward,
  softForward,
} from "./index.js";
import { expectClose } from "./testing.js";

const aluMnemonics = mnemonics.filter((op) => Object.hasOwn(alu, op));
const reads = (op: (typeof mnemonics)[number], operand: "a" | "b"): boolean =>
  instructions[op].fields.some((field) => field === operand);

/** The mixture by its definition, over all pairs; an instruction that does not read an operand sums it to one. */
function byDefinition(f: Float64Array, u: Float64Array, v: Float64Array): Float64Array {
  const n = u.length;
  const o = new Float64Array(n);
  const meanings = new Map(Object.entries(alu));
  for (const op of aluMnemonics) {
    const meaning = meanings.get(op);
    const weight = f[instructions[op].number];
    for (let a = 0; a < (reads(op, "a") ? n : 1); a++) {
      for (let b = 0; b < (reads(op, "b") ? n : 1); b++) {
        const p = (reads(op, "a") ? u[a] : 1) * (reads(op, "b") ? v[b] : 1);
        o[meaning?.(a, b, n) ?? 0] += weight * p;
      }
    }
  }
  return o;
}

/** Operands from one-hot to full, at sizes where each way of computing is taken. */
const cases = fc.record({
  seed: fc.integer(),
  n: fc.integer({ min: 2, max: 28 }),
  sparsity: fc.constantFrom(0, 0.5, 0.97),
  frozen: fc.boolean(),
});

describe("the soft ALU", () => {
  it("mixes results as the table would, with the gradients of that", () => {
    fc.assert(
      fc.property(cases, ({ seed, n, sparsity, frozen }) => {
        const random = seededRandom(seed);
        const f = randomDistributions(1, instructionCount, random, frozen ? 0.8 : 0);
        for (const op of mnemonics) if (!aluMnemonics.includes(op)) f[instructions[op].number] = 0;
        const u = randomDistributions(1, n, random, sparsity);
        const v = randomDistributions(1, n, random, sparsity);
        const g = Float64Array.from({ length: n }, () => random() - 0.5);
        // One line that reads r0 and r1 and writes what the ALU makes of them to r2, which holds nothing.
        const program: SoftProgram = {
          ...{ n, registers: 3, memorySize: 1, lines: 1, labels: new Int32Array(n) },
          ...{ op: f, a: Float64Array.of(1, 0, 0), b: Float64Array.of(0, 1, 0), out: Float64Array.of(0, 0, 1) },
          k: new Float64Array(n),
        };
        const registers = Float64Array.of(...u, ...v, ...new Float64Array(n));
        const state: SoftState = { batch: 1, registers, memory: new Float64Array(n), counter: Float64Array.of(1) };
        const { result, tape } = softForward(program, state, { steps: 1 });
        expectClose(result.registers.subarray(2 * n), byDefinition(f, u, v), 1e-13);
        const cotangent = Float64Array.of(...new Float64Array(2 * n), ...g);
        const { registers: gradient, program: fields } = softBackward(tape, { registers: cotangent });
        const loss = (): number => byDefinition(f, u, v).reduce((sum, value, i) => sum + value * g[i], 0);
        // The mixture is linear in each entry, so a difference over any distance is its slope.
        const slopes = (array: Float64Array): Float64Array =>
          array.map((value, i) => {
            array[i] = value + 1;
            const above = loss();
            array[i] = value - 1;
            const slope = (above - loss()) / 2;
            array[i] = value;
            return slope;
          });
        expectClose(gradient.subarray(0, n), slopes(u), 1e-11);
        expectClose(gradient.subarray(n, 2 * n), slopes(v), 1e-11);
        const weights = slopes(f);
        for (const op of aluMnemonics) {
          const { number } = instructions[op];
          expect([op, Math.abs((fields?.op[number] ?? Number.NaN) - weights[number]) < 1e-11]).toEqual([op, true]);
        }
      }),
      { numRuns: 25 },
    );
  });
});
