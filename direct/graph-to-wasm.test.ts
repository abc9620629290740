import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { elementaryNames, newMemory } from "../kernel/index.js";
import { withKernelFunctions } from "../kernel/testing.js";
import { aNormalForm, BudgetError, defaultBudget, isScalarOp, opNames, readProgram, specOf } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { anfToGraph } from "./anf-to-graph.js";
import { type Arithmetic, type Graph, type Node, regionsOf } from "./graph.js";
import { canRunAsKernel, laneTypeOf } from "./graph-to-wasm.js";
import { vectorOps } from "./graph-to-wasm-ops.js";
import { compile } from "./index.js";
import { prune } from "./prune.js";
import { gradientGraph } from "./reverse-mode.js";
import { compileBatch, type Floats } from "./slots.js";
import { WasmExecutor } from "./wasm-executor.js";

type Dtype = Arithmetic["dtype"];
const dtypes = ["float64", "float32"] as const;

function graphOf(source: string, dtype: Dtype, kind: "value" | "gradient" = "value"): Graph {
  const graph = prune(anfToGraph(aNormalForm(readProgram(source)), { dtype, domain: "ieee" }));
  return kind === "value" ? graph : gradientGraph(graph, graph.inputs);
}

const floats = (dtype: Dtype, numbers: readonly number[]): Floats =>
  dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);

/** What slots compute: an array for each result. */
function slots(graph: Graph, inputs: readonly Floats[], budget = defaultBudget): Floats[] {
  const rows = inputs[0]?.length ?? 1;
  const results = graph.main.results.map(() => floats(graph.arithmetic.dtype, new Array(rows).fill(0)));
  compileBatch(graph, budget)(
    rows,
    graph.inputs.map(() => 1),
    ...inputs,
    ...results,
  );
  return results;
}

/** What the kernel computes, through the scratch memory; undefined where it gives up. */
function kernel(graph: Graph, inputs: readonly Floats[], budget = defaultBudget): Floats[] | undefined {
  const results = graph.main.results.map(() => floats(graph.arithmetic.dtype, new Array(inputs[0].length).fill(0)));
  const strides = graph.inputs.map(() => 1);
  return new WasmExecutor(graph, budget).run(inputs[0].length, strides, ...inputs, ...results) ? results : undefined;
}

function hasElementary(graph: Graph): boolean {
  const some = (node: Node): boolean =>
    (node.kind === "op" && vectorOps[node.op]?.kind === "elementary") ||
    regionsOf(node).some(({ nodes }) => nodes.some(some));
  return [graph.main, ...graph.functions.values()].some(({ nodes }) => nodes.some(some));
}

const names = ["x", "y", "z"];

const randomCase = fc.record({
  source: randomProgram({ inputs: names, derivatives: true }),
  dtype: fc.constantFrom(...dtypes),
  kind: fc.constantFrom("value" as const, "gradient" as const),
  rows: fc.array(
    fc.tuple(
      ...names.map(() => fc.oneof(fc.double({ min: -4, max: 4, noNaN: true }), fc.integer({ min: -5, max: 5 }))),
    ),
    { minLength: 4, maxLength: 19 },
  ),
});

const columnsOf = (graph: Graph, dtype: Dtype, rows: readonly (readonly number[])[]) =>
  graph.inputs.map((name) =>
    floats(
      dtype,
      rows.map((row) => row[names.indexOf(name)]),
    ),
  );

test("random programs: a kernel's arithmetic is that of the slots to the last bit, in value and gradient", () => {
  let compared = 0;
  let controlled = 0;
  fc.assert(
    fc.property(randomCase, ({ source, dtype, kind, rows }) => {
      const graph = graphOf(source, dtype, kind);
      if (graph.inputs.length === 0 || !canRunAsKernel(graph) || hasElementary(graph)) return;
      const inputs = columnsOf(graph, dtype, rows);
      expect(kernel(graph, inputs)).toEqual(slots(graph, inputs));
      compared++;
      if (graph.main.nodes.some((node) => regionsOf(node).length > 0 || node.kind === "call")) controlled++;
    }),
    { numRuns: 1500 },
  );
  expect(compared).toBeGreaterThan(300);
  expect(controlled).toBeGreaterThan(50);
});

