import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, type Image, link } from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { CertainRows } from "./certain-rows.js";
import {
  flash,
  initialState,
  oneHot,
  randomDistributions,
  SoftMachine,
  type SoftMachineOptions,
  type SoftProgram,
  type SoftState,
  seededRandom,
  softTrace,
} from "./index.js";
import { fieldNames, fieldWidth, zeroFields } from "./soft-program.js";
import { randomTables } from "./testing.js";

const imageOf = (text: string, n: number): Image => link([assemble(aNormalForm(readProgram(text)))], { n });

/** A random program of certain lines, its labels certain too. */
function hardProgram(n: number, memorySize: number, random: () => number): SoftProgram {
  const draw = (below: number): number => Math.floor(random() * below);
  const tables = random() < 0.5 ? { tables: randomTables(n, random) } : {};
  const shape = { n, registers: 4, memorySize, lines: 7, ...tables };
  const fields = zeroFields(shape);
  for (const field of fieldNames) {
    const width = fieldWidth(field, shape);
    for (let line = 0; line < shape.lines; line++) fields[field][line * width + draw(width)] = 1;
  }
  const labels = Int32Array.from({ length: n }, () => draw(shape.lines));
  const labelTable = random() < 0.5 ? oneHot([...labels], shape.lines) : undefined;
  return { ...shape, labels, ...fields, ...(labelTable && { labelTable }) };
}

/** What a run gives; without its record rows may be certain, with it they are stepped. */
function outcome(
  program: SoftProgram,
  state: SoftState,
  options: SoftMachineOptions,
  run: RunOptions,
  record: boolean,
) {
  const machine = new SoftMachine(program, options);
  for (const part of ["registers", "memory", "counter"] as const) {
    machine.inputs[part].set(state[part]);
    machine.results[part].fill(Number.NaN);
  }
  machine.forward(run, record);
  const { steps, expectedSteps, results } = machine;
  return { steps: [...steps], expectedSteps: [...expectedSteps], results };
}

interface RunOptions {
  readonly steps: number;
  readonly stopWhenHalted: boolean;
}

describe("rows that are certain", () => {
  it("end as if they were stepped, bit for bit, among others that are not", () => {
    let [runsInAll, halted] = [0, 0];
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 2, max: 9 }),
        fc.integer({ min: 1, max: 9 }),
        fc.integer({ min: 0, max: 40 }),
        fc.boolean(),
        fc.constantFrom("float32" as const, "float64" as const),
        (seed, n, memory, steps, stopWhenHalted, dtype) => {
          const random = seededRandom(seed);
          const memorySize = Math.min(n, memory);
          const program = hardProgram(n, memorySize, random);
          const batch = 1 + Math.floor(random() * 9);
          const values = (rows: number, width: number): Float64Array =>
            oneHot(
              Array.from({ length: rows }, () => Math.floor(random() * width)),
              width,
            );
          const state: SoftState = {
            batch,
            registers: values(batch * program.registers, n),
            memory: values(batch * memorySize, n),
            counter: values(batch, program.lines),
          };
          const lanes = dtype === "float32" ? 4 : 2;
          const certain = new Set(Array.from({ length: batch }, (_, row) => row));
          for (let row = 0; row < batch; row++) {
            if (random() < 0.9) continue;
            const part = (["registers", "memory", "counter"] as const)[Math.floor(3 * random())];
            const width = part === "counter" ? program.lines : n;
            const each = state[part].length / batch;
            state[part].set(randomDistributions(1, width, random), (row + 1) * each - width);
            for (const other of certain)
              if (Math.floor(other / lanes) === Math.floor(row / lanes)) certain.delete(other);
          }
          const run = { steps, stopWhenHalted };
          const views = { ...state, halted: new Float64Array(batch) };
          const runs = CertainRows.of(program)?.run(views, batch, lanes, run) ?? [];
          expect(runs.map(({ row }) => row)).toEqual([...certain]);
          runsInAll += runs.length;
          halted += runs.filter((each) => each.halted).length;
          const options = { batch, gradientSteps: 40, dtype };
          const stepped = outcome(program, state, options, run, true);
          expect(outcome(program, state, options, run, false)).toEqual(stepped);
        },
      ),
      { numRuns: 400 },
    );
    expect(runsInAll).toBeGreaterThan(800);
    expect(halted).toBeGreaterThan(100);
  });

  it("are cut off at any step where their trace then is", () => {
    const image = imageOf(
      "(define (f n) (if (< n 2) n (+ (f (- n 1)) (f (- n 2))))) (let ((v [4 5 n])) (+ (ref v 2) (f n)))",
      24,
    );
    const program = flash(image);
    const state = initialState(image, "main", oneHot([4], 24), 1);
    const trace = softTrace(program, state, 1000);
    expect(trace[trace.length - 1].halted).toBe(1);
    expect(trace.length).toBeGreaterThan(60);
    trace.forEach(({ registers, memory, counter, halted }, steps) => {
      const { results } = outcome(program, state, { batch: 1 }, { steps, stopWhenHalted: true }, false);
      expect(results).toEqual({ registers, memory, counter, halted: Float64Array.of(halted) });
    });
  });

  it("are none of a program or of labels that are not certain", () => {
    const program = flash(imageOf("(+ a b)", 6));
    expect(CertainRows.of(program)).toBeDefined();
    const changed = (part: Float64Array, at: number, value: number): Float64Array =>
      part.map((old, i) => (i === at ? value : old));
    expect(CertainRows.of({ ...program, op: changed(program.op, 0, 0.5) })).toBeUndefined();
    expect(CertainRows.of({ ...program, k: changed(program.k, program.k.indexOf(0), 1) })).toBeUndefined();
    expect(CertainRows.of({ ...program, a: program.a.fill(0, 0, program.registers) })).toBeUndefined();
    const certain = flash(imageOf("(+ a b)", 6));
    const labelTable = new Float64Array(6 * certain.lines).fill(1 / certain.lines);
    expect(CertainRows.of({ ...certain, labelTable })).toBeUndefined();
    expect(CertainRows.of({ ...certain, mixing: "logits" })).toBeUndefined();
  });
});
