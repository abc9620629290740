import fc from "fast-check";
import { expect, test } from "vitest";
import { randomProgram } from "../scheme/testing.js";
import { type CompileOptions, compile, type DirectModule, type EmitOptions, type NestedNumbers } from "./index.js";
import { arrayPrograms, isStraight } from "./testing.js";

type Field = { readonly field: number; readonly content: Uint8Array | number };

/** The fields of a protocol buffer message. */
function fields(bytes: Uint8Array): Field[] {
  const found: Field[] = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let scale = 1; ; scale *= 128) {
      const byte = bytes[at++];
      value += (byte & 0x7f) * scale;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const key = varint();
    const value = varint();
    if (key % 8 === 0) found.push({ field: key >> 3, content: value });
    else {
      expect(key % 8).toBe(2);
      found.push({ field: key >> 3, content: bytes.subarray(at, at + value) });
      at += value;
    }
  }
  expect(at).toBe(bytes.length);
  return found;
}

const all = (message: Uint8Array, field: number) =>
  fields(message).flatMap((one) => (one.field === field && typeof one.content !== "number" ? [one.content] : []));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** Operators, inputs and outputs of a graph, and of the graphs in its operators' attributes. */
function read(graph: Uint8Array): { operators: string[]; inputs: string[]; outputs: string[] } {
  const nodes = all(graph, 1);
  const inner = nodes.flatMap((node) => all(node, 5).flatMap((attribute) => all(attribute, 6)));
  const names = (field: number) => all(graph, field).map((info) => text(all(info, 1)[0]));
  return {
    operators: [...nodes.flatMap((node) => all(node, 4).map(text)), ...inner.flatMap((one) => read(one).operators)],
    inputs: names(11),
    outputs: names(12),
  };
}

const graphOf = (module: DirectModule) => read(all(module.emit("onnx"), 7)[0]);

test("a model has the program's inputs, operators and one output", () => {
  const { operators, inputs, outputs } = graphOf(compile("(* (sin x) (sin x) y)"));
  expect(inputs).toEqual(["x", "y"]);
  expect(outputs).toHaveLength(1);
  expect(operators.filter((name) => name !== "Identity").sort()).toEqual(["Mul", "Mul", "Sin"]);
});

test("branches and loops are graphs within", () => {
  const source = "(if (> x 0) (log x) (loop ((i 0) (s x)) (if (< i 3) (recur (+ i 1) (* s 2)) s)))";
  const { operators } = graphOf(compile(source));
  for (const name of ["If", "Loop", "Log", "Greater"]) expect(operators).toContain(name);
});

test.each([
  ["(gcd x 4)", {}, '"gcd" has no ONNX operator'],
  ["(define (f n) (if (= n 0) 1 (+ 1 (f (- n 1))))) (f x)", {}, "ONNX has no recursion"],
  ["(sqrt x)", { domain: "strict" }, "strict"],
  ["(ref [x] i)", {}, "1:1: an index that is computed, of an array of one element"],
] as const)("%s is refused", (source, options, message) => {
  expect(() => compile(source, options).emit("onnx")).toThrow(message);
});

/** What of onnxruntime-web is used here. It is large, so that it may be missing. */
interface Runtime {
  readonly env: { readonly wasm: { numThreads: number }; logLevel: string };
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: { executionProviders: string[] },
    ): Promise<{
      readonly inputNames: readonly string[];
      readonly outputNames: readonly string[];
      run(feeds: Record<string, unknown>): Promise<Record<string, Tensor>>;
    }>;
  };
  readonly Tensor: new (type: string, data: Float64Array | Float32Array, dims: readonly number[]) => unknown;
}

const name = "onnxruntime-web";
const runtime: Runtime | undefined = await import(/* @vite-ignore */ name).catch(() => undefined);

interface Tensor {
  readonly dims: readonly number[];
  readonly data: ArrayLike<number>;
}

async function session(onnx: Runtime, module: DirectModule, options: EmitOptions = {}) {
  onnx.env.wasm.numThreads = 1;
  onnx.env.logLevel = "error";
  const opened = await onnx.InferenceSession.create(module.emit("onnx", options), { executionProviders: ["wasm"] });
  return async (inputs: Readonly<Record<string, Tensor>>): Promise<Record<string, Tensor>> => {
    const floats = ({ data }: Tensor) =>
      module.dtype === "float64" ? Float64Array.from(data) : Float32Array.from(data);
    const tensor = (input: Tensor) => new onnx.Tensor(module.dtype, floats(input), input.dims);
    const results = await opened.run(Object.fromEntries(opened.inputNames.map((name) => [name, tensor(inputs[name])])));
    return Object.fromEntries(opened.outputNames.map((name) => [name, results[name]]));
  };
}

