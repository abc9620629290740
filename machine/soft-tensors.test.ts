import { beforeAll, describe, expect, it } from "vitest";
import { type TensorFlowModule, useBackend } from "../tensor/index.js";
import { seededRandom, softBackward, softForward, softRunTensors } from "./index.js";
import { cotangentsFor, expectClose, options, randomCase } from "./testing.js";

describe("soft runs on tensors", () => {
  let tf: TensorFlowModule;
  beforeAll(async () => {
    tf = await useBackend("cpu");
  });

  it("have the results and gradients of soft runs on arrays", () => {
    const chosen = randomCase(2, 6);
    const { program, state } = chosen;
    const { registers, memorySize, n, lines } = program;
    const cotangents = cotangentsFor(chosen, seededRandom(4));
    const { result, tape } = softForward(program, state, options);
    const expected = softBackward(tape, cotangents);
    const tensors = [
      tf.tensor(Float32Array.from(state.registers), [2, registers, n]),
      tf.tensor(Float32Array.from(state.memory), [2, memorySize, n]),
      tf.tensor(Float32Array.from(state.counter), [2, lines]),
      tf.tensor(Float32Array.from(program.op), [lines, program.op.length / lines]),
      tf.tensor(Float32Array.from(program.k), [lines, n]),
    ];
    const loss = tf.valueAndGrads((...inputs) => {
      const [r, memory, counter, op, k] = inputs;
      const ended = softRunTensors(tf, program, { registers: r, memory, counter }, options, { op, k });
      expectClose(ended.registers.dataSync(), result.registers, 1e-5);
      expectClose(ended.memory.dataSync(), result.memory, 1e-5);
      const weighted = (["registers", "memory", "counter", "halted"] as const).map((part) =>
        tf.sum(tf.mul(ended[part].flatten(), tf.tensor1d(Float32Array.from(cotangents[part])))),
      );
      return tf.addN(weighted).asScalar();
    });
    const { grads } = loss(tensors);
    const { program: fields } = expected;
    const gradients = [expected.registers, expected.memory, expected.counter, fields?.op ?? [], fields?.k ?? []];
    gradients.forEach((gradient, i) => {
      expectClose(grads[i].dataSync(), gradient, 1e-5);
    });
  });

  it("refuse tensors of another shape", () => {
    const { program } = randomCase(3, 5);
    const wrong = tf.zeros([2, 3, 5]);
    const state = { registers: wrong, memory: wrong, counter: wrong };
    expect(() => softRunTensors(tf, program, state, options)).toThrow("the state's registers must be [2, 4, 5]");
  });
});
