import type * as TensorFlow from "@tensorflow/tfjs";
import { describe, expect, it } from "vitest";
import { type TensorFlowModule, useBackend } from "../tensor/index.js";
import { gatedProduct, rmsNorm, rotated } from "./fused-kernels.js";

type Tensor = TensorFlow.Tensor;
type Formula = (tf: TensorFlowModule, ...inputs: Tensor[]) => Tensor;

const cases: readonly [string, number[][], Formula, Formula][] = [
  [
    "SwiGLU's product",
    [
      [7, 80],
      [7, 80],
    ],
    (_, gate, up) => gatedProduct(gate, up),
    (tf, gate, up) => tf.mul(tf.mul(gate, tf.sigmoid(gate)), up),
  ],
  ["RMSNorm", [[9, 64], [64]], rmsNorm, plainNorm],
  ["RMSNorm of narrow rows", [[9, 12], [12]], rmsNorm, plainNorm],
  ["RMSNorm of one row", [[1, 128], [128]], rmsNorm, plainNorm],
  [
    "a rotation",
    [
      [6, 5, 16],
      [6, 5, 16],
      [5, 16],
      [5, 16],
    ],
    (_, x, turned, cosine, sine) => rotated(x, turned, cosine, sine),
    (tf, x, turned, cosine, sine) => tf.add(tf.mul(x, cosine), tf.mul(turned, sine)),
  ],
];

function plainNorm(tf: TensorFlowModule, x: Tensor, gain: Tensor): Tensor {
  return tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), -1, true), 1e-5))), gain);
}

describe.each(["wasm", "cpu"] as const)("on %s", (backend) => {
  it.each(cases)("%s is the plain formula, and so are its slopes", async (_, shapes, fused, plain) => {
    const tf = await useBackend(backend);
    const before = tf.memory().numTensors;
    tf.tidy(() => {
      const values = (shape: number[], phase: number) =>
        tf.tensor(
          Array.from({ length: shape.reduce((size, side) => size * side, 1) }, (_, i) => 3 * Math.sin(1.3 * i + phase)),
          shape,
        );
      const inputs = shapes.map((shape, i) => values(shape, i));
      const run = (formula: Formula) =>
        tf.valueAndGrads((...tensors: Tensor[]) => formula(tf, ...tensors))(inputs, values(shapes[0], 9));
      const [found, expected] = [run(fused), run(plain)];
      for (const [i, tensor] of [found.value, ...found.grads].entries()) {
        const other = [expected.value, ...expected.grads][i];
        expect(tensor.shape).toEqual(other.shape);
        const scale = other.abs().max().dataSync()[0];
        expect(tensor.sub(other).abs().max().dataSync()[0]).toBeLessThan(2e-6 * scale);
      }
    });
    expect(tf.memory().numTensors).toBe(before);
  });
});