describe("with elementary functions", () => {
  test("random programs: were JavaScript's functions the kernel's, each bit would be the same", () => {
    let compared = 0;
    fc.assert(
      fc.property(randomCase, ({ source, dtype, kind, rows }) => {
        const graph = graphOf(source, dtype, kind);
        if (graph.inputs.length === 0 || !canRunAsKernel(graph) || !hasElementary(graph)) return;
        const inputs = columnsOf(graph, dtype, rows);
        const found = kernel(graph, inputs);
        expect(found).toEqual(withKernelFunctions(laneTypeOf(graph), () => slots(graph, inputs)));
        compared++;
      }),
      { numRuns: 1000 },
    );
    expect(compared).toBeGreaterThan(100);
  });

  test.each(elementaryNames)("%s is within 4 units in the last place of the slots'", (name) => {
    for (const dtype of dtypes) {
      const two = specOf(name).sample.length > 1;
      const graph = graphOf(two ? `(${name} x y)` : `(${name} x)`, dtype);
      const [[low, high], [low2, high2]] = [specOf(name).sample[0], specOf(name).sample[1] ?? [0, 1]];
      const rows = Array.from({ length: 101 }, (_, i) => i / 101);
      const x = floats(
        dtype,
        rows.map((t) => low + (high - low) * t),
      );
      const y = floats(
        dtype,
        rows.map((t) => low2 + (high2 - low2) * ((17 * t) % 1)),
      );
      const inputs = two ? [x, y] : [x];
      const [expected] = slots(graph, inputs);
      const [found] = kernel(graph, inputs) ?? [];
      for (const [i, value] of expected.entries()) {
        const ulp = Math.max(Math.abs(value) * (dtype === "float32" ? 2 ** -23 : 2 ** -52), 1e-300);
        expect(Math.abs(found[i] - value) / ulp, `${name} ${x[i]}`).toBeLessThanOrEqual(4);
      }
    }
  });
});

const special = [0, -0, 0.5, -0.5, 1, -1, 1.5, 2.5, -2.5, 3, -3, 7, 12, -18, 0.1, 1e-310, 5e-324, -3e-45, 1e20, -1e308];
const everything = [
  ...special,
  2 ** 53 - 1,
  8388607.5,
  0.49999999999999994,
  Number.MAX_VALUE,
  Infinity,
  -Infinity,
  NaN,
];
const exactOps = opNames.filter(isScalarOp).filter((op) => vectorOps[op]?.kind !== "elementary");

test.each(exactOps)("%s is that of the slots at special points", (op) => {
  const two = specOf(op).spread !== undefined || specOf(op).arity[0] === 2;
  const pairs = everything.flatMap((x) => (two ? everything.map((y) => [x, y]) : [[x, 0]]));
  for (const dtype of dtypes) {
    const graph = graphOf(two ? `(${op} x y)` : `(${op} x)`, dtype);
    const inputs = [0, 1].slice(0, graph.inputs.length).map((i) =>
      floats(
        dtype,
        pairs.map((pair) => pair[i]),
      ),
    );
    expect(kernel(graph, inputs)).toEqual(slots(graph, inputs));
  }
});

test("every scalar operation has a vector form", () => {
  expect(opNames.filter(isScalarOp).filter((op) => !vectorOps[op])).toEqual([]);
});

const collatz =
  "(let loop ((n n) (steps 0)) (if (<= n 1) steps (loop (if (even? n) (/ n 2) (+ 1 (* 3 n))) (+ steps 1))))";
const fibonacci = "(define (fib n) (if (< n 2) n (+ (fib (- n 1)) (fib (- n 2))))) (+ n (fib (modulo n 11)))";
const newton = "(let loop ((x 1) (i 0)) (if (< (abs (- (* x x) n)) 1e-9) x (loop (/ (+ x (/ n x)) 2) (+ i 1))))";
const nested = `(let outer ((i 0) (sum 0))
  (if (>= i (modulo n 5)) sum
    (outer (+ i 1) (let inner ((j 0) (s sum)) (if (> j (modulo (* n i) 7)) s (inner (+ j 1) (+ s (/ 1 (- n j)))))))))`;

describe.each([
  ["collatz", collatz],
  ["fibonacci", fibonacci],
  ["newton", newton],
  ["nested", nested],
])("each lane goes its own way: %s", (_, source) => {
  test.each([1, 2, 3, 4, 5, 7, 8, 64, 67, 1000])("%i rows", (rows) => {
    const n = Float64Array.from({ length: rows }, (_, i) => ((i * 37) % 101) + 1);
    const module = compile(source);
    expect([...module.batch({ n })]).toEqual([...n].map((value) => module.evaluate({ n: value })));
    const { value, gradient } = module.batchGradient({ n });
    const single = [...n].map((each) => module.gradient({ n: each }));
    expect([...value]).toEqual(single.map((each) => each.value));
    expect([...gradient.n]).toEqual(single.map((each) => each.gradient.n));
    const graph = graphOf(source, "float64", "gradient");
    if (rows >= 4) expect(kernel(graph, [n])).toEqual(slots(graph, [n]));
  });
});

