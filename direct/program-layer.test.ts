import type * as TensorFlow from "@tensorflow/tfjs";
import { beforeAll, describe, expect, test } from "vitest";
import { type TensorFlowModule, useBackend } from "../tensor/index.js";
import { decodeText, encodeText, moduleOf } from "./definition.js";
import { compile, compose, type LayerOptions, registerProgramLayers } from "./index.js";

let tf: TensorFlowModule;

/** A model as it would be read again from its files. */
async function reloaded(model: TensorFlow.LayersModel): Promise<TensorFlow.LayersModel> {
  let artifacts: TensorFlow.io.ModelArtifacts | undefined;
  const handler = tf.io.withSaveHandler(async (saved) => {
    artifacts = JSON.parse(JSON.stringify({ ...saved, weightData: undefined }));
    artifacts = { ...artifacts, weightData: saved.weightData };
    return { modelArtifactsInfo: { dateSaved: new Date(), modelTopologyType: "JSON" } };
  });
  await model.save(handler);
  return tf.loadLayersModel(tf.io.fromMemory(artifacts ?? {}));
}

test("a process that only loads models makes the layers known first", async () => {
  tf = await useBackend("cpu");
  const program = encodeText({
    definition: { source: "(* G x)", options: { params: { G: 3 } } },
    inputs: ["x"],
    trainable: [],
  });
  const config = { name: "law", trainable: true, batch_input_shape: [null, 1], program };
  const layers = [{ class_name: "SoftmachineProgram", config }];
  const modelTopology = { class_name: "Sequential", config: { name: "model", layers } };
  const load = () => tf.loadLayersModel(tf.io.fromMemory({ modelTopology }));
  await expect(load()).rejects.toThrow("SoftmachineProgram");
  registerProgramLayers();
  const model = await load();
  expect((model.predict(tf.tensor2d([[2]])) as TensorFlow.Tensor).arraySync()).toEqual([[6]]);
});

