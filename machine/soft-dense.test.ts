import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  alu,
  fieldsOf,
  instructionCount,
  instructions,
  type Mnemonic,
  mnemonics,
  operationNumbered,
} from "../assembler/index.js";
import { type SoftProgram, type SoftState, seededRandom, softBackward, softForward, softRun } from "./index.js";
import { type Case, cotangentsFor, expectClose, lossOf, options, partsOf, randomCase } from "./testing.js";

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

/** T[h][i][j][l]: 1 where operation h makes l of i and j; the program's own come last. */
function lookupTable({ n, tables = [] }: SoftProgram): number[][][][] {
  const meanings = new Map(Object.entries(alu));
  const result = (op: number, i: number, j: number): number | undefined => {
    if (op < mnemonics.length) return meanings.get(mnemonics[op])?.(i, j, n);
    const { operands, values } = tables[op - mnemonics.length];
    return values[operands === 1 ? i : i * n + j];
  };
  return range(mnemonics.length + tables.length).map((op) =>
    range(n).map((i) => range(n).map((j) => range(n).map((l) => (result(op, i, j) === l ? 1 : 0)))),
  );
}

const matrix = (flat: Float64Array, width: number, row = 0, rows = flat.length / width): number[][] =>
  range(rows).map((r) => [...flat.subarray((row * rows + r) * width, (row * rows + r + 1) * width)]);

const lookupTables = new Map<SoftProgram["tables"] | number, number[][][][]>();

const softmax = (logits: readonly number[]): number[] => {
  const weights = logits.map(Math.exp);
  const total = sum(weights);
  return weights.map((weight) => weight / total);
};

