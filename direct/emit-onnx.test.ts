import { expect, test } from "vitest";
import { type CompileOptions, compile, type DirectModule } from "./index.js";

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
  ["(dot v v)", { inputs: { v: [3] } }, 'input "v" is a vector'],
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
      run(feeds: Record<string, unknown>): Promise<Record<string, { readonly data: ArrayLike<number> }>>;
    }>;
  };
  readonly Tensor: new (type: string, data: Float64Array | Float32Array, dims: readonly number[]) => unknown;
}

const name = "onnxruntime-web";
const runtime: Runtime | undefined = await import(/* @vite-ignore */ name).catch(() => undefined);

async function run(onnx: Runtime, module: DirectModule, columns: Record<string, number[]>): Promise<number[]> {
  onnx.env.wasm.numThreads = 1;
  onnx.env.logLevel = "error";
  const session = await onnx.InferenceSession.create(module.emit("onnx"), { executionProviders: ["wasm"] });
  const floats = (values: readonly number[]) =>
    module.dtype === "float64" ? Float64Array.from(values) : Float32Array.from(values);
  const tensor = (values: readonly number[]) =>
    new onnx.Tensor(module.dtype, floats(values), values.length === 1 ? [] : [values.length]);
  const feeds = Object.fromEntries(session.inputNames.map((input) => [input, tensor(columns[input])]));
  return Array.from((await session.run(feeds))[session.outputNames[0]].data);
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
}
