import type * as TensorFlow from "@tensorflow/tfjs";
import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { assemble, link } from "../assembler/index.js";
import { aNormalForm, readProgram } from "../scheme/index.js";
import { type TensorFlowModule, useBackend } from "../tensor/index.js";
import {
  flash,
  initialState,
  oneHot,
  randomDistributions,
  randomSoftProgram,
  SoftMachine,
  type SoftOptions,
  seededRandom,
  softBackward,
  softForward,
  softRun,
  softRunTensors,
} from "./index.js";
import { type Case, cotangentsFor, expectClose, options, randomCase } from "./testing.js";

const parts = ["registers", "memory", "counter", "halted"] as const;

describe.each(["cpu", "wasm"] as const)("soft runs on tensors of the %s backend", (backend) => {
  let tf: TensorFlowModule;
  beforeAll(async () => {
    tf = await useBackend(backend);
  });

  const stateOf = ({ program, state }: Case): TensorFlow.Tensor[] => {
    const { registers, memorySize, n, lines } = program;
    return [
      tf.tensor(Float32Array.from(state.registers), [state.batch, registers, n]),
      tf.tensor(Float32Array.from(state.memory), [state.batch, memorySize, n]),
      tf.tensor(Float32Array.from(state.counter), [state.batch, lines]),
    ];
  };

  it("have the results and gradients of soft runs on arrays, and leave no tensors", () => {
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 2, max: 8 }), fc.integer({ min: 1, max: 8 }), (seed, n, memory) => {
        const chosen = randomCase(seed, n, Math.min(n, memory));
        const { program, state } = chosen;
        const { lines } = program;
        const cotangents = cotangentsFor(chosen, seededRandom(4));
        const { result, tape } = softForward(program, state, options);
        const expected = softBackward(tape, cotangents);
        const tensors = [
          ...stateOf(chosen),
          tf.tensor(Float32Array.from(program.op), [lines, program.op.length / lines]),
          tf.tensor(Float32Array.from(program.k), [lines, n]),
        ];
        const before = tf.memory();
        const loss = tf.valueAndGrads((...inputs) => {
          const [registers, memory, counter, op, k] = inputs;
          const ended = softRunTensors(tf, program, { registers, memory, counter }, options, { op, k });
          for (const part of parts) expectClose(ended[part].dataSync(), result[part], 1e-5);
          const weighted = parts.map((part) =>
            tf.sum(tf.mul(ended[part].flatten(), tf.tensor1d(Float32Array.from(cotangents[part])))),
          );
          return tf.addN(weighted).asScalar();
        });
        const { value, grads } = loss(tensors);
        const { program: fields } = expected;
        const gradients = [expected.registers, expected.memory, expected.counter, fields?.op ?? [], fields?.k ?? []];
        gradients.forEach((gradient, i) => {
          expect(grads[i].shape).toEqual(tensors[i].shape);
          expectClose(grads[i].dataSync(), gradient, 1e-5);
        });
        tf.dispose([value, grads]);
        expect(tf.memory().numTensors).toBe(before.numTensors);
        expect(tf.memory().numBytes).toBe(before.numBytes);
        tf.dispose(tensors);
      }),
      { numRuns: 20 },
    );
  });

  it("have, to the last bit, the results of runs on arrays, and leave their four tensors alone", () => {
    for (const seed of [3, 4, 5, 6]) {
      const chosen = randomCase(seed, 7, 5);
      // What is float32 in one is so in the other.
      for (const part of ["registers", "memory", "counter"] as const)
        chosen.state[part].set(Float32Array.from(chosen.state[part]));
      const [registers, memory, counter] = stateOf(chosen);
      for (const run of [options, { steps: 0 }, { steps: 30 }] satisfies SoftOptions[]) {
        const before = tf.memory();
        const ended = softRunTensors(tf, chosen.program, { registers, memory, counter }, run);
        expect(tf.memory().numTensors).toBe(before.numTensors + 4);
        const expected = softRun(chosen.program, chosen.state, { ...run, dtype: "float32" });
        for (const part of parts) expect(Float64Array.from(ended[part].dataSync())).toEqual(expected[part]);
        const { shape } = ended.halted;
        expect([ended.registers.shape, ended.memory.shape, shape]).toEqual([registers.shape, memory.shape, [2]]);
        const double = softRunTensors(tf, chosen.program, { registers, memory, counter }, { ...run, dtype: "float64" });
        for (const part of parts) expectClose(double[part].dataSync(), expected[part], 1e-5);
        tf.dispose([ended, double].map((result) => parts.map((part) => result[part])));
        expect(tf.memory().numBytes).toBe(before.numBytes);
      }
    }
  });

  it("take batches of certain rows, and of none", () => {
    const image = link(
      [assemble(aNormalForm(readProgram("(let loop ((i a) (s 0)) (if (= i 0) s (loop (- i 1) (+ s i))))")))],
      {
        n: 32,
      },
    );
    const program = flash(image);
    for (const values of [[1, 2, 3, 4, 5], []]) {
      const state = initialState(image, "main", oneHot(values, 32), values.length);
      const [registers, memory, counter] = stateOf({ program, state });
      const ended = softRunTensors(tf, program, { registers, memory, counter }, { steps: 100 });
      const expected = softRun(program, state, { steps: 100 });
      for (const part of parts) expect(Float64Array.from(ended[part].dataSync())).toEqual(expected[part]);
    }
  });

  it("have gradients when every state is not kept, and after other runs", () => {
    const [batch, steps, n] = [124, 17, 64];
    const random = seededRandom(9);
    const program = randomSoftProgram({ n, registers: 4, memorySize: n, lines: 6 }, random);
    const draw = (rows: number, width: number) =>
      Float64Array.from(Float32Array.from(randomDistributions(rows, width, random)));
    const state = { batch, registers: draw(4 * batch, n), memory: draw(n * batch, n), counter: draw(batch, 6) };
    const chosen = { program, state };
    const [registers, memory, counter] = stateOf(chosen);
    const run = { steps, stopWhenHalted: false };
    const dtype = "float32";
    const { segments } = new SoftMachine(program, { batch, gradientSteps: steps, dtype }).layout.recording;
    expect(segments).toBeGreaterThan(1);
    const other = tf.grad((r: TensorFlow.Tensor) =>
      tf.sum(softRunTensors(tf, chosen.program, { registers: r, memory, counter }, options).halted),
    );
    const gradient = tf.grad((r: TensorFlow.Tensor) => {
      const ended = softRunTensors(tf, chosen.program, { registers: r, memory, counter }, run);
      const again = softRunTensors(tf, chosen.program, { registers: r, memory: ended.memory, counter }, options);
      other(registers);
      return tf.sum(tf.mul(again.registers, ended.registers));
    });
    const { result, tape } = softForward(chosen.program, chosen.state, { ...run, dtype });
    const middle = { ...chosen.state, memory: result.memory };
    const second = softForward(chosen.program, middle, { ...options, dtype });
    const back = softBackward(second.tape, { registers: result.registers }, { program: false });
    const first = softBackward(tape, { registers: second.result.registers, memory: back.memory }, { program: false });
    const expected = first.registers.map((slope, i) => slope + back.registers[i]);
    const found = gradient(registers).dataSync();
    expectClose(found, expected, 1e-5);
  });

  it("refuse tensors of another shape", () => {
    const { program } = randomCase(3, 5);
    const wrong = tf.zeros([2, 3, 5]);
    const state = { registers: wrong, memory: wrong, counter: wrong };
    expect(() => softRunTensors(tf, program, state, options)).toThrow("the state's registers must be [2, 4, 5]");
    const [registers, memory, counter] = stateOf(randomCase(3, 5));
    expect(() => softRunTensors(tf, program, { registers, memory, counter }, options, { k: counter })).toThrow(
      'the program\'s "k" must be [6, 5]; got 12 numbers',
    );
    expect(() => softRunTensors(tf, program, { registers, memory, counter }, { steps: -1 })).toThrow(
      "the steps of a soft run must be a whole number",
    );
  });
});
