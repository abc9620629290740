import { beforeAll, describe, expect, test } from "vitest";
import { type TensorFlowModule, useBackend } from "../tensor/index.js";
import { compile } from "./index.js";

let tf: TensorFlowModule;

describe.each(["cpu", "wasm"] as const)("apply on %s", (backend) => {
  beforeAll(async () => {
    tf = await useBackend(backend);
  });
  const module = compile("(* a (tanh (* x b)))");
  const xs = [-0.4, 0.1, 0.5, 1.2];

  test("gives the module's values", () => {
    const y = module.apply({ a: tf.scalar(2), b: tf.scalar(0.5), x: tf.tensor1d(xs) });
    expect(y.shape).toEqual([4]);
    for (const [i, value] of [...y.dataSync()].entries())
      expect(value).toBeCloseTo(module.evaluate({ a: 2, b: 0.5, x: xs[i] }), 6);
  });

  test("has first, second and third derivatives", () => {
    const f = (x: InstanceType<typeof tf.Tensor>) => module.apply({ a: tf.scalar(2), b: tf.scalar(0.5), x }).sum();
    const first = tf.grad(f);
    const second = tf.grad((x) => first(x).sum());
    const third = tf.grad((x) => second(x).sum());
    let exact = module;
    for (const derivative of [first, second, third]) {
      exact = exact.partial("x");
      for (const [i, value] of [...derivative(tf.tensor1d(xs)).dataSync()].entries())
        expect(value).toBeCloseTo(exact.evaluate({ a: 2, b: 0.5, x: xs[i] }), 5);
    }
  });

  test("sums the slope of what was broadcast", () => {
    const slope = tf.grad((a) => module.apply({ a, b: tf.scalar(0.5), x: tf.tensor1d(xs) }).sum())(tf.scalar(2));
    expect(slope.shape).toEqual([]);
    expect(slope.dataSync()[0]).toBeCloseTo(
      xs.reduce((sum, x) => sum + Math.tanh(x * 0.5), 0),
      5,
    );
  });

  test("a batch axis as long as another axis is not taken for it", () => {
    const y = module.apply({
      a: tf.ones([3, 1]),
      b: tf.ones([1, 3]),
      x: tf.tensor2d([
        [0, 1, 2],
        [3, 4, 5],
        [6, 7, 8],
      ]),
    });
    expect(y.shape).toEqual([3, 3]);
    expect(y.dataSync()[5]).toBeCloseTo(Math.tanh(5), 6);
  });

  test("keeps no tensor but its result, with parameters too", () => {
    const law = compile("(* g (if (> x y) (sin x) (* x x y)))", { params: { g: 2 } });
    const x = tf.tensor1d(xs);
    const y = tf.tensor2d([[0.2], [0.7]]);
    const slope = tf.grad((v) => law.apply({ x: v, y }).sum());
    const curvature = tf.grad((v) => slope(v).sum());
    for (const run of [() => law.apply({ x, y }), () => slope(x), () => curvature(x)]) {
      const before = tf.memory().numTensors;
      const result = run();
      expect(tf.memory().numTensors).toBe(before + 1);
      result.dispose();
      expect(tf.memory().numTensors).toBe(before);
    }
  });

  test("takes whole numbers, booleans and tensors without elements", () => {
    const product = compile("(* k x y)", { params: { k: 2 } });
    const y = product.apply({ x: tf.tensor1d([1, 2], "int32"), y: tf.tensor1d([true, false], "bool") });
    expect([...y.dataSync()]).toEqual([2, 0]);
    expect(product.apply({ x: tf.zeros([0]), y: tf.zeros([1]) }).shape).toEqual([0]);
  });

  test("recovers an unknown parameter of a known law by gradient descent", () => {
    const law = compile("(* k (sqrt (/ L g)))", { params: { g: 9.81 } });
    const lengths = tf.tensor1d([0.5, 1, 1.5, 2]);
    const measured = law.apply({ k: tf.scalar(2 * Math.PI), L: lengths });
    const k = tf.variable(tf.scalar(1));
    const optimizer = tf.train.adam(0.1);
    for (let i = 0; i < 300; i++)
      optimizer.minimize(() => law.apply({ k, L: lengths }).sub(measured).square().mean<TensorFlowScalar>());
    expect(k.dataSync()[0]).toBeCloseTo(2 * Math.PI, 3);
  });

  test.each([
    ["a missing input", () => module.apply({ a: tf.scalar(1), x: tf.scalar(1) }), 'missing input "b"'],
    [
      "what is no tensor",
      () => module.apply({ a: 1 as never, b: tf.scalar(1), x: tf.scalar(1) }),
      'input "a" must be a tensor',
    ],
    ["tensors in an array", () => module.apply([tf.scalar(1)] as never), "inputs are given by name"],
    [
      "text",
      () => module.apply({ a: tf.tensor1d(["1"]), b: tf.scalar(1), x: tf.scalar(1) }),
      'input "a" must be a tensor of real numbers, not of string',
    ],
    [
      "shapes that differ",
      () => module.apply({ a: tf.ones([2]), b: tf.scalar(1), x: tf.ones([3]) }),
      'input "x" of shape [3]',
    ],
  ])("refuses %s", (_, run, message) => {
    expect(run).toThrow(message);
  });
});

type TensorFlowScalar = ReturnType<TensorFlowModule["scalar"]>;
