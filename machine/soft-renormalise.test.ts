import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { assemble, instructionCount, instructions, link } from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import {
  type Floats,
  flash,
  initialState,
  oneHot,
  randomDistributions,
  randomSoftProgram,
  SoftMachine,
  type SoftState,
  seededRandom,
  softBackward,
  softForward,
  softRun,
} from "./index.js";
import { cotangentsFor, expectClose, lossOf, partsOf, randomCase } from "./testing.js";

/** The farthest that a sum of `width` numbers is from 1. */
function drift(numbers: Floats, width: number): number {
  let worst = 0;
  for (let from = 0; from < numbers.length; from += width) {
    let sum = 0;
    for (let i = from; i < from + width; i++) sum += numbers[i];
    worst = Math.max(worst, Math.abs(sum - 1));
  }
  return worst;
}

const divided = (numbers: Float64Array, width: number): Float64Array =>
  numbers.map((value, i) => {
    const from = i - (i % width);
    return value / numbers.subarray(from, from + width).reduce((total, p) => total + p, 0);
  });

const run = { steps: 5, stopWhenHalted: false, renormalise: true };

describe("soft runs whose distributions are divided by their sums", () => {
  it("are those of single steps with sums made 1 between them", () => {
    const random = seededRandom(3);
    const shape = { n: 9, registers: 4, memorySize: 7, lines: 6 };
    const program = randomSoftProgram(shape, random);
    // Without halts what is read out is the state itself.
    for (let line = 0; line < shape.lines; line++) program.op[line * instructionCount + instructions.halt.number] = 0;
    const begun: SoftState = {
      batch: 3,
      // Sums that are off grow more so.
      registers: randomDistributions(12, 9, random).map((p) => 1.1 * p),
      memory: randomDistributions(21, 9, random),
      counter: randomDistributions(3, 6, random),
    };
    let state = begun;
    for (let step = 0; step < 6; step++) {
      const { registers, memory, counter } = softRun(program, state, { steps: 1 });
      state = { batch: 3, registers: divided(registers, 9), memory: divided(memory, 9), counter: divided(counter, 6) };
    }
    expect(drift(softRun(program, begun, { steps: 6 }).registers, 9)).toBeGreaterThan(0.01);
    const result = softRun(program, begun, { steps: 6, renormalise: true });
    for (const part of ["registers", "memory", "counter"] as const) expectClose(result[part], state[part], 1e-13);
  });

  it.each(["float32", "float64"] as const)("keep their footing for as long as they run, in %s", (dtype) => {
    const random = seededRandom(5);
    const program = randomSoftProgram({ n: 16, registers: 4, memorySize: 16, lines: 8 }, random);
    for (let line = 0; line < 8; line++) program.op[line * instructionCount + instructions.halt.number] = 0;
    const state = {
      batch: 2,
      registers: randomDistributions(8, 16, random),
      memory: randomDistributions(32, 16, random),
      counter: randomDistributions(2, 8, random),
    };
    const result = softRun(program, state, { steps: 2000, dtype, renormalise: true });
    const tolerance = dtype === "float32" ? 1e-6 : 1e-14;
    expect(drift(result.registers, 16)).toBeLessThan(tolerance);
    expect(drift(result.memory, 16)).toBeLessThan(tolerance);
    expect(drift(result.counter, 8)).toBeLessThan(tolerance);
  });

  it("have central differences as their gradients", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 5, max: 8 }), fc.integer({ min: 3, max: 8 }), (seed, n, memory) => {
        const chosen = randomCase(seed, n, Math.min(n, memory));
        const random = seededRandom(seed + 1);
        const cotangents = cotangentsFor(chosen, random);
        const loss = (): number => lossOf(cotangents, softRun(chosen.program, chosen.state, run));
        const { tape } = softForward(chosen.program, chosen.state, run);
        const { program, labels, ...state } = softBackward(tape, cotangents, { labels: true });
        const gradients: Record<string, Float64Array | undefined> = { ...state, ...program, labelTable: labels };
        for (const [name, part] of Object.entries(partsOf(chosen))) {
          for (let trial = 0; trial < 12; trial++) {
            const i = Math.floor(random() * part.length);
            const value = part[i];
            // Whether a row is written does not change where an entry is and stays above 0.
            if (value === 0) continue;
            const step = Math.min(1e-5, value / 10);
            part[i] = value + step;
            const above = loss();
            part[i] = value - step;
            const below = loss();
            part[i] = value;
            const slope = (above - below) / (2 * step);
            const error = Math.abs((gradients[name]?.[i] ?? Number.NaN) - slope);
            expect([name, error < 1e-7 * (1 + Math.abs(slope))]).toEqual([name, true]);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it("have the same gradients when every state is not kept", () => {
    const [batch, steps, n] = [6, 300, 32];
    const random = seededRandom(4);
    const program = randomSoftProgram({ n, registers: 3, memorySize: n, lines: 4 }, random);
    const state = {
      batch,
      registers: randomDistributions(3 * batch, n, random),
      memory: randomDistributions(n * batch, n, random),
      counter: randomDistributions(batch, 4, random),
    };
    const gradientsOf = (gradientSteps: number): Floats[] => {
      const machine = new SoftMachine(program, { batch, gradientSteps });
      machine.inputs.registers.set(state.registers);
      machine.inputs.memory.set(state.memory);
      machine.inputs.counter.set(state.counter);
      machine.cotangents.registers.set(state.registers);
      machine.forward({ ...run, steps }, true);
      machine.backward();
      expect(machine.layout.recording.segments > 0).toBe(gradientSteps > steps);
      const { registers, memory } = machine.gradients;
      return [registers, memory, machine.takeProgramGradient()?.op ?? new Float64Array(0)];
    };
    expect(gradientsOf(3 * steps)).toEqual(gradientsOf(steps));
  });

  it("are what they were, to the last bit, where all is certain", () => {
    const image = link(
      [assemble(aNormalForm(readProgram("(let loop ((i a) (s 0)) (if (= i 0) s (loop (- i 1) (+ s (* i i)))))")))],
      { n: 24 },
    );
    const state = initialState(image, "main", oneHot([5], 24), 1);
    const plain = softForward(flash(image), state, { steps: 60 }).result;
    expect(plain.halted[0]).toBe(1);
    expect(softForward(flash(image), state, { steps: 60, renormalise: true }).result).toEqual(plain);
  });
});
