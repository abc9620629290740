import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, type Image, instructionCount, instructions, link, mnemonics } from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import {
  flash,
  flashLogits,
  initialState,
  logitsGradient,
  programFromLogits,
  randomDistributions,
  randomSoftProgram,
  type SoftCotangents,
  type SoftFields,
  SoftMachine,
  type SoftOptions,
  seededRandom,
  softBackward,
  softForward,
  softRun,
} from "./index.js";
import {
  type Case,
  cotangentsFor,
  expectClose,
  lossOf,
  options,
  partsOf,
  randomCase,
  randomTables,
} from "./testing.js";

const imageOf = (text: string, n: number, memory = n): Image =>
  link([assemble(aNormalForm(readProgram(text)))], { n, registers: 8, memory });

function gradientsOf(
  { program, state }: Case,
  cotangents: SoftCotangents,
  run: SoftOptions,
): Record<string, Float64Array | undefined> {
  const { tape } = softForward(program, state, run);
  const { program: fields, labels, ...rest } = softBackward(tape, cotangents, { labels: true });
  return { ...rest, ...fields, labelTable: labels };
}

describe("gradients of the soft machine", () => {
  it("equal central differences with respect to everything", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 5, max: 8 }), fc.integer({ min: 3, max: 8 }), (seed, n, memory) => {
        const chosen = randomCase(seed, n, Math.min(n, memory));
        const random = seededRandom(seed + 1);
        const cotangents = cotangentsFor(chosen, random);
        const loss = (): number => lossOf(cotangents, softRun(chosen.program, chosen.state, options));
        const gradients = gradientsOf(chosen, cotangents, options);
        for (const [name, part] of Object.entries(partsOf(chosen))) {
          const gradient = gradients[name];
          for (let trial = 0; trial < 12; trial++) {
            const i = Math.floor(random() * part.length);
            const value = part[i];
            const step = 1e-5;
            part[i] = value + step;
            const above = loss();
            part[i] = value - step;
            const below = loss();
            part[i] = value;
            const slope = (above - below) / (2 * step);
            const computed = gradient?.[i] ?? Number.NaN;
            expect([name, Math.abs(computed - slope) < 1e-8 * (1 + Math.abs(slope))]).toEqual([name, true]);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it("equal them with respect to operations that no line executes", () => {
    const chosen = randomCase(5, 7);
    const { op, lines } = chosen.program;
    const width = op.length / lines;
    op.fill(0);
    for (let line = 0; line < lines; line++) {
      op[line * width + instructions[line % 2 === 0 ? "add" : "move"].number] = 1;
    }
    expect(chosen.program.mixing).toBeUndefined();
    const cotangents = cotangentsFor(chosen, seededRandom(18));
    const loss = (): number => lossOf(cotangents, softRun(chosen.program, chosen.state, options));
    const gradient = gradientsOf(chosen, cotangents, options).op;
    mnemonics.forEach((name, i) => {
      const value = op[i];
      op[i] = value + 1e-5;
      const above = loss();
      op[i] = value - 1e-5;
      const slope = (above - loss()) / 2e-5;
      op[i] = value;
      expect([name, Math.abs((gradient?.[i] ?? Number.NaN) - slope) < 1e-8 * (1 + Math.abs(slope))]).toEqual([
        name,
        true,
      ]);
    });
  });

  it("of the expected number of steps are central differences", () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const { program, state } = randomCase(seed, 5);
        const run = { steps: 4, stopWhenHalted: false };
        const machine = new SoftMachine(program, { batch: 2, gradientSteps: 4 });
        machine.inputs.registers.set(state.registers);
        machine.inputs.memory.set(state.memory);
        machine.inputs.counter.set(state.counter);
        const expected = (): number => {
          machine.load(program);
          machine.forward(run, true);
          return machine.expectedSteps[0] + machine.expectedSteps[1];
        };
        expect(expected()).toBeGreaterThan(2);
        machine.backward({ expectedSteps: 1 });
        const gradient = machine.takeProgramGradient();
        for (const part of ["op", "a", "out"] as const)
          for (const i of [0, 3]) {
            const value = program[part][i];
            program[part][i] = value + 1e-5;
            const above = expected();
            program[part][i] = value - 1e-5;
            const slope = (above - expected()) / 2e-5;
            program[part][i] = value;
            expect(gradient?.[part][i]).toBeCloseTo(slope, 7);
          }
      }),
      { numRuns: 15 },
    );
  });

  it("in f32 are those in f64, to 1e-5", () => {
    fc.assert(
      fc.property(fc.integer(), fc.constantFrom(5, 8, 16), (seed, n) => {
        const chosen = randomCase(seed, n);
        const cotangents = cotangentsFor(chosen, seededRandom(seed));
        const double = gradientsOf(chosen, cotangents, options);
        for (const [name, gradient] of Object.entries(
          gradientsOf(chosen, cotangents, { ...options, dtype: "float32" }),
        ))
          expectClose(gradient ?? [], double[name] ?? [], 1e-5);
      }),
      { numRuns: 20 },
    );
  });

  it("of a batch too large to keep every state of are central differences too", () => {
    const [n, steps, batch] = [64, 17, 62];
    const random = seededRandom(12);
    const sizes = { n, registers: 4, memorySize: n, lines: 6, tables: randomTables(n, random) };
    const program = randomSoftProgram(sizes, random);
    const state = {
      batch,
      registers: randomDistributions(4 * batch, n, random),
      memory: randomDistributions(n * batch, n, random),
      counter: randomDistributions(batch, 6, random),
    };
    const run = { steps, stopWhenHalted: false };
    expect(new SoftMachine(program, { batch, gradientSteps: steps }).layout.recording.segments).toBeGreaterThan(0);
    const cotangents = cotangentsFor({ state }, random);
    const loss = (): number => lossOf(cotangents, softRun(program, state, run));
    const { op, b, registers, counter } = gradientsOf({ program, state }, cotangents, run);
    for (const [part, gradient] of [
      [program.op, op],
      [program.b, b],
      [state.registers, registers],
      [state.counter, counter],
    ] as const) {
      for (const i of [3, Math.min(instructionCount, part.length - 2), part.length - 1]) {
        const value = part[i];
        part[i] = value + 3e-6;
        const above = loss();
        part[i] = value - 3e-6;
        const slope = (above - loss()) / 6e-6;
        part[i] = value;
        expect(Math.abs((gradient?.[i] ?? Number.NaN) - slope)).toBeLessThan(1e-7 * (1 + Math.abs(slope)));
      }
    }
  });

  it("are the same when another run came between a run and its gradient", () => {
    const chosen = randomCase(21, 7);
    const { program, state } = chosen;
    const cotangents = cotangentsFor(chosen, seededRandom(3));
    const { tape } = softForward(program, state, options);
    const expected = softBackward(tape, cotangents);
    const other = randomCase(22, 6);
    softRun(other.program, other.state, options);
    expect(softBackward(tape, cotangents)).toEqual(expected);
  });

  it("of a masked program are zero where it is frozen, and those of a free one elsewhere", () => {
    const { program, state } = randomCase(13, 6);
    const cotangents = { registers: state.registers };
    const { tape } = softForward(program, state, options);
    const free = softBackward(tape, cotangents).program;
    const mask = { a: [1, 0, 0, 1, 0, 1], op: [false, true, false, false, false, false] };
    const masked = softBackward(tape, cotangents, { program: mask }).program;
    if (free === undefined || masked === undefined) throw new Error("no gradient of the program");
    const expected = (field: keyof SoftFields, lines: readonly (number | boolean)[]): Float64Array =>
      free[field].map((value, i) => (lines[Math.floor((i * 6) / free[field].length)] ? value : 0));
    expectClose(masked.a, expected("a", mask.a), 1e-13);
    expectClose(masked.op, expected("op", mask.op), 1e-13);
    for (const field of ["b", "out", "k"] as const) expect(masked[field].every((value) => value === 0)).toBe(true);
    expect(() => softBackward(tape, cotangents, { program: { k: [1] } })).toThrow('the mask of "k" must be [6]');
  });

  it("equal central differences through a flashed program on soft operands", () => {
    const image = imageOf("(let loop ((a a) (d d)) (if (= d 0) a (loop (+ a a) (- d 1))))", 5);
    const program = flash(image);
    const state = initialState(image, "main", randomDistributions(4, 5, seededRandom(3)), 2);
    const run = { steps: 14, stopWhenHalted: false };
    const weights = randomDistributions(state.registers.length / 5, 5, seededRandom(4));
    const loss = (): number => softRun(program, state, run).registers.reduce((sum, x, i) => sum + x * weights[i], 0);
    const { registers } = softBackward(
      softForward(program, state, run).tape,
      { registers: weights },
      { program: false },
    );
    for (let i = 0; i < 15; i++) {
      const value = state.registers[i];
      state.registers[i] = value + 1e-5;
      const above = loss();
      state.registers[i] = value - 1e-5;
      const below = loss();
      state.registers[i] = value;
      expect(registers[i]).toBeCloseTo((above - below) / 2e-5, 7);
    }
  });

  it("of a frozen program are those of a free one", () => {
    const { program, state } = randomCase(11, 6);
    const cotangents = { registers: state.registers, memory: state.memory };
    const { tape } = softForward(program, state, options);
    const free = softBackward(tape, cotangents);
    const frozen = softBackward(tape, cotangents, { program: false });
    expect(frozen.program).toBeUndefined();
    expectClose(frozen.registers, free.registers, 1e-12);
    expectClose(frozen.memory, free.memory, 1e-12);
    expectClose(frozen.counter, free.counter, 1e-12);
  });

  it("refuse a cotangent of another shape", () => {
    const { program, state } = randomCase(2, 5);
    const { tape } = softForward(program, state, options);
    expect(() => softBackward(tape, { registers: new Float64Array(3) })).toThrow(
      "the cotangent of the registers must be [2, 4, 5]; got 3 numbers",
    );
  });
});

