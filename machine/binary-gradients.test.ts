import { createHash } from "node:crypto";
import { afterEach, describe, expect, it } from "vitest";
import { assemble, link, operationCount } from "../assembler/index.js";
import { setThreads, threads } from "../kernel/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { useBackend } from "../tensor/index.js";
import {
  binaryProgramFromLogits,
  flashBinary,
  flashBinaryLogits,
  logitsGradient,
  SoftMachine,
  type SoftState,
  seededRandom,
  softBackward,
  softForward,
  softRun,
  softRunTensors,
} from "./index.js";
import { cotangentsFor, expectClose, lossOf } from "./testing.js";
import { type BinaryCase, denseBinaryRun, randomBinaryCase } from "./testing-binary.js";

const parts = ["registers", "memory", "counter", "halted"] as const;

const firstRow = ({ batch, registers, memory, counter }: SoftState) => {
  const [r, m, c] = [registers, memory, counter].map((part) => part.subarray(0, part.length / batch));
  return { registers: r, memory: m, counter: c };
};

const repeated = (row: Float64Array, times: number): Float64Array =>
  Float64Array.from({ length: row.length * times }, (_, i) => row[i % row.length]);

const partOf = (labelTable: Float64Array | undefined) => (labelTable?.length ? { labelTable } : {});

const options = { steps: 3, stopWhenHalted: false };

const before = threads();
afterEach(() => setThreads(before));