describe.each(["cpu", "wasm"] as const)("layers on %s", (backend) => {
  beforeAll(async () => {
    tf = await useBackend(backend);
  });
  const pendulum = compile("(* (- 0 (/ g_0 L)) (sin θ))", { params: { g_0: 9, L: 1 } });

  test("a parameter named is trained, the others stay; saved and loaded, the layer is the same", async () => {
    const layer = pendulum.toLayer({ trainable: ["g_0"], inputShape: [1] });
    const model = tf.sequential({ layers: [layer] });
    expect(model.outputShape).toEqual([null, 1]);
    expect(model.trainableWeights.map(({ name, shape }) => [name.split("/")[1], shape])).toEqual([["g_0", []]]);
    expect(model.getWeights()[0].dataSync()[0]).toBe(9);
    const angle = tf.linspace(-1.5, 1.5, 128).expandDims(1);
    const measured = angle.sin().mul(-9.81);
    model.compile({ optimizer: tf.train.adam(0.1), loss: "meanSquaredError" });
    await model.fit(angle, measured, { epochs: 40, batchSize: 64, shuffle: false });
    expect(model.getWeights()[0].dataSync()[0]).toBeCloseTo(9.81, 1);
    const again = await reloaded(model);
    expect(again.getWeights()[0].dataSync()).toEqual(model.getWeights()[0].dataSync());
    const predictions = [model, again].map((one) => (one.predict(angle) as TensorFlow.Tensor).dataSync());
    expect(predictions[1]).toEqual(predictions[0]);
  });

  test("a frozen layer has no weights and passes gradients on", async () => {
    const model = tf.sequential({
      layers: [
        tf.layers.dense({ units: 1, inputShape: [1], kernelInitializer: "ones" }),
        compile("(* 2 (exp x))").toLayer({ name: "law" }),
      ],
    });
    expect(model.getLayer("law").getWeights()).toEqual([]);
    const x = tf.linspace(-1, 1, 64).expandDims(1);
    model.compile({ optimizer: tf.train.adam(0.05), loss: "meanSquaredError" });
    await model.fit(x, x.mul(-0.5).add(0.25).exp().mul(2), { epochs: 150, batchSize: 64, shuffle: false });
    const [slope, offset] = model.getWeights().map((weight) => weight.dataSync()[0]);
    expect(slope).toBeCloseTo(-0.5, 2);
    expect(offset).toBeCloseTo(0.25, 2);
  });

  test("takes its inputs as a list, in the order of the program or as told, or along one last axis", () => {
    const difference = compile("(- (* k x) y)", { params: { k: 3 } });
    const [x, y] = [tf.tensor2d([[1], [2]]), tf.tensor2d([[10], [20]])];
    const values = (layer: TensorFlow.layers.Layer, inputs: TensorFlow.Tensor | TensorFlow.Tensor[]) => {
      const value = layer.apply(inputs) as TensorFlow.Tensor;
      expect(layer.computeOutputShape(Array.isArray(inputs) ? inputs.map((i) => i.shape) : inputs.shape)).toEqual(
        value.shape,
      );
      return value.arraySync();
    };
    expect(difference.inputs).toEqual(["k", "x", "y"]);
    expect(values(difference.toLayer(), [x, y])).toEqual([[-7], [-14]]);
    expect(values(difference.toLayer({ inputs: ["y", "x"] }), [x, y])).toEqual([[29], [58]]);
    expect(values(difference.toLayer({ inputs: ["k", "x", "y"] }), tf.concat([x, x, y], 1))).toEqual([[-9], [-16]]);
    expect(values(difference.toLayer(), tf.concat([x, y], 1))).toEqual([[-7], [-14]]);
    expect(values(difference.toLayer(), tf.ones([2, 5, 2]))).toEqual(Array(2).fill(Array(5).fill([2])));
    expect(values(difference.toLayer(), [tf.ones([2, 3]), y])).toEqual([Array(3).fill(-7), Array(3).fill(-17)]);
    const arrays = compile("(dot v w)", { inputs: { v: [2], w: [2] } });
    expect(values(arrays.toLayer(), [tf.ones([4, 2]), tf.tensor2d([[1, 2]])])).toEqual(Array(4).fill([3]));
    const vector = compile("[x y (* x y)]");
    expect(values(vector.toLayer(), tf.concat([x, y], 1))).toEqual([
      [1, 10, 10],
      [2, 20, 40],
    ]);
  });

  test("stands in models of several inputs, of arrays and composed programs, that are saved and loaded", async () => {
    const inverse = compose(compile("(matvec (inv m) (scale k v))", { inputs: { m: [2, 2], v: [2] } }), {
      k: compile("(* 2 s)", { params: { s: -0.5 } }),
    });
    const [m, v] = [tf.input({ shape: [2, 2] }), tf.input({ shape: [2] })];
    const layer = inverse.toLayer({ trainable: ["s"] });
    const output = layer.apply([m, v]) as TensorFlow.SymbolicTensor;
    expect(output.shape).toEqual([null, 2]);
    const model = tf.model({ inputs: [m, v], outputs: output });
    const given = [
      tf.tensor([
        [
          [2, 0],
          [0, 4],
        ],
      ]),
      tf.tensor([[2, 4]]),
    ];
    for (const one of [model, await reloaded(model)])
      expect((one.predict(given) as TensorFlow.Tensor).arraySync()).toEqual([[-1, -1]]);
    const slope = compile("(* x x x)").derivative("x").derivative("x");
    const sequential = tf.sequential({ layers: [slope.toLayer({ inputShape: [1] })] });
    for (const one of [sequential, await reloaded(sequential)])
      expect((one.predict(tf.tensor2d([[2]])) as TensorFlow.Tensor).arraySync()).toEqual([[12]]);
  });

  test("calls leave no tensor behind but their result", () => {
    const layer = pendulum.toLayer({ trainable: ["L"] });
    const x = tf.ones([3, 1]);
    tf.dispose(layer.apply(x) as TensorFlow.Tensor);
    const before = tf.memory().numTensors;
    tf.dispose(layer.apply(x) as TensorFlow.Tensor);
    expect(tf.memory().numTensors).toBe(before);
    layer.dispose();
    expect(tf.memory().numTensors).toBe(before - 1);
  });

  const refused: readonly [string, LayerOptions, string][] = [
    ["a parameter that is none", { trainable: ["θ"] }, 'option trainable has "θ", which is not a parameter'],
    ["an input misspelt", { inputs: ["theta"] }, 'option inputs has "theta", which is not an input of the program'],
    ["an input twice", { inputs: ["θ", "θ"] }, 'option inputs has "θ" twice'],
    ["an input left out", { inputs: ["L"] }, 'option inputs lacks "θ", which has no value'],
    ["an input trained", { inputs: ["θ", "L"], trainable: ["L"] }, '"L" is either an input of the layer or trained'],
    ["names in no list", { trainable: "L" as never }, "option trainable is a list of names, not the string"],
    ["an option misspelt", { trainble: ["L"] } as never, 'unknown option "trainble" (did you mean "trainable"?)'],
    ["options in no record", ["L"] as never, "options are given by name"],
  ];
  test.each(refused)("refuses %s", (_, options, message) => {
    expect(() => pendulum.toLayer(options)).toThrow(message);
  });

  test("refuses tensors that don't fit, and a damaged file", () => {
    const product = compile("(* x y)").toLayer();
    expect(() => product.apply(tf.ones([2, 3]))).toThrow("the layer takes 2 tensors, for x, y, or one whose last axis");
    expect(() => product.apply([1, 2, 3].map(() => tf.ones([2, 1])))).toThrow("for x, y; it was given 3");
    const arrays = compile("(dot v w)", { inputs: { v: [2], w: [2] } }).toLayer();
    expect(() => arrays.apply(tf.ones([2, 4]))).toThrow('a list of 2 tensors, since input "v" is an array');
    expect(() => compile("1").toLayer()).toThrow("a layer needs an input");
    const Layer = arrays.constructor as new (args: object) => TensorFlow.layers.Layer;
    for (const program of ["{", "{}", "3"])
      expect(() => new Layer({ program })).toThrow("a program's layer is damaged");
  });
});

test("definitions survive files, with every number and letter", () => {
  const options = { params: { K_m: Number.NaN, Ä: Number.POSITIVE_INFINITY, z: -0 }, inputs: { x: [] }, entry: "f_G" };
  const definition = { source: "(define (f_G x) (* K_m Ä x z '😀))\n; 100%\ud800", options };
  const text = encodeText(definition);
  expect(text).toMatch(/^[^A-Z_\n]*$/);
  expect(text).toBe(text.toLowerCase());
  expect(decodeText(text)).toEqual(definition);
  expect(() => decodeText(`${text}%`)).toThrow("damaged");
});

test("a definition makes an equal module again", () => {
  const law = compose(compile("(* a (f b))(define (f x) (sqrt x))", { domain: "strict", params: { a: 2 } }), {
    b: compile("(+ c 1)", { domain: "strict" }),
  });
  const config = law.derivative("c").toLayer().getConfig();
  const again = moduleOf(
    (decodeText(String(config.program)) as { definition: Parameters<typeof moduleOf>[0] }).definition,
  );
  expect(again.evaluate({ c: 3 })).toBe(law.derivative("c").evaluate({ c: 3 }));
  expect(again.parameters).toEqual({ a: 2 });
  expect(() => law.evaluate({ c: -3 })).toThrow("square root of a negative number");
});