describe("soft programs from logits", () => {
  const image = imageOf("(+ (* a a) b)", 5);

  it("are sure of the image when sharp, and know nothing when not", () => {
    const sharp = programFromLogits(image, flashLogits(image, 60));
    expectClose(sharp.op, flash(image).op, 1e-12);
    const blunt = programFromLogits(image, flashLogits(image, 0));
    expectClose(blunt.a, new Float64Array(blunt.a.length).fill(1 / image.registers), 1e-12);
  });

  it("pass gradients to the logits", () => {
    const logits = flashLogits(image, 2);
    const state = initialState(image, "main", randomDistributions(2, 5, seededRandom(8)), 1);
    const weights = randomDistributions(8, 5, seededRandom(9));
    const loss = (): number =>
      softRun(programFromLogits(image, logits), state, options).registers.reduce(
        (sum, x, i) => sum + x * weights[i],
        0,
      );
    const program = programFromLogits(image, logits);
    const { program: gradient } = softBackward(softForward(program, state, options).tape, { registers: weights });
    if (gradient === undefined) throw new Error("no gradient of the program");
    const { op } = logitsGradient(program, gradient);
    for (let i = 0; i < 40; i++) {
      const value = logits.op[i];
      logits.op[i] = value + 1e-5;
      const above = loss();
      logits.op[i] = value - 1e-5;
      const below = loss();
      logits.op[i] = value;
      expect(op[i]).toBeCloseTo((above - below) / 2e-5, 8);
    }
  });
});