describe("gradients of the machine on bits", () => {
  it.each([
    [1, 3, 3],
    [2, 2, 4],
    [3, 4, 2],
    [7, 3, 5],
    [11, 3, 4],
  ])("are those of its definition (seed %i, %i bits, %i memory cells)", (seed, bits, memory) => {
    const chosen = randomBinaryCase(seed, bits, memory);
    const { program, state } = chosen;
    const random = seededRandom(seed);
    const cotangents = cotangentsFor(chosen, random);
    const { tape } = softForward(program, state, options);
    const { program: fields, labels: labelTable, ...rest } = softBackward(tape, cotangents, { labels: true });
    const loss = (): number => lossOf(cotangents, denseBinaryRun(chosen, options.steps));
    const { op, a, b, out, k } = program;
    const { registers, memory: cells, counter } = state;
    const gradients = { ...rest, ...fields, ...(program.labelTable && { labelTable }) };
    const parts = { registers, memory: cells, counter, op, a, b, out, k, ...partOf(program.labelTable) };
    for (const [name, part] of Object.entries(parts)) {
      const gradient = Object.entries(gradients).find(([key]) => key === name)?.[1];
      for (let trial = 0; trial < 4; trial++) {
        const i = Math.floor(random() * part.length);
        const value = part[i];
        part[i] = value + 1e-5;
        const above = loss();
        part[i] = value - 1e-5;
        const slope = (above - loss()) / 2e-5;
        part[i] = value;
        const found = gradient?.[i] ?? Number.NaN;
        expect([name, Math.abs(found - slope) < 1e-7 * (1 + Math.abs(slope))]).toEqual([name, true]);
      }
    }
  });

  it("are of what a mask has, and nothing else", () => {
    const { program, state } = randomBinaryCase(5, 3, 4);
    const { tape } = softForward(program, state, options);
    const cotangents = { registers: state.registers.map((_, i) => i % 3) };
    const all = softBackward(tape, cotangents).program;
    const some = softBackward(tape, cotangents, { program: { op: [0, 1, 0, 0, 0] } });
    all?.op.forEach((slope, i) => {
      expect(some.program?.op[i]).toBe(Math.floor(i / operationCount(program)) === 1 ? slope : 0);
    });
    expect(some.program?.a.every((slope) => slope === 0)).toBe(true);
    const none = softBackward(tape, cotangents, { program: false });
    expect(none.program).toBeUndefined();
    expectClose(none.registers, some.registers, 1e-13);
  });

  it("and results in float32 are those in float64", () => {
    for (let seed = 0; seed < 6; seed++) {
      const chosen = randomBinaryCase(seed, 3, 4);
      const cotangents = cotangentsFor(chosen, seededRandom(seed));
      const [double, single] = (["float64", "float32"] as const).map((dtype) => {
        const { result, tape } = softForward(chosen.program, chosen.state, { ...options, dtype });
        return { result, gradients: softBackward(tape, cotangents, { labels: true }) };
      });
      for (const part of ["registers", "memory", "counter", "halted"] as const)
        expectClose(single.result[part], double.result[part], 1e-5);
      for (const part of ["registers", "memory", "counter", "labels"] as const)
        expectClose(single.gradients[part] ?? [], double.gradients[part] ?? [], 1e-5);
      for (const part of ["op", "a", "b", "out", "k"] as const)
        expectClose(single.gradients.program?.[part] ?? [], double.gradients.program?.[part] ?? [], 1e-5);
    }
  });

  it("from checkpoints are those from every state", () => {
    // Alone, a row's states are all kept; with as many others, only those of every so many steps.
    const steps = 60;
    const copies = 130;
    const { program, state } = randomBinaryCase(2, 3, 200);
    const one = { batch: 1, ...firstRow(state) };
    const many = {
      batch: copies,
      registers: repeated(one.registers, copies),
      memory: repeated(one.memory, copies),
      counter: repeated(one.counter, copies),
    };
    const run = { steps, stopWhenHalted: false };
    const machines = [one, many].map((begun) => {
      const machine = new SoftMachine(program, { batch: begun.batch, gradientSteps: steps });
      for (const part of ["registers", "memory", "counter"] as const) machine.inputs[part].set(begun[part]);
      machine.forward(run, true);
      machine.cotangents.registers.forEach((_, i, array) => {
        array[i] = (i % one.registers.length) - 4;
      });
      machine.cotangents.halted.fill(2);
      machine.backward({ labels: true });
      return machine;
    });
    const [kept, checkpointed] = machines;
    expect(kept.layout.recording.segments).toBe(0);
    expect(checkpointed.layout.recording.segments).toBeGreaterThan(1);
    for (const part of ["registers", "memory", "counter"] as const) {
      const expected = Float64Array.from(kept.gradients[part]);
      expect(Float64Array.from(checkpointed.gradients[part])).toEqual(repeated(expected, copies));
    }
    const fields = kept.takeProgramGradient();
    for (const [field, slopes] of Object.entries(checkpointed.takeProgramGradient() ?? {}))
      expectClose(
        slopes.map((slope: number) => slope / copies),
        Object.entries(fields ?? {}).find(([name]) => name === field)?.[1] ?? [],
        1e-9,
      );
  });

  it("are the same, to the bit, however many threads there are", () => {
    const { program, state } = randomBinaryCase(1, 4, 4);
    const batch = 40;
    const one = firstRow(state);
    const outcome = (count: number): string[] => {
      setThreads(count);
      const machine = new SoftMachine(program, { batch, gradientSteps: 12, dtype: "float32" });
      for (const part of ["registers", "memory", "counter"] as const)
        machine.inputs[part].set(repeated(one[part], batch).map((p, i) => p / (1 + (i % 7))));
      machine.cotangents.registers.fill(1);
      return Array.from({ length: 6 }, () => {
        machine.forward({ steps: 12, stopWhenHalted: false }, true);
        machine.backward({ labels: true });
        const hash = createHash("sha256");
        const { op, k } = machine.takeProgramGradient() ?? { op: [], k: [] };
        const { registers, memory, counter } = machine.gradients;
        for (const array of [registers, memory, counter, machine.results.registers, op, k]) hash.update(String(array));
        return hash.update(String(machine.takeLabelGradient())).digest("hex");
      });
    };
    const [alone] = outcome(1);
    for (const count of [1, 2, 3]) for (const found of outcome(count)) expect(found).toBe(alone);
  });

  it.each(["cpu", "wasm"] as const)("are those of an operation on tensors of the %s backend", async (backend) => {
    const tf = await useBackend(backend);
    for (let seed = 0; seed < 6; seed++) {
      const chosen: BinaryCase = randomBinaryCase(seed, 1 + (seed % 4), 3);
      const { program, state } = chosen;
      const { bits, registers, memorySize, lines } = program;
      const cotangents = cotangentsFor(chosen, seededRandom(4));
      const { result, tape } = softForward(program, state, options);
      const expected = softBackward(tape, cotangents);
      const tensors = [
        tf.tensor(Float32Array.from(state.registers), [state.batch, registers, bits]),
        tf.tensor(Float32Array.from(state.memory), [state.batch, memorySize, bits]),
        tf.tensor(Float32Array.from(state.counter), [state.batch, lines]),
        tf.tensor(Float32Array.from(program.op), [lines, operationCount(program)]),
        tf.tensor(Float32Array.from(program.k), [lines, bits]),
      ];
      const loss = tf.valueAndGrads((r, memory, counter, op, k) => {
        const ended = softRunTensors(tf, program, { registers: r, memory, counter }, options, { op, k });
        for (const part of parts) expectClose(ended[part].dataSync(), result[part], 1e-5);
        const weighted = parts.map((part) =>
          tf.sum(tf.mul(ended[part].flatten(), tf.tensor1d(Float32Array.from(cotangents[part])))),
        );
        return tf.addN(weighted).asScalar();
      });
      const { grads } = loss(tensors);
      const { program: fields } = expected;
      [expected.registers, expected.memory, expected.counter, fields?.op ?? [], fields?.k ?? []].forEach(
        (slopes, i) => {
          expectClose(grads[i].dataSync(), slopes, 1e-5);
        },
      );
      tf.dispose([tensors, grads].flat());
    }
  });

  it("go on to the logits of a program", () => {
    const image = link([assemble(aNormalForm(readProgram("(if (< a 5) (+ a 3) b)")))], {
      n: 16,
      registers: 4,
      memory: 2,
    });
    const logits = flashBinaryLogits(image, 3);
    const sharp = binaryProgramFromLogits(image, flashBinaryLogits(image, 700));
    for (const field of ["op", "a", "b", "out", "k"] as const)
      expectClose(sharp[field], flashBinary(image)[field], 1e-12);
    const random = seededRandom(5);
    const draw = (count: number) => Float64Array.from({ length: count }, random);
    const state = {
      batch: 1,
      registers: draw(4 * 4),
      memory: draw(2 * 4),
      counter: draw(image.lines).map((p, _, all) => p / all.reduce((x, y) => x + y)),
    };
    const cotangents = cotangentsFor({ state }, random);
    const loss = () => lossOf(cotangents, softRun(binaryProgramFromLogits(image, logits), state, options));
    const program = binaryProgramFromLogits(image, logits);
    const { program: ofFields } = softBackward(softForward(program, state, options).tape, cotangents);
    expect(ofFields).toBeDefined();
    if (ofFields === undefined) return;
    const slopes = logitsGradient(program, ofFields);
    for (const field of ["op", "a", "out", "k"] as const) {
      for (let trial = 0; trial < 6; trial++) {
        const i = Math.floor(random() * logits[field].length);
        const value = logits[field][i];
        logits[field][i] = value + 1e-5;
        const above = loss();
        logits[field][i] = value - 1e-5;
        const slope = (above - loss()) / 2e-5;
        logits[field][i] = value;
        expect(slopes[field][i]).toBeCloseTo(slope, 7);
      }
    }
  });
});
