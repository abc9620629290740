import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { setThreads, threads, workersAreReady } from "../kernel/index.js";
import {
  type Floats,
  randomDistributions,
  randomSoftProgram,
  type SoftDtype,
  SoftMachine,
  seededRandom,
  softBackward,
  softForward,
} from "./index.js";

const before = threads();
afterEach(() => setThreads(before));

const sizes = { n: 24, registers: 5, memorySize: 24, lines: 8 };
const { n, registers, memorySize, lines } = sizes;

interface Work {
  readonly batch: number;
  readonly steps: number;
  readonly dtype: SoftDtype;
}

function machineFor({ batch, steps, dtype }: Work): SoftMachine {
  const random = seededRandom(7);
  const program = { ...randomSoftProgram(sizes, random), labelTable: randomDistributions(n, lines, random) };
  const machine = new SoftMachine(program, { batch, gradientSteps: steps, dtype });
  const { inputs, cotangents } = machine;
  inputs.registers.set(randomDistributions(batch * registers, n, random));
  inputs.memory.set(randomDistributions(batch * memorySize, n, random));
  inputs.counter.set(randomDistributions(batch, lines, random));
  for (const part of [cotangents.registers, cotangents.memory, cotangents.counter, cotangents.halted])
    part.forEach((_, i) => {
      part[i] = random() - 0.5;
    });
  return machine;
}

/** The bits of an array, made short. */
const bits = ({ buffer, byteOffset, byteLength }: Floats): string =>
  createHash("sha256")
    .update(Uint8Array.from(new Uint8Array(buffer, byteOffset, byteLength)))
    .digest("hex");

/** All that a machine computes, some times over, so that each way of running has its turn. */
function outcomes(work: Work): string[][] {
  const machine = machineFor(work);
  return Array.from({ length: 7 }, () => {
    machine.results.memory.fill(Number.NaN);
    machine.gradients.memory.fill(Number.NaN);
    machine.forward({ steps: work.steps, stopWhenHalted: false }, true);
    machine.backward({ labels: true, expectedSteps: 0.1 });
    const { results, gradients } = machine;
    const program = machine.takeProgramGradient();
    const labels = machine.takeLabelGradient();
    const arrays = [results.registers, results.memory, results.counter, results.halted, machine.expectedSteps];
    arrays.push(gradients.registers, gradients.memory, gradients.counter);
    return [...arrays, ...Object.values(program ?? {}), labels ?? new Float64Array(0)].map(bits);
  });
}

/** Makes so many threads, and waits until they are there. */
function startThreads(count: number): void {
  setThreads(count);
  const machine = machineFor({ batch: 64, steps: 12, dtype: "float64" });
  for (const end = performance.now() + 60_000; !workersAreReady() && performance.now() < end; )
    machine.forward({ steps: 12, stopWhenHalted: false });
  expect(workersAreReady()).toBe(true);
}

describe("threads sharing a batch of soft machines change no bit of it", () => {
  it.each([
    ["float32", 70, 12, false],
    ["float64", 37, 12, false],
    // More than is kept of every step, in sixteen parts and in three.
    ["float64", 130, 50, true],
    ["float32", 9, 1000, true],
  ] as const)("%s, %i machines, %i steps", (dtype, batch, steps, keepsSome) => {
    const work = { batch, steps, dtype };
    setThreads(1);
    expect(machineFor(work).layout.recording.segments > 0).toBe(keepsSome);
    const [alone] = outcomes(work);
    for (const count of [2, 3]) {
      startThreads(count);
      for (const shared of outcomes(work)) expect(shared).toEqual(alone);
    }
  });

  it("nor do they of runs on arrays, and another number of threads halfway", () => {
    const batch = 40;
    const random = seededRandom(3);
    const program = randomSoftProgram(sizes, random);
    const state = {
      batch,
      registers: randomDistributions(batch * registers, n, random),
      memory: randomDistributions(batch * memorySize, n, random),
      counter: randomDistributions(batch, lines, random),
    };
    const cotangents = { registers: state.registers, halted: new Float64Array(batch).fill(1) };
    const run = (between: () => void) => {
      const { result, tape } = softForward(program, state, { steps: 9, stopWhenHalted: false });
      between();
      return { result, gradients: softBackward(tape, cotangents) };
    };
    setThreads(1);
    const alone = run(() => {});
    startThreads(3);
    for (let round = 0; round < 7; round++) expect(run(() => {})).toEqual(alone);
    for (const count of [1, 2, 5]) expect(run(() => setThreads(count))).toEqual(alone);
  });
});