test("an operand unusual to an elementary function, in any lane, changes no bit of another row", () => {
  const sources = [
    "(+ (sin x) (cos y))",
    "(* (exp x) (tan y))",
    "(/ (log x) (expt x y))",
    "(if (> x y) (* (sin x) (exp y)) (log x))",
  ];
  const number = fc.oneof(
    { weight: 9, arbitrary: fc.double({ min: 0.1, max: 8, noNaN: true }) },
    { weight: 1, arbitrary: fc.constantFrom(0, -0, -3, 5000, 1e7, -1e30, 1e-310, Infinity, -Infinity, NaN) },
  );
  const rows = fc.array(fc.tuple(number, number), { minLength: 4, maxLength: 400 });
  fc.assert(
    fc.property(
      fc.constantFrom(...sources),
      fc.constantFrom(...dtypes),
      fc.constantFrom("value", "gradient"),
      rows,
      (source, dtype, kind, drawn) => {
        const graph = graphOf(source, dtype, kind);
        const columns = graph.inputs.map((_, i) =>
          floats(
            dtype,
            drawn.map((row) => row[i]),
          ),
        );
        const together = kernel(graph, columns);
        const executor = new WasmExecutor(graph, defaultBudget);
        for (const row of drawn.keys()) {
          // Four rows alike: too few vectors for the code that serves usual operands alone.
          const alike = columns.map((column) => floats(dtype, new Array(4).fill(column[row])));
          const alone = graph.main.results.map(() => floats(dtype, new Array(4).fill(0)));
          executor.run(4, [1, 1], ...alike, ...alone);
          expect(together?.map((result) => result[row])).toEqual(alone.map((result) => result[0]));
        }
      },
    ),
    { numRuns: 60 },
  );
});

describe("what a lane doesn't take", () => {
  test.each([
    "(if (> x 0) (sqrt x) (* 2 x))",
    "(if (= x 0) 0 (/ 1 x))",
    "(* 3 (if (< x 0) (sqrt (- x)) (if (= x 0) 7 (/ (sqrt x) (sqrt (+ x 0))))))",
    "(let loop ((i 0) (s 1)) (if (>= i 3) s (loop (+ i 1) (if (> x i) (* s (sqrt (- x i))) s))))",
  ])("leaks no NaN into value or slope: %s", (source) => {
    for (const dtype of dtypes) {
      const graph = graphOf(source, dtype, "gradient");
      const x = floats(dtype, [-2, 0, 4, -0.5, 0, 9, 1.5, 2.5]);
      const found = kernel(graph, [x]);
      expect(found).toEqual(slots(graph, [x]));
      for (const array of found ?? []) expect([...array].some(Number.isNaN)).toBe(false);
    }
  });

  test("is not computed at all where no lane takes it", () => {
    // The endless loop would trap.
    const graph = graphOf("(if (> x 0) x (let loop ((i 0)) (if (< i 0) i (loop (+ i 1)))))", "float64");
    const x = Float64Array.from([1, 2, 3, 4]);
    expect(kernel(graph, [x], { iterations: 1000, frames: 10 })).toEqual([x]);
    expect(kernel(graph, [Float64Array.from([1, 2, 3, -4])], { iterations: 1000, frames: 10 })).toBeUndefined();
  });
});

describe("budgets", () => {
  const rows = 100;
  const n = Float64Array.from({ length: rows }, (_, i) => i);

  test("a row past its iterations is the slots' error", () => {
    const module = compile("(let loop ((i 0)) (if (= i n) i (loop (+ i 1))))", { iterations: 50 });
    expect(() => module.batch({ n })).toThrow(BudgetError);
    expect(() => module.batch({ n })).toThrow("still running after 50 iterations");
    expect([...module.batch({ n: n.map((i) => i / 2 - ((i / 2) % 1)) })]).toEqual([...n].map((i) => Math.floor(i / 2)));
  });

  test("lanes that go different ways share no budget", () => {
    const source = `(if (> (modulo n 2) 0) (let loop ((i 0)) (if (>= i 30) i (loop (+ i 1))))
                                           (let loop ((i 0)) (if (>= i 31) i (loop (+ i 1)))))`;
    const module = compile(source, { iterations: 40 });
    expect([...module.batch({ n })]).toEqual([...n].map((i) => (i % 2 > 0 ? 30 : 31)));
  });

  test("recursion past its frames is the slots' error, and what is deeper than the engine's stack still runs", () => {
    const source = "(define (sum n) (if (<= n 0) 0 (+ n (sum (- n 1))))) (sum (* n k))";
    expect([...compile(source).batch({ n, k: 300 })]).toEqual([...n].map((i) => (300 * i * (300 * i + 1)) / 2));
    expect(() => compile(source, { frames: 1000 }).batch({ n, k: 300 })).toThrow("deeper than 1,000 frames");
  });
});