async function run(onnx: Runtime, module: DirectModule, columns: Record<string, number[]>): Promise<number[]> {
  const of = (data: number[]) => ({ data, dims: data.length === 1 ? [] : [data.length] });
  const results = await (await session(onnx, module))(
    Object.fromEntries(Object.entries(columns).map(([input, data]) => [input, of(data)])),
  );
  return Array.from(Object.values(results)[0].data);
}

if (runtime) {
  const special = [0.3, -0.7, 2.5, -3, 4, 0, -0, 1, -0.5, 1e5, Infinity, -Infinity, Number.NaN];
  const one = ["abs", "square", "sqrt", "exp", "log", "sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh"];
  const more = ["tanh", "floor", "ceiling", "round", "truncate", "not", "positive?", "negative?", "odd?", "even?"];
  const two = ["+", "-", "*", "/", "expt", "modulo", "remainder", "quotient", "min", "max", "atan"];
  const comparisons = ["=", "<", ">", "<=", ">="];
  const rows = special.flatMap((a) => special.map((b) => [a, b] as const));
  for (const dtype of ["float64", "float32"] as const)
    test.each([
      ...[...one, ...more].map((op) => `(+ (* 0 b) (${op} a))`),
      ...[...two, ...comparisons].map((op) => `(${op} a b)`),
    ])(`%s in onnxruntime, ${dtype}`, async (source) => {
      const module = compile(source, { dtype });
      const found = await run(runtime, module, { a: rows.map(([a]) => a), b: rows.map(([, b]) => b) });
      for (const [i, [a, b]] of rows.entries()) {
        const expected = module.evaluate({ a, b });
        const tolerance = (dtype === "float64" ? 1e-14 : 1e-6) * Math.abs(expected);
        const close = Object.is(found[i], expected) || Math.abs(found[i] - expected) <= tolerance;
        expect(close, `${a} ${b}: ${found[i]}, not ${expected}`).toBe(true);
      }
    });

  const programs: readonly [string, Record<string, number>, CompileOptions?][] = [
    ["(if (> x 0) (log x) (* x 2))", { x: -3 }],
    ["(if (> x 0) (log x) (* x 2))", { x: 3 }],
    ["(if (and (> x 0) (< x 1)) (if (> x 0.5) x (- x)) 7)", { x: 0.25 }],
    ["(loop ((i 0) (s x)) (if (< i 5) (recur (+ i 1) (* s 1.5)) (+ s y)))", { x: 2, y: 1 }],
    [
      "(loop ((i 0) (t 0)) (if (< i 4) (let g ((j 0) (u t)) (if (< j i) (g (+ j 1) (+ u x)) (recur (+ i 1) u))) t))",
      { x: 0.5 },
    ],
  ];
  test.each(programs)("%s in onnxruntime", async (source, inputs) => {
    const module = compile(source);
    const columns = Object.fromEntries(Object.entries(inputs).map(([input, value]) => [input, [value]]));
    expect((await run(runtime, module, columns))[0]).toBeCloseTo(module.evaluate(inputs), 12);
  });

  test("a loop that does not end in time is NaN", async () => {
    const module = compile("(loop ((i x)) (if (< i 5) (recur i) i))", { iterations: 50 });
    expect(await run(runtime, module, { x: [1] })).toEqual([Number.NaN]);
    expect(await run(runtime, module, { x: [6] })).toEqual([6]);
  });

  const flat = (value: NestedNumbers): readonly number[] => (typeof value === "number" ? [value] : value.flatMap(flat));
  const expectTensor = ({ dims, data }: Tensor, shape: readonly number[], value: NestedNumbers) => {
    expect(dims).toEqual(shape);
    for (const [i, one] of flat(value).entries()) expect(data[i]).toBeCloseTo(one, 10);
  };

  test.each(arrayPrograms)(
    "$source in onnxruntime, with its gradient, in a batch too",
    async ({ source, shapes, inputs }) => {
      const module = compile(source, { inputs: shapes });
      const isNumber = module.shape.length === 0;
      const results = await session(runtime, module, { gradient: isNumber });
      const rows = isStraight(source) ? 4 : 0;
      const inRow = (row: number, value: NestedNumbers): NestedNumbers =>
        typeof value === "number" ? value + row / 8 : value.map((one) => inRow(row, one));
      const given = (row: number) => Object.fromEntries(module.inputs.map((name) => [name, inRow(row, inputs[name])]));
      for (const batch of rows > 0 ? [[], Array.from({ length: rows }, (_, i) => i)] : [[]]) {
        const places = batch.length > 0 ? batch : [0];
        const axes = batch.length > 0 ? [batch.length] : [];
        const found = await results(
          Object.fromEntries(
            module.inputs.map((name) => [
              name,
              { dims: [...axes, ...shapes[name]], data: places.flatMap((row) => flat(given(row)[name])) },
            ]),
          ),
        );
        const values = places.map((row) => module.evaluate<NestedNumbers>(given(row)));
        expectTensor(found.value, [...axes, ...module.shape], values);
        if (!isNumber) continue;
        for (const name of module.inputs)
          expectTensor(
            found[`d/d${name}`],
            [...axes, ...shapes[name]],
            places.map((row) => module.gradient<NestedNumbers>(given(row)).gradient[name]),
          );
      }
    },
  );

  test("slopes have the batch's shape, whatever they depend on, and outputs names of their own", async () => {
    const results = await session(runtime, compile("(+ value (* 2 x))"), { gradient: true });
    const found = await results({ value: { dims: [], data: [1] }, x: { dims: [3], data: [1, 2, 3] } });
    expect(Object.keys(found)).toEqual(["%value", "d/dvalue", "d/dx"]);
    expect(Array.from(found["%value"].data)).toEqual([3, 5, 7]);
    expectTensor(found["d/dvalue"], [3], [1, 1, 1]);
    expectTensor(found["d/dx"], [3], [2, 2, 2]);
  });

  test.each([0, 1, 2, 3, -1, 0.5, Number.NaN])("index %f of a vector of 3", async (i) => {
    const results = await session(runtime, compile("(ref v i)", { inputs: { v: [3] } }), { gradient: true });
    const found = await results({ v: { dims: [3], data: [5, 6, 7] }, i: { dims: [], data: [i] } });
    const inside = [0, 1, 2].includes(i);
    expect(found.value.data[0]).toBe(inside ? 5 + i : Number.NaN);
    expect(Array.from(found["d/dv"].data)).toEqual([0, 1, 2].map((k) => (inside ? Number(k === i) : Number.NaN)));
  });

  const gradients = [
    "(* (sin x) (exp y))",
    "(if (> x 0) (log x) (* x y))",
    ...programs.slice(3, 5).map(([source]) => source),
  ];
  test.each(gradients)("the gradient of %s in onnxruntime", async (source) => {
    const module = compile(source);
    const inputs = Object.fromEntries(module.inputs.map((name, i) => [name, 0.75 + i]));
    const results = await session(runtime, module, { gradient: true });
    const found = await results(
      Object.fromEntries(Object.entries(inputs).map(([name, value]) => [name, { dims: [], data: [value] }])),
    );
    const { value, gradient } = module.gradient(inputs);
    expect(found.value.data[0]).toBeCloseTo(value, 12);
    for (const [name, slope] of Object.entries(gradient)) expect(found[`d/d${name}`].data[0]).toBeCloseTo(slope, 12);
  });

  test("random programs have our values and slopes in onnxruntime", async () => {
    const row: Readonly<Record<string, number>> = { x: 1.53, y: -0.77, z: 3.21 };
    const near = (found: number, wanted: number) =>
      Object.is(found, wanted) || Math.abs(found - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted));
    let ran = 0;
    for (const source of fc.sample(randomProgram({ inputs: Object.keys(row), calls: false }), {
      numRuns: 40,
      seed: 5,
    })) {
      if (/\b(gcd|lcm)\b/.test(source)) continue;
      const module = compile(source);
      const given = Object.fromEntries(module.inputs.map((name) => [name, row[name]]));
      const results = await session(runtime, module, { gradient: true });
      const found = await results(
        Object.fromEntries(Object.entries(given).map(([name, value]) => [name, { dims: [], data: [value] }])),
      );
      const { value, gradient } = module.gradient(given);
      expect(near(found.value.data[0], value), `${source}: ${found.value.data[0]}, not ${value}`).toBe(true);
      for (const [name, slope] of Object.entries(gradient))
        expect(near(found[`d/d${name}`].data[0], slope), `d/d${name} of ${source}`).toBe(true);
      ran++;
    }
    expect(ran).toBeGreaterThan(20);
  });
}
