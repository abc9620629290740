import type { Tensor } from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test, vi } from "vitest";
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

  test("runs and differentiates loops and recursion, whose rows part", () => {
    const power = compile("(let loop ((i 0) (p 1)) (if (< i n) (loop (+ i 1) (* p x)) p))");
    const halves = compile("(define (f x) (if (< x 1) x (+ 1 (f (/ x 2))))) (f x)");
    for (const rows of [3, 100]) {
      const x = tf.linspace(1.5, 4, rows);
      const n = tf.range(0, rows).mod(5);
      const [value, slope] = tf.tidy(() => {
        const both = tf.valueAndGrad((at) => power.apply({ n, x: at }))(x, tf.onesLike(x));
        return [both.value.dataSync(), both.grad.dataSync()];
      });
      const [xs, ns] = [x.dataSync(), n.dataSync()];
      for (const [i, k] of ns.entries()) {
        expect(value[i] / xs[i] ** k).toBeCloseTo(1, 5);
        expect(slope[i]).toBeCloseTo(k === 0 ? 0 : k * xs[i] ** (k - 1), 2);
      }
      const slopes = tf
        .grad((at) => halves.apply({ x: at }))(x)
        .dataSync();
      for (const [i, at] of xs.entries()) expect(slopes[i]).toBeCloseTo(0.5 ** (Math.floor(Math.log2(at)) + 1), 5);
    }
  });

  test("goes back over loops that depend on much, and differentiates that again", () => {
    const program = compile("(loop ((i 0) (s x)) (if (= i 7) s (recur (+ i 1) (+ (* a s) (* b (sin (* c s)))))))");
    const scalars = { a: 0.9, b: 0.3, c: 1.1 };
    for (const rows of [3, 100]) {
      const x = tf.linspace(0.2, 1.5, rows);
      const given = Object.fromEntries(Object.entries(scalars).map(([name, value]) => [name, tf.scalar(value)]));
      const slope = tf.grad((at) => program.apply({ ...given, x: at }).sum());
      const [first, second] = tf.tidy(() => [
        slope(x).dataSync(),
        tf
          .grad((at) => slope(at).sum())(x)
          .dataSync(),
      ]);
      for (const [i, at] of x.dataSync().entries()) {
        const exact = program.partial("x").gradient({ ...scalars, x: at });
        expect(first[i]).toBeCloseTo(exact.value, 4);
        expect(second[i]).toBeCloseTo(exact.gradient.x, 3);
      }
    }
  });

  test("one value for every row is not spread out, and its slope is the sum of theirs", () => {
    const rows = 1000;
    const law = compile("(* a (+ (* x x) b))");
    const [a, b] = [tf.tensor([[1.5]]), tf.scalar(0.25)];
    const x = tf.linspace(-1, 1, rows);
    const kernels = vi.spyOn(tf.engine(), "runKernel");
    const { value, grads } = tf.valueAndGrads((p, q, r) => law.apply({ a: p, b: q, x: r }).sum())([a, b, x]);
    expect(kernels.mock.calls.map(([kernel]) => kernel)).not.toContain("Tile");
    kernels.mockClear();
    // Nor is, on wasm, one value for each row or each column of a matrix; along a middle axis there is no other way.
    law.apply({ a: tf.ones([2, 1]), b, x });
    law.apply({ a: x, b: tf.ones([2, 1]), x: tf.ones([2, rows]) });
    expect(kernels.mock.calls.some(([kernel]) => kernel === "Tile")).toBe(backend !== "wasm");
    law.apply({ a: tf.ones([2, 1, rows]), b, x: tf.ones([2, 3, rows]) });
    expect(kernels.mock.calls.map(([kernel]) => kernel)).toContain("Tile");
    kernels.mockRestore();
    expect(law.apply({ a, b, x }).shape).toEqual([1, rows]);
    expect(grads.map(({ shape }) => shape)).toEqual([[1, 1], [], [rows]]);
    const xs = [...x.dataSync()];
    const sum = (f: (x: number) => number) => xs.reduce((total, at) => total + f(at), 0);
    expect(value.dataSync()[0]).toBeCloseTo(
      sum((at) => 1.5 * (at * at + 0.25)),
      1,
    );
    expect(grads[0].dataSync()[0]).toBeCloseTo(
      sum((at) => at * at + 0.25),
      1,
    );
    expect(grads[1].dataSync()[0]).toBeCloseTo(1.5 * rows, 2);
    expect(grads[2].dataSync()[0]).toBeCloseTo(-3, 5);
  });

  test.each([
    ["rows and columns", [5, 1], [70], [5, 70]],
    ["rows of more than one axis", [2, 3, 1], [2, 3, 1], [66]],
    ["a matrix that repeats", [2, 64], [], [3, 2, 64]],
    ["columns too short for blocks", [9, 1], [5], [1, 5]],
    ["a middle axis", [2, 1, 64], [64], [2, 3, 64]],
    ["squares", [64, 1], [64], [64, 64]],
    ["one row", [1, 65], [65], [1]],
  ])("broadcasts along %s as TensorFlow.js's own operations do, with slopes", (_, a, b, x) => {
    const values = (shape: number[], phase: number) =>
      tf.tensor(
        Array.from({ length: shape.reduce((size, side) => size * side, 1) }, (_, i) => Math.sin(i + phase)),
        shape,
      );
    const inputs = [values(a, 0), values(b, 1), values(x, 2)];
    const law = compile("(+ (* a (* x x)) (* b x))");
    const weighted = (y: Tensor) => y.mul(values(y.shape, 3)).sum();
    const ours = tf.valueAndGrads((p, q, r) => weighted(law.apply({ a: p, b: q, x: r })))(inputs);
    const theirs = tf.valueAndGrads((p, q, r) => weighted(p.mul(r).mul(r).add(q.mul(r))))(inputs);
    for (const [i, tensor] of [ours.value, ...ours.grads].entries()) {
      const expected = [theirs.value, ...theirs.grads][i];
      expect(tensor.shape).toEqual(expected.shape);
      expect(tensor.sub(expected).abs().max().dataSync()[0]).toBeLessThan(1e-4);
    }
  });

  test("parameters that are not given are constants of the program; given, they are inputs", () => {
    const law = compile("(if (> mode 0) (* g x) (log (- x 100)))", { params: { g: 9.81, mode: 1 } });
    const x = tf.tensor1d(xs);
    expect([...law.apply({ x }).dataSync()]).toEqual(xs.map((at) => Math.fround(Math.fround(9.81) * Math.fround(at))));
    expect([
      ...tf
        .grad((at) => law.apply({ x: at }))(x)
        .dataSync(),
    ]).toEqual(xs.map(() => Math.fround(9.81)));
    const g = law.variables(["g"]);
    const { grads } = tf.variableGrads(() => law.apply({ x, ...g }).sum<TensorFlowScalar>());
    expect(Object.keys(grads)).toEqual([g.g.name]);
    expect(grads[g.g.name].dataSync()[0]).toBeCloseTo(
      xs.reduce((sum, at) => sum + at, 0),
      5,
    );
    expect(Object.keys(law.variables())).toEqual(["g", "mode"]);
    expect(() => law.variables(["x"])).toThrow('option trainable has "x", which is not a parameter');
  });

  test("a slope that nothing depends on spoils no second derivative, were it infinite", () => {
    // At x = 0 the slope in x is infinite; only that in y is differentiated again.
    const root = compile("(* y (sqrt x))");
    const x = tf.tensor1d([0, 4]);
    const y = tf.tensor1d([3, 3]);
    const slope = (at: Tensor) => tf.grad((other: Tensor) => root.apply({ x: other, y: at }))(tf.tensor1d([1, 4]));
    expect([
      ...tf
        .grad((at: Tensor) => slope(at).sum())(y)
        .dataSync(),
    ]).toEqual([0.5, 0.25]);
    const inY = (at: Tensor) => tf.grad((other: Tensor) => root.apply({ x, y: other }))(at);
    expect([
      ...tf
        .grad((at: Tensor) => inY(at).sum())(y)
        .dataSync(),
    ]).toEqual([0, 0]);
  });

  test("the branch not taken leaks into neither value nor slopes", () => {
    const safe = compile("(if (> x 0) (* y (log x)) (sqrt (- y x)))");
    for (const rows of [4, 100]) {
      const x = tf.tensor1d(Array.from({ length: rows }, (_, i) => (i % 2 === 0 ? 0 : 2)));
      const y = tf.fill([rows], -1).add(tf.equal(x, 0).toFloat().mul(2));
      const slopes = tf.grads((p, q) => safe.apply({ x: p, y: q }))([x, y]);
      expect([...safe.apply({ x, y }).dataSync().slice(0, 2)]).toEqual([1, -Math.fround(Math.log(2))]);
      expect([...slopes[0].dataSync().slice(0, 2)]).toEqual([-0.5, -0.5]);
      expect([...slopes[1].dataSync().slice(0, 2)]).toEqual([0.5, Math.fround(Math.log(2))]);
    }
  });

  test("what stops a run leaves no tensor behind", () => {
    const endless = compile("(let loop ((i x)) (if (> i 0) (loop (+ i 1)) i))", { iterations: 1000 });
    const strict = compile("(sqrt x)", { domain: "strict" });
    for (const rows of [3, 100]) {
      const x = tf.linspace(1, 2, rows);
      const before = [tf.memory().numTensors, tf.backend().numDataIds()];
      expect(() => endless.apply({ x })).toThrow("1,000 iterations");
      expect(() => tf.tidy(() => strict.apply({ x: x.sub(tf.scalar(1.99)) }))).toThrow(
        "square root of a negative number",
      );
      expect([tf.memory().numTensors, tf.backend().numDataIds()]).toEqual(before);
    }
    expect(tf.tidy(() => strict.apply({ x: tf.tensor1d([4, 9]) }).dataSync())).toEqual(Float32Array.of(2, 3));
  });

  describe("of programs on arrays", () => {
    const plane = compile("(dot v (matvec m v))", { inputs: { v: [3], m: [3, 3] } });
    const turn = compile("(scale k (cross v [x 0 1]))", { inputs: { v: [3] }, params: { k: 2 } });

    test("the last axes are the input's own, and those before are the batch, whatever their sizes", () => {
      for (const batch of [[], [1], [3], [3, 3], [2, 1, 50], [100]]) {
        const v = tf.randomUniform([...batch, 3], -1, 1, "float32", 1);
        const m = tf.randomUniform([...batch, 3, 3], -1, 1, "float32", 2);
        const y = plane.apply({ v, m });
        expect(y.shape).toEqual(batch);
        const [vs, ms] = [v.dataSync<"float32">(), m.dataSync<"float32">()];
        const { value, gradient } = plane.batchGradient({ v: vs, m: ms });
        for (const [i, found] of y.dataSync().entries()) expect(found).toBeCloseTo(value[i], 5);
        const slopes = tf.grads((p, q) => plane.apply({ v: p, m: q }))([v, m]);
        for (const [i, name] of ["v", "m"].entries()) {
          expect(slopes[i].shape).toEqual([v, m][i].shape);
          for (const [k, found] of slopes[i].dataSync().entries()) expect(found).toBeCloseTo(gradient[name][k], 5);
        }
      }
    });

    test("inputs broadcast over the batch, and the value is an array for each row", () => {
      const v = tf.tensor1d([1, 2, 3]);
      for (const rows of [2, 100]) {
        const x = tf.linspace(-1, 1, rows);
        const y = turn.apply({ v, x });
        expect(y.shape).toEqual([rows, 3]);
        for (const [i, row] of (y.arraySync() as number[][]).entries()) {
          const exact = turn.evaluate<number[]>({ v: [1, 2, 3], x: x.dataSync()[i] });
          for (const [k, item] of row.entries()) expect(item).toBeCloseTo(exact[k], 5);
        }
        const weights = tf.tensor2d([[1, 10, 100]]);
        const [slope, along] = tf.grads((p, q) => turn.apply({ v: p, x: q }).mul(weights).sum())([v, x]);
        // Of 2 (v × [x 0 1]) weighted: 2 (v₁ + 10 (v₂ x - v₀) - 100 v₁ x), summed over x from -1 to 1.
        expect([...slope.dataSync()].map((s) => Math.round(s))).toEqual([-20 * rows, 2 * rows, 0]);
        expect(along.dataSync()[0]).toBeCloseTo(2 * (30 - 200), 3);
        expect(turn.apply({ v: tf.ones([4, 1, 3]), x }).shape).toEqual([4, rows, 3]);
      }
      expect(turn.apply({ v: tf.zeros([0, 3]), x: tf.scalar(1) }).shape).toEqual([0, 3]);
    });

    test("has second derivatives", () => {
      const v = tf.tensor2d([
        [1, 2, 3],
        [0.5, -1, 0.25],
      ]);
      const m = tf.randomUniform([3, 3], -1, 1, "float32", 3);
      const slope = (at: Tensor) => tf.grad((p: Tensor) => plane.apply({ v: p, m }))(at);
      const second = tf.grad((at: Tensor) => slope(at).sum())(v);
      // The second derivative is m + mᵀ; its rows' sums are the slopes' slopes.
      const expected = m.add(m.transpose()).sum(0).dataSync();
      for (const [i, found] of second.dataSync().entries()) expect(found).toBeCloseTo(expected[i % 3], 5);
    });

    test.each([
      ["too few axes", () => plane.apply({ v: tf.scalar(1), m: tf.eye(3) }), 'input "v" is a vector of 3, so its'],
      ["axes in another order", () => plane.apply({ v: tf.ones([3, 2]), m: tf.eye(3) }), "its shape is [3,2]"],
      ["batches that differ", () => turn.apply({ v: tf.ones([4, 3]), x: tf.ones([3]) }), 'input "x" of shape [3]'],
      ["shapes that nobody declared", () => compile("(vsum v)").apply({ v: tf.ones([3]) }), 'shapes of inputs "v"'],
    ])("refuses %s", (_, run, message) => {
      expect(run).toThrow(message);
    });
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

describe("on wasm", () => {
  beforeAll(async () => {
    tf = await useBackend("wasm");
  });
  const law = compile("(if (> x y) (* a (sin x)) (+ y (exp (* b x))))");
  const given = (rows: number) => [tf.scalar(2), tf.scalar(-0.5), tf.linspace(-3, 3, rows), tf.linspace(1, -1, rows)];
  const apply = (a: Tensor, b: Tensor, x: Tensor, y: Tensor) => law.apply({ a, b, x, y });

  test("nothing is copied into or out of the backend's memory, for values and slopes", () => {
    const inputs = given(1000);
    const one = tf.onesLike(inputs[2]);
    const backend = tf.backend();
    const spies = [vi.spyOn(backend, "readSync"), vi.spyOn(backend, "write")] as const;
    const { value, grads } = tf.valueAndGrads(apply as (...args: Tensor[]) => Tensor)(inputs, one);
    expect(spies[0]).not.toHaveBeenCalled();
    // A new tensor is made by a write of nothing.
    expect(spies[1].mock.calls.map(([values]) => values)).toEqual(spies[1].mock.calls.map(() => null));
    for (const spy of spies) spy.mockRestore();
    const { dtype, inputs: names } = law;
    expect([dtype, names]).toEqual(["float64", ["x", "y", "a", "b"]]);
    const [x, y] = [inputs[2].dataSync<"float32">(), inputs[3].dataSync<"float32">()];
    const exact = law.batchGradient({ a: 2, b: -0.5, x, y });
    for (const [i, found] of value.dataSync().entries()) expect(found).toBeCloseTo(exact.value[i], 5);
    for (const [i, found] of grads[2].dataSync().entries()) expect(found).toBeCloseTo(exact.gradient.x[i], 5);
    expect(grads[0].dataSync()[0]).toBeCloseTo(
      [...exact.gradient.a].reduce((sum, slope) => sum + slope, 0),
      2,
    );
  });

  test("tensors stay whole while the memory grows", () => {
    const rows = 500_000;
    const pages = () => (Reflect.get(tf.backend(), "wasm") as { HEAPU8: Uint8Array }).HEAPU8.length;
    const before = pages();
    const [a, b, x, y] = given(rows);
    const results = Array.from({ length: 12 }, () => apply(a, b, x, y));
    expect(pages()).toBeGreaterThan(before);
    const exact = law.batch({ a: 2, b: -0.5, x: x.dataSync<"float32">(), y: y.dataSync<"float32">() });
    for (const result of results) {
      const found = result.dataSync();
      for (let i = 0; i < rows; i += 9973) expect(found[i]).toBeCloseTo(exact[i], 5);
    }
    tf.dispose([a, b, x, y, ...results]);
  });

  test("tensors that another backend made are moved", async () => {
    await useBackend("cpu");
    const inputs = given(100);
    const onCpu = [...apply(inputs[0], inputs[1], inputs[2], inputs[3]).dataSync()];
    await useBackend("wasm");
    const onWasm = apply(inputs[0], inputs[1], inputs[2], inputs[3]).dataSync();
    for (const [i, found] of onWasm.entries()) expect(found).toBeCloseTo(onCpu[i], 5);
  });
});

test("elsewhere straight-line programs and branches run as tensor operations, values and slopes; others on copies", async () => {
  tf = await useBackend("cpu");
  const read = vi.spyOn(tf.Tensor.prototype, "dataSync");
  const x = tf.tensor1d([1, 2, 3]);
  const slope = (module: ReturnType<typeof compile>) => tf.grad((at) => module.apply({ x: at }))(x);
  for (const source of ["(* x (tanh x))", "(if (> x 1.5) (log x) (square x))", "(modulo (floor (* 3 x)) 2)"]) {
    slope(compile(source));
    tf.grad((at: Tensor) => tf.grad((p: Tensor) => compile(source).apply({ x: p }))(at))(x);
  }
  expect(read).not.toHaveBeenCalled();
  for (const source of ["(gcd x 6)", "(let loop ((i 0)) (if (< i x) (loop (+ i 1)) i))"]) {
    read.mockClear();
    slope(compile(source));
    expect(read).toHaveBeenCalled();
  }
  read.mockRestore();
});
