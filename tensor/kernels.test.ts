import type { Tensor } from "@tensorflow/tfjs";
import { beforeAll, describe, expect, it } from "vitest";
import { type TensorFlowModule, useBackend } from "./index.js";

let tf: TensorFlowModule;

/** Pseudo-random numbers of order one, the same on every run. */
const values = (count: number, phase: number) => Array.from({ length: count }, (_, i) => Math.sin(1 + i * 1.7 + phase));

/** The gradient of `loss` at `point`, by central differences. */
function differences(loss: (point: number[]) => number, point: number[], h = 1e-2): number[] {
  return point.map((_, i) => {
    const moved = (by: number) => loss(point.map((x, j) => (i === j ? x + by : x)));
    return (moved(h) - moved(-h)) / (2 * h);
  });
}

/** Checks the gradient of Σ weights · op(x) for x of a shape, weights fixed. */
function checkGradient(shape: number[], op: (x: Tensor) => Tensor): void {
  const size = shape.reduce((product, side) => product * side, 1);
  const point = values(size, 0.3);
  const loss = (x: Tensor) => {
    const y = op(x);
    return tf.sum(tf.mul(y, tf.tensor(values(y.size, 2), y.shape)));
  };
  const numeric = differences((at) => tf.tidy(() => loss(tf.tensor(at, shape)).dataSync()[0]), point);
  const exact = tf.tidy(() =>
    tf
      .grad((x: Tensor) => loss(x))(tf.tensor(point, shape))
      .dataSync(),
  );
  expect(exact.length).toBe(size);
  numeric.forEach((expected, i) => {
    expect(exact[i]).toBeCloseTo(expected, 2);
  });
}

describe.each(["wasm", "cpu"] as const)("kernels on %s", (backend) => {
  beforeAll(async () => {
    tf = await useBackend(backend);
    expect(tf.getBackend()).toBe(backend);
  });

  it("clones share their numbers, which last as long as any of them", () => {
    const before = tf.backend().numDataIds();
    const original = tf.tensor1d([1, 2, 3]);
    const clone = original.clone();
    expect(clone.dataId).toBe(original.dataId);
    original.dispose();
    expect([...clone.dataSync()]).toEqual([1, 2, 3]);
    clone.dispose();
    expect(tf.backend().numDataIds()).toBe(before);
    expect(tf.tensor1d(["a", "b"]).clone().arraySync()).toEqual(["a", "b"]);
  });

  for (const transposeA of [false, true]) {
    for (const transposeB of [false, true]) {
      it(`differentiates matMul, transposeA ${transposeA}, transposeB ${transposeB}`, () => {
        const a = transposeA ? [2, 4, 3] : [2, 3, 4];
        const b = transposeB ? [2, 5, 4] : [2, 4, 5];
        const fixedA = tf.tensor(values(24, 5), a);
        const fixedB = tf.tensor(values(40, 6), b);
        checkGradient(a, (x) => tf.matMul(x, fixedB, transposeA, transposeB));
        checkGradient(b, (x) => tf.matMul(fixedA, x, transposeA, transposeB));
      });
    }
  }

  it("multiplies matrices in batches, with batch axes that broadcast, of whole numbers, and of none", () => {
    const product = (a: number[], b: number[]) => tf.matMul(tf.ones(a), tf.ones(b));
    expect(product([2, 3, 4, 5], [2, 3, 5, 6]).shape).toEqual([2, 3, 4, 6]);
    expect(product([4, 5], [3, 5, 6]).shape).toEqual([3, 4, 6]);
    expect(product([2, 3, 4, 5], [5, 6]).shape).toEqual([2, 3, 4, 6]);
    expect(Array.from(product([2, 0], [0, 2]).dataSync())).toEqual([0, 0, 0, 0]);
    expect(product([0, 2], [2, 3]).shape).toEqual([0, 3]);
    const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
    expect(Array.from(tf.matMul(x, x, false, true).dataSync())).toEqual([5, 11, 11, 25]);
  });

  it("sums the gradient of matMul over a broadcast batch axis", () => {
    const many = tf.tensor(values(24, 1), [3, 2, 4]);
    checkGradient([1, 4, 2], (x) => tf.matMul(many, x));
  });

  it("differentiates gather, with rows taken often and never", () => {
    checkGradient([5, 3], (x) => tf.gather(x, tf.tensor1d([4, 0, 4, 4, 1], "int32")));
    checkGradient([4], (x) => tf.gather(x, tf.tensor1d([3, 3, 0], "int32")));
    checkGradient([3, 2, 2], (x) => tf.gather(x, tf.tensor2d([2, 2, 0, 1], [2, 2], "int32")));
    checkGradient([2, 4], (x) => tf.gather(x, tf.tensor1d([3, 1, 1], "int32"), 1));
  });

  it("gathers what TensorFlow documents", () => {
    const rows = tf.gather(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), tf.tensor1d([2, 0], "int32"));
    expect(rows.shape).toEqual([2, 2]);
    expect(Array.from(rows.dataSync())).toEqual([5, 6, 1, 2]);
    const columns = tf.gather(tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]), tf.tensor1d([1], "int32"), 1);
    expect(Array.from(columns.dataSync())).toEqual([2, 4, 6]);
  });

  it("sums segments and leaves empty ones at zero", () => {
    const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
    const sums = tf.unsortedSegmentSum(x, tf.tensor1d([2, 0, 2], "int32"), 4);
    expect(Array.from(sums.dataSync())).toEqual([3, 4, 0, 0, 6, 8, 0, 0]);
  });
});
