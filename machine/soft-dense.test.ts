import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { alu, instructionCount, instructions, type Mnemonic, mnemonics } from "../assembler/index.js";
import { type SoftProgram, type SoftState, softRun } from "./index.js";
import { expectClose, options, randomCase } from "./testing.js";

/**
 * The soft machine as the papers write it, for tests: nested arrays, the dense |A| x n x n x n lookup table of
 * "Algorithmic Language Models with Neurally Compiled Libraries" (2024), equation 7, and sums over everything.
 */
interface DenseResult {
  readonly registers: number[][][];
  readonly memory: number[][][];
  readonly counter: number[][];
  readonly halted: number[];
}

const range = (length: number): number[] => Array.from({ length }, (_, i) => i);
const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const writes = (op: Mnemonic): boolean => instructions[op].fields.some((field) => field === "out");

/** T[h][i][j][l]: 1 where instruction h makes l of i and j. */
function lookupTable(n: number): number[][][][] {
  const meanings = new Map(Object.entries(alu));
  return mnemonics.map((op) =>
    range(n).map((i) =>
      range(n).map((j) => {
        const meaning = meanings.get(op);
        return range(n).map((l) => (meaning !== undefined && meaning(i, j, n) === l ? 1 : 0));
      }),
    ),
  );
}

const matrix = (flat: Float64Array, width: number, row = 0, rows = flat.length / width): number[][] =>
  range(rows).map((r) => [...flat.subarray((row * rows + r) * width, (row * rows + r + 1) * width)]);

function denseRun(program: SoftProgram, state: SoftState, steps: number): DenseResult {
  const { n, registers, memorySize, lines, labels } = program;
  const T = lookupTable(n);
  const fields = {
    op: matrix(program.op, instructionCount),
    a: matrix(program.a, registers),
    b: matrix(program.b, registers),
    out: matrix(program.out, registers),
    k: matrix(program.k, n),
  };
  const results = range(state.batch).map((row) => {
    let R = matrix(state.registers, n, row, registers);
    let M = matrix(state.memory, n, row, memorySize);
    let [c] = matrix(state.counter, lines, row, 1);
    let h = 0;
    let readR = R.map((r) => r.map(() => 0));
    let readM = M.map((r) => r.map(() => 0));
    const mix = (w: readonly number[], rows: readonly (readonly number[])[]): number[] =>
      rows[0].map((_, i) => sum(w.map((weight, r) => weight * rows[r][i])));
    const add = (w: number, x: number[][], y: number[][]): number[][] =>
      x.map((r, i) => r.map((value, j) => value + w * y[i][j]));
    for (let t = 0; t < steps; t++) {
      const f = mix(c, fields.op);
      const weight = (op: Mnemonic): number => f[instructions[op].number];
      const out = mix(c, fields.out);
      const k = mix(c, fields.k);
      const u = mix(mix(c, fields.a), R);
      const v = mix(mix(c, fields.b), R);
      const address = range(memorySize).map((i) => sum(u.filter((_, value) => value % memorySize === i)));
      const loaded = mix(address, M);
      // Instructions of fewer operands ignore the second, whatever its distribution sums to: tests keep sums of one.
      const o = range(n).map(
        (l) =>
          sum(
            range(instructionCount).map((x) =>
              sum(u.map((ui, i) => sum(v.map((vj, j) => T[x][i][j][l] * f[x] * ui * vj)))),
            ),
          ) +
          (weight("const") + weight("call") + weight("store")) * k[l] +
          weight("read") * loaded[l],
      );
      const halting = (1 - h) * weight("halt");
      readR = add(halting, readR, R);
      readM = add(halting, readM, M);
      const writing = sum(mnemonics.map((op) => (writes(op) ? weight(op) : 0)));
      const { length } = c;
      const next = c.map((_, line) => c[(line + length - 1) % length]);
      const to = (values: readonly number[]): number[] =>
        next.map((_, line) => sum(values.filter((_, value) => labels[value] === line)));
      const [L, J] = [to(v), to(u)];
      const p = u[1];
      const goes = weight("call") + weight("ret");
      const j = weight("jump");
      R = R.map((r, i) => r.map((value, l) => (1 - writing * out[i]) * value + out[i] * o[l]));
      M = M.map((r, i) =>
        r.map(
          (value, l) =>
            (1 - weight("write")) * value + weight("write") * ((1 - address[i]) * value + address[i] * v[l]),
        ),
      );
      c = next.map((value, line) => (1 - j - goes) * value + j * ((1 - p) * value + p * L[line]) + goes * J[line]);
      h += (1 - h) * weight("halt");
    }
    return { registers: add(1 - h, readR, R), memory: add(1 - h, readM, M), counter: c, halted: h };
  });
  return {
    registers: results.map((result) => result.registers),
    memory: results.map((result) => result.memory),
    counter: results.map((result) => result.counter),
    halted: results.map((result) => result.halted),
  };
}

describe("the soft machine on random soft programs", () => {
  it("equals the dense machine of the papers on random soft programs", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 8 }), (seed, n, memory) => {
        const { program, state } = randomCase(seed, n, Math.min(n, memory));
        const soft = softRun(program, state, options);
        const dense = denseRun(program, state, options.steps);
        expectClose(soft.registers, dense.registers.flat(2), 1e-12);
        expectClose(soft.memory, dense.memory.flat(2), 1e-12);
        expectClose(soft.counter, dense.counter.flat(), 1e-12);
        expectClose(soft.halted, dense.halted, 1e-12);
      }),
      { numRuns: 30 },
    );
  });

  it("keeps every distribution a distribution", () => {
    const { program, state } = randomCase(5, 7);
    const { registers, counter } = softRun(program, state, { steps: 20 });
    for (let row = 0; row < registers.length; row += 7) {
      expect(registers.subarray(row, row + 7).reduce((x, y) => x + y)).toBeCloseTo(1, 12);
    }
    expect(counter.subarray(0, program.lines).reduce((x, y) => x + y)).toBeCloseTo(1, 12);
  });
});
