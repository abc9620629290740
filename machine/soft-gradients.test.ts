import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, type Image, link } from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import {
  flash,
  flashLogits,
  initialState,
  logitsGradient,
  programFromLogits,
  randomDistributions,
  type SoftOptions,
  seededRandom,
  softBackward,
  softForward,
  softRun,
} from "./index.js";
import { type Case, expectClose, options, randomCase } from "./testing.js";

const imageOf = (text: string, n: number, memory = n): Image =>
  link([assemble(aNormalForm(readProgram(text)))], { n, registers: 8, memory });

/** The parts of a case that a loss depends on, by name. */
function partsOf({ program, state }: Case): Record<string, Float64Array> {
  const { op, a, b, out, k } = program;
  const { registers, memory, counter } = state;
  return { registers, memory, counter, op, a, b, out, k };
}

function gradientsOf({ program, state }: Case, weights: Case["state"] & { halted: Float64Array }, run: SoftOptions) {
  const { tape } = softForward(program, state, run);
  const { program: fields, ...rest } = softBackward(tape, weights);
  return { ...rest, ...fields };
}

describe("gradients of the soft machine", () => {
  it("equal central differences with respect to everything", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 5, max: 8 }), fc.integer({ min: 3, max: 8 }), (seed, n, memory) => {
        const chosen = randomCase(seed, n, Math.min(n, memory));
        const random = seededRandom(seed + 1);
        const like = (array: Float64Array): Float64Array => array.map(() => random() - 0.5);
        const { registers, memory: cells, counter, batch } = chosen.state;
        const weights = {
          batch,
          registers: like(registers),
          memory: like(cells),
          counter: like(counter),
          halted: like(new Float64Array(batch)),
        };
        const loss = (): number => {
          const result = softRun(chosen.program, chosen.state, options);
          const inner = (x: Float64Array, y: Float64Array): number =>
            x.reduce((sum, value, i) => sum + value * y[i], 0);
          return (
            inner(result.registers, weights.registers) +
            inner(result.memory, weights.memory) +
            inner(result.counter, weights.counter) +
            inner(result.halted, weights.halted)
          );
        };
        const gradients: Record<string, Float64Array | number | undefined> = gradientsOf(chosen, weights, options);
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
            const computed = gradient instanceof Float64Array ? gradient[i] : Number.NaN;
            expect([name, Math.abs(computed - slope) < 1e-8 * (1 + Math.abs(slope))]).toEqual([name, true]);
          }
        }
      }),
      { numRuns: 25 },
    );
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