describe("memory", () => {
  test.each(dtypes)("kernels run in a memory that is another's, at any address: %s", (dtype) => {
    const graph = graphOf("(+ (* a x) b)", dtype);
    const memory = newMemory(1);
    const bytes = dtype === "float32" ? 4 : 8;
    const executor = new WasmExecutor(graph, defaultBudget);
    for (const rows of [4, 5, 7, 8, 31]) {
      const addresses = [0, 1, 2, 3].map((i) => 8 + i * (rows + 3) * bytes);
      const [a, x, b, y] = addresses.map((address) =>
        dtype === "float32"
          ? new Float32Array(memory.buffer, address, rows + 1)
          : new Float64Array(memory.buffer, address, rows + 1),
      );
      for (const [i, column] of [a, x, b].entries()) column.set(Array.from({ length: rows }, (_, row) => row + i));
      y.fill(-1);
      expect(executor.runInMemory(memory, rows, [0, 1, 1], addresses)).toBe(true);
      expect([...y]).toEqual([...Array.from({ length: rows }, (_, i) => a[0] * x[i] + b[i]), -1]);
    }
    expect(() => executor.runInMemory(memory, 1, [1, 1, 1], [0, 0, 0, 0])).toThrow("rows or more, not on 1");
  });

  test.each([0, 1, 2, 3, 4, 5, 7, 8, 63, 64, 65, 1000, 20_001])("a batch of %i rows, prepared and plain", (rows) => {
    for (const dtype of dtypes) {
      const module = compile("(/ (- (* (+ a b) c) (* b b)) (+ a 2))", { dtype });
      const at = (k: number) =>
        floats(
          dtype,
          Array.from({ length: rows }, (_, i) => ((i * k) % 101) / 16),
        );
      const inputs = { a: at(7), b: at(11), c: 3 };
      const graph = graphOf("(/ (- (* (+ a b) c) (* b b)) (+ a 2))", dtype, "gradient");
      const expected = slots(graph, [inputs.a, inputs.b, floats(dtype, new Array(rows).fill(3))]);
      const plain = module.batchGradient(inputs);
      expect([plain.value, plain.gradient.a, plain.gradient.b, plain.gradient.c]).toEqual(expected);
      expect(module.batch(inputs)).toEqual(expected[0]);
      const prepared = module.prepare(rows);
      prepared.inputs.a.set(inputs.a);
      prepared.inputs.b.set(inputs.b);
      prepared.inputs.c.fill(3);
      prepared.run();
      expect(prepared.output).toEqual(expected[0]);
      prepared.runGradient();
      expect([prepared.gradient.a, prepared.gradient.b, prepared.gradient.c]).toEqual(expected.slice(1));
      if (rows >= 64) expect(prepared.inputs.a.buffer).toBe(prepared.output.buffer);
    }
  });

  test("a thousand prepared batches are no trouble", () => {
    const module = compile("(+ x 1)");
    for (let i = 0; i < 1000; i++) {
      const { inputs, output, run } = module.prepare(64);
      inputs.x.fill(i);
      run();
      expect(output[63]).toBe(i + 1);
    }
  });
});

test("strict mode stays on slots, which name the row", () => {
  const module = compile("(/ 1 x)", { domain: "strict" });
  const x = Float64Array.from({ length: 100 }, (_, i) => 77 - i);
  expect(() => module.batch({ x })).toThrow("in row 77");
});

test("a graph too large, too wide or too nested for a kernel runs on slots", () => {
  const wide = Array.from({ length: 600 }, (_, i) => `x${i}`);
  expect(canRunAsKernel(graphOf(`(+ ${wide.join(" ")})`, "float64"))).toBe(false);
  let deep = "x";
  for (let i = 0; i < 300; i++) deep = `(if (< x ${i}) ${deep} (* x ${i}))`;
  expect(canRunAsKernel(graphOf(deep, "float64"))).toBe(false);
  let long = "x";
  for (let i = 0; i < 11_000; i++) long = `${long} (* x ${i}.5)`;
  expect(canRunAsKernel(graphOf(`(+ ${long})`, "float64"))).toBe(false);
  expect(laneTypeOf(graphOf("x", "float32"))).toBe("f32x4");
});