function denseRun(program: SoftProgram, state: SoftState, steps: number): DenseResult {
  const { n, registers, memorySize, lines, tables = [], labels, labelTable, mixing } = program;
  const T = lookupTables.get(program.tables ?? n) ?? lookupTable(program);
  lookupTables.set(program.tables ?? n, T);
  const table = labelTable === undefined ? undefined : matrix(labelTable, lines);
  const labelled = (value: number, line: number): number =>
    table === undefined ? Number(labels[value] === line) : table[value][line];
  const fields = {
    op: matrix(program.op, instructionCount + tables.length),
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
    const fetched = (rows: readonly (readonly number[])[], c: readonly number[]): number[] =>
      mixing === "logits" ? softmax(mix(c, rows)) : mix(c, rows);
    const add = (w: number, x: number[][], y: number[][]): number[][] =>
      x.map((r, i) => r.map((value, j) => value + w * y[i][j]));
    for (let t = 0; t < steps; t++) {
      const f = fetched(fields.op, c);
      const weight = (op: Mnemonic): number => f[instructions[op].number];
      const out = fetched(fields.out, c);
      const k = fetched(fields.k, c);
      const u = mix(fetched(fields.a, c), R);
      const v = mix(fetched(fields.b, c), R);
      const address = range(memorySize).map((i) => sum(u.filter((_, value) => value % memorySize === i)));
      const loaded = mix(address, M);
      // An instruction that reads no second operand, or no first, has weight one there, whatever the distribution sums to.
      const operand = (op: number, field: "a" | "b", p: readonly number[]): readonly number[] =>
        fieldsOf(operationNumbered(program, op)).includes(field) ? p : [1];
      const o = range(n).map(
        (l) =>
          sum(
            T.map(
              (table, x) =>
                f[x] *
                sum(
                  operand(x, "a", u).map((ui, i) => ui * sum(operand(x, "b", v).map((vj, j) => table[i][j][l] * vj))),
                ),
            ),
          ) +
          (weight("const") + weight("call") + weight("store")) * k[l] +
          weight("read") * loaded[l],
      );
      const halting = (1 - h) * weight("halt");
      readR = add(halting, readR, R);
      readM = add(halting, readM, M);
      const writing = sum(f.map((p, op) => (fieldsOf(operationNumbered(program, op)).includes("out") ? p : 0)));
      const { length } = c;
      const next = c.map((_, line) => c[(line + length - 1) % length]);
      const to = (values: readonly number[]): number[] =>
        next.map((_, line) => sum(values.map((p, value) => p * labelled(value, line))));
      const [L, J] = [to(v), to(u)];
      const goes = weight("call") + weight("ret");
      const j = weight("jump") * u[1] + weight("jez") * u[0];
      R = R.map((r, i) => r.map((value, l) => (1 - writing * out[i]) * value + out[i] * o[l]));
      M = M.map((r, i) =>
        r.map(
          (value, l) =>
            (1 - weight("write")) * value + weight("write") * ((1 - address[i]) * value + address[i] * v[l]),
        ),
      );
      c = next.map((value, line) => (1 - j - goes) * value + j * L[line] + goes * J[line]);
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

/** Expects what the dense machine gives: in f64 to rounding, in f32 to 1e-5. */
function expectDense({ program, state }: Case): void {
  const dense = denseRun(program, state, options.steps);
  for (const [dtype, tolerance] of [
    ["float64", 1e-12],
    ["float32", 1e-5],
  ] as const) {
    const soft = softRun(program, state, { ...options, dtype });
    expectClose(soft.registers, dense.registers.flat(2), tolerance);
    expectClose(soft.memory, dense.memory.flat(2), tolerance);
    expectClose(soft.counter, dense.counter.flat(), tolerance);
    expectClose(soft.halted, dense.halted, tolerance);
  }
}

describe("the soft machine on random soft programs", () => {
  it("equals the dense machine of the papers on random soft programs", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 8 }), (seed, n, memory) => {
        expectDense(randomCase(seed, n, Math.min(n, memory)));
      }),
      { numRuns: 30 },
    );
  });

  it.each([1, 2, 3])("equals it with n = 16 (seed %i)", (seed) => expectDense(randomCase(seed, 16)));

  it.each([
    [8, 4, 3],
    [8, 5, 3],
    [16, 6, 1],
    [16, 7, 1],
  ])("has its gradients with n = %i (seed %i)", (n, seed, trials) => {
    const chosen = randomCase(seed, n);
    const { program, state } = chosen;
    const random = seededRandom(seed);
    const cotangents = cotangentsFor(chosen, random);
    const loss = (): number => {
      const { registers, memory, counter, halted } = denseRun(program, state, options.steps);
      return lossOf(cotangents, {
        registers: registers.flat(2),
        memory: memory.flat(2),
        counter: counter.flat(),
        halted,
      });
    };
    const computed = (["float64", "float32"] as const).map((dtype) => {
      const { tape } = softForward(program, state, { ...options, dtype });
      const { program: fields, labels, ...rest } = softBackward(tape, cotangents, { labels: true });
      const gradients: Record<string, unknown> = { ...rest, ...fields, labelTable: labels };
      return gradients;
    });
    for (const [name, part] of Object.entries(partsOf(chosen))) {
      for (let trial = 0; trial < trials; trial++) {
        const i = Math.floor(random() * part.length);
        const value = part[i];
        part[i] = value + 1e-4;
        const above = loss();
        part[i] = value - 1e-4;
        const slope = (above - loss()) / 2e-4;
        part[i] = value;
        for (const gradients of computed) {
          const gradient = gradients[name];
          const found = gradient instanceof Float64Array ? gradient[i] : Number.NaN;
          expect([name, Math.abs(found - slope) < 1e-5 * (1 + Math.abs(slope))]).toEqual([name, true]);
        }
      }
    }
  });

  it("keeps every distribution a distribution", () => {
    const { program, state } = randomCase(5, 7);
    expect(program.mixing).toBeUndefined();
    const { registers, counter } = softRun(program, state, { steps: 20 });
    for (let row = 0; row < registers.length; row += 7) {
      expect(registers.subarray(row, row + 7).reduce((x, y) => x + y)).toBeCloseTo(1, 12);
    }
    expect(counter.subarray(0, program.lines).reduce((x, y) => x + y)).toBeCloseTo(1, 12);
  });
});
