import fc from "fast-check";
import { afterEach, describe, expect, test, vi } from "vitest";
import { compileModule, exportedFunction, instantiate, newMemory, pageBytes } from "../kernel/index.js";
import { aNormalForm, BudgetError, defaultBudget, readProgram, SoftmachineError } from "../scheme/index.js";
import { randomProgram } from "../scheme/testing.js";
import { anfToGraph, shapedGraph } from "./anf-to-graph.js";
import type { Arithmetic, Graph } from "./graph.js";
import { canRunAsKernel, graphToWasm, kernelName } from "./graph-to-wasm.js";
import { compile } from "./index.js";
import { prune } from "./prune.js";
import { gradientGraph, type LoopMode, slopesGraph } from "./reverse-mode.js";
import { compileBatch, compileSingle, type Floats, printSlots } from "./slots.js";
import { records } from "./tape.js";
import { trace } from "./testing.js";
import { WasmExecutor } from "./wasm-executor.js";

afterEach(() => vi.unstubAllGlobals());

const names = ["x", "y", "z"];
const budget = { iterations: 20_000, frames: 2000 };

function graphOf(source: string, dtype: Arithmetic["dtype"] = "float64"): Graph {
  return prune(anfToGraph(aNormalForm(readProgram(source)), { dtype, domain: "ieee" }));
}

/** Value and slopes, at inputs in the order of the graph's. */
function slopesAt(graph: Graph, at: readonly number[], loops: LoopMode, limits = defaultBudget): readonly number[] {
  return [compileSingle(gradientGraph(graph, graph.inputs, 0, loops), limits)(...at)].flat() as number[];
}

function expectClose(found: readonly number[], expected: readonly number[], tolerance = 1e-9): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries())
    if (Number.isFinite(value))
      expect(Math.abs(found[i] - value)).toBeLessThanOrEqual(tolerance * (1 + Math.abs(value)));
    else expect(found[i]).not.toSatisfy(Number.isFinite);
}

/** Programs that iterate, with their inputs' values; how often most of them do depends on the inputs. */
const programs: readonly (readonly [name: string, source: string, at: readonly number[]])[] = [
  [
    "one variable",
    "(loop ((i 0) (s x)) (if (< i (* 9 z)) (recur (+ i 1) (* s (sin (* y s)))) (* 2 s)))",
    [1.1, 0.8, 0.7],
  ],
  [
    "two variables that mix",
    `(loop ((i 0) (s x) (t y)) (if (< i (* 30 z))
       (recur (+ i 1) (+ (* 0.9 s) (* 0.1 t)) (exp (- 0 (* s t)))) (* z s)))`,
    [1.1, 0.7, 0.89],
  ],
  [
    "variables that change places",
    "(loop ((i 0) (s x) (t y)) (if (< i (* 5 z)) (recur (+ i 1) t (* z s)) (- s t)))",
    [2, 3, 0.9],
  ],
  [
    "two ways to go on and two to end",
    `(loop ((i 0) (s x)) (cond ((> i (* 20 z)) (* s y)) ((> s 3) (recur (+ i 1) (- s y))) ((< s -9) (* s s))
       (else (recur (+ i 1) (+ s (* 0.3 (exp y)))))))`,
    [0.1, 0.7, 0.93],
  ],
  [
    "a loop in a loop, as often as the outer has gone round",
    `(loop ((i 0) (s x)) (if (< i (* 6 z))
       (recur (+ i 1) (loop ((j 0) (u s)) (if (< j i) (recur (+ j 1) (* u (+ y (* 0.1 (cos u))))) u))) s))`,
    [1.1, 0.7, 0.93],
  ],
  [
    "a loop that goes on with the one around it",
    `(let outer ((i 0) (s x)) (if (< i (* 3 z))
       (let inner ((j 0) (u s)) (if (< j 2) (inner (+ j 1) (* u y)) (outer (+ i 1) (+ u s)))) (sqrt s)))`,
    [1.1, 0.7, 0.93],
  ],
  [
    "three loops within one another",
    `(loop ((i 0) (s x)) (if (= i 3) s (recur (+ i 1)
       (loop ((j 0) (t s)) (if (> j (* 2 z)) t (recur (+ j 1)
         (loop ((k 0) (u t)) (if (= k 4) u (recur (+ k 1) (+ (* u 0.8) (* y (sin t))))))))))))`,
    [0.4, 0.7, 0.93],
  ],
  [
    "a loop in a branch, and branches in it",
    `(if (< x y) (loop ((i 0) (s x)) (if (< i (* 8 z)) (recur (+ i 1) (if (< s 1) (+ s (* y y)) (log s))) s)) (* x y z))`,
    [0.3, 0.7, 0.93],
  ],
  [
    "recursion in a loop",
    `(define (f n a) (if (= n 0) a (* a (f (- n 1) (+ a y)))))
     (loop ((i 0) (s x)) (if (< i (* 4 z)) (recur (+ i 1) (sin (f 2 s))) s))`,
    [0.3, 0.7, 0.93],
  ],
  [
    "a flag that is a number",
    "(loop ((i (floor (* 7 z))) (s x)) (let ((t (* y (+ s 1)))) (if (and (> i 0) (< s 100)) (recur (- i 1) t) (/ s t))))",
    [0.3, 0.7, 0.93],
  ],
  ["no loop at all", "(loop ((s x) (t y)) (* s s t z))", [0.3, 0.7, 1]],
  ["a body that runs once", "(loop ((s x)) (if (> s 1e9) (recur (* y s)) (* s s z)))", [0.3, 0.7, 1]],
  [
    "many iterations",
    "(loop ((i 0) (s x)) (if (< i (+ 29999 (* 3 z))) (recur (+ i 1) (+ s (* 0.0001 (- y (sin s))))) s))",
    [0.3, 0.7, 0.93],
  ],
];

describe.each(programs)("%s", (_, source, at) => {
  const graph = graphOf(source);
  const inputs = graph.inputs.map((name) => at[names.indexOf(name)]);

  test("slopes are those of forward mode and of central differences", () => {
    const found = slopesAt(graph, inputs, "backward");
    expectClose(found, slopesAt(graph, inputs, "forward"), 1e-11);
    const value = compileSingle(graph, defaultBudget) as (...numbers: number[]) => number;
    for (const i of inputs.keys()) {
      const along = (d: number) => value(...inputs.map((x, k) => (k === i ? x + d : x)));
      const [fine, coarse] = [1e-5, 2e-5].map((h) => (along(h) - along(-h)) / (2 * h));
      expect(Math.abs(found[1 + i] - (4 * fine - coarse) / 3)).toBeLessThan(1e-6 * (1 + Math.abs(fine)));
    }
  });

  test.each(["float64", "float32"] as const)("in a batch, %s: a kernel's rows are those of the slots", (dtype) => {
    const slopes = gradientGraph(graphOf(source, dtype), graph.inputs, 0, "backward");
    const rows = 11;
    // As many iterations as rows differ: some rows leave their loops at once.
    const columns = inputs.map((x, k) => floats(dtype, rows, (i) => x * (1 - ((i * (3 + k)) % rows) / rows)));
    const [found, expected] = [results(slopes, rows), results(slopes, rows)];
    const strides = inputs.map(() => 1);
    compileBatch(slopes, defaultBudget)(rows, strides, ...columns, ...expected);
    expect(canRunAsKernel(slopes)).toBe(true);
    expect(new WasmExecutor(slopes, defaultBudget).run(rows, strides, ...columns, ...found)).toBe(true);
    // Elementary functions of kernels are their own, and errors grow along a loop.
    const tolerance = dtype === "float64" ? 1e-9 : 2e-3;
    const exact = !/sin|cos|exp|log/.test(source);
    for (const [i, column] of found.entries())
      if (exact) expect(column).toEqual(expected[i]);
      else expectClose([...column], [...expected[i]], tolerance);
  });
});

function floats(dtype: Arithmetic["dtype"], rows: number, value: (row: number) => number): Floats {
  const column = dtype === "float32" ? new Float32Array(rows) : new Float64Array(rows);
  return column.map((_, i) => value(i));
}

const results = (graph: Graph, rows: number) =>
  graph.main.results.map(() => floats(graph.arithmetic.dtype, rows, () => 0));

const cases = fc.record({
  source: randomProgram({ inputs: names }),
  at: fc.tuple(
    ...names.map(() =>
      // Where numbers are whole, branches meet infinite slopes and ties.
      fc.oneof(
        fc.integer({ min: -2, max: 2 }),
        fc.integer({ min: -30, max: 30 }).map((k) => k / 10),
      ),
    ),
  ),
});

test("random programs: backwards, slopes are those of the operations that a run performs", () => {
  let compared = 0;
  fc.assert(
    fc.property(cases, ({ source, at }) => {
      if (!/loop|next|outer|do/.test(source)) return;
      const program = readProgram(source);
      const graph = graphOf(source);
      const slopes = gradientGraph(graph, graph.inputs, 0, "backward");
      if (!records(slopes.main)) return;
      const inputs = graph.inputs.map((name) => at[names.indexOf(name)]);
      const straight = graphOf(trace(program, Object.fromEntries(names.map((name, i) => [name, at[i]]))));
      const expected = [compileSingle(gradientGraph(straight, graph.inputs), budget)(...straightInputs(straight, at))];
      const found = [compileSingle(slopes, budget)(...inputs)].flat() as number[];
      compared++;
      // Infinity less infinity is NaN or not by the order of sums.
      for (const [i, slope] of (expected.flat() as number[]).entries())
        if (!Number.isNaN(slope)) expectClose([found[i]], [slope], 1e-6);
    }),
    // Sums of infinite slopes depend on their order, so these programs are the same in each run.
    { numRuns: 400, seed: 2010 },
  );
  expect(compared).toBeGreaterThan(35);
});

const straightInputs = ({ inputs }: Graph, at: readonly number[]) => inputs.map((name) => at[names.indexOf(name)]);

test("random programs: a kernel goes back as the slots do, to the last bit", () => {
  let compared = 0;
  fc.assert(
    fc.property(cases, fc.constantFrom("float64" as const, "float32" as const), ({ source, at }, dtype) => {
      const graph = gradientGraph(graphOf(source, dtype), names, 0, "backward");
      if (!records(graph.main) || !canRunAsKernel(graph) || /sin|cos|tan|exp|log|pow/.test(printSlots(graph))) return;
      const rows = 6;
      const columns = straightInputs(graph, at).map((x, k) =>
        floats(dtype, rows, (i) => x * (1 + (i * k) / 4) - i / 2),
      );
      const [found, expected] = [results(graph, rows), results(graph, rows)];
      const strides = columns.map(() => 1);
      const isRun = new WasmExecutor(graph, budget).run(rows, strides, ...columns, ...found);
      let isWithin = true;
      try {
        compileBatch(graph, budget)(rows, strides, ...columns, ...expected);
      } catch (error) {
        if (!(error instanceof SoftmachineError)) throw error;
        isWithin = false;
      }
      expect(isRun).toBe(isWithin);
      if (isWithin) expect(found).toEqual(expected);
      compared++;
    }),
    { numRuns: 600 },
  );
  expect(compared).toBeGreaterThan(20);
});

test("an iteration not made leaks nothing, nor a branch not taken in one", () => {
  // The square root's slope is infinite at 0, where the last iteration leaves w, which the value does not depend on.
  const steep = "(loop ((i 0) (w x) (s y)) (if (< i 3) (recur (+ i 1) (sqrt (- w w)) (+ s w)) s))";
  for (const loops of ["forward", "backward"] as const) {
    const [, dx] = slopesAt(
      graphOf("(loop ((i 0) (w x) (s y)) (if (< i 1) (recur (+ i 1) (sqrt w) (* s y)) s))"),
      [0, 3],
      loops,
    );
    expect(dx).toBe(0);
    expect(
      slopesAt(
        graphOf("(loop ((i 0) (s x)) (if (< i 3) (recur (+ i 1) (if (> s 0) (* s y) (sqrt s))) s))"),
        [2, 3],
        loops,
      ),
    ).toEqual([54, 27, 54]);
  }
  expect(slopesAt(graphOf(steep), [4, 1], "backward")[1]).toSatisfy((x) => !Number.isFinite(x));
});

test("what strict mode checks, and an index, is checked on the way there", () => {
  const source =
    "(loop ((i 0) (s x)) (if (= i 6) s (recur (+ i 1) (sqrt (+ (* a s) (+ (ref [b c d] (modulo i 3)) (/ s i2)))))))";
  const at = { x: 0.4, a: 0.3, b: 0.2, c: 0.9, d: 0.4, i2: 2 };
  const strict = compile(source, { domain: "strict" });
  expect(strict.gradient(at)).toEqual(compile(source).gradient(at));
  expect(() => strict.gradient({ ...at, i2: 0 })).toThrow(/division by zero/);
  expect(() => compile("(loop ((s x)) (recur (* s y)))", { iterations: 1000 }).gradient({ x: 1, y: 1 })).toThrow(
    BudgetError,
  );
});

test("what runs again does not count against the budget", () => {
  const source = `(loop ((i 0) (s x)) (if (= i 30000) s
    (recur (+ i 1) (loop ((j 0) (u s)) (if (= j 3) u (recur (+ j 1) (* u y)))))))`;
  const graph = graphOf(source);
  const enough = 30_001 + 30_000 * 4;
  const at = [1, 0.9999];
  expectClose(slopesAt(graph, at, "backward", { ...budget, iterations: enough }), slopesAt(graph, at, "forward"));
  expect(() => slopesAt(graph, at, "backward", { ...budget, iterations: enough - 1 })).toThrow(BudgetError);
  const slopes = gradientGraph(graph, graph.inputs, 0, "backward");
  const runs = (iterations: number) =>
    new WasmExecutor(slopes, { ...budget, iterations }).run(
      4,
      [1, 1],
      ...at.map((x) => floats("float64", 4, () => x)),
      ...results(slopes, 4),
    );
  expect(runs(enough)).toBe(true);
  expect(runs(enough - 1)).toBe(false);
});

/** Arrays that tell how many numbers they are made of. */
const recordingSizes = (sizes: number[]) =>
  class extends Float64Array {
    constructor(size: number) {
      super(size);
      sizes.push(size);
    }
  };

describe("a million iterations", () => {
  const source = `(loop ((i 0) (s x) (v y)) (if (= i 1000000) s
    (recur (+ i 1) (+ s (* 0.0001 v)) (- v (* 0.0001 (* z (sin s)))))))`;
  const at = [0.5, 0.1, 1.3];

  test("take the slots less memory than a thousandth of them would", () => {
    const sizes: number[] = [];
    vi.stubGlobal("Float64Array", recordingSizes(sizes));
    const found = slopesAt(graphOf(source), at, "backward");
    vi.unstubAllGlobals();
    expectClose(found, slopesAt(graphOf(source), at, "forward"), 1e-8);
    const numbers = 3 + 1;
    expect(Math.max(...sizes)).toBeLessThan(2 * 2 * numbers * 2 ** 13);
    expect(sizes.length).toBeGreaterThan(0);
  });

  test("take a kernel no more than it is given, and one that is given too little says so", () => {
    const graph = gradientGraph(graphOf(source), names, 0, "backward");
    const bytes = graphToWasm(graph, { broadcast: names.map(() => true), ...defaultBudget });
    const memory = newMemory(1 + 8);
    const kernel = exportedFunction(instantiate(compileModule(bytes), { env: { memory } }), kernelName);
    const numbers = new Float64Array(memory.buffer, 0, 64);
    numbers.set(at);
    const addresses = [0, 8, 16, ...Array.from({ length: 4 }, (_, i) => 64 + 16 * i)];
    kernel(1, ...addresses, pageBytes, 9 * pageBytes);
    expectClose(
      addresses.slice(3).map((address) => numbers[address / 8]),
      slopesAt(graphOf(source), at, "forward"),
      1e-8,
    );
    const told = new Int32Array(memory.buffer, pageBytes, 1);
    told[0] = 0;
    expect(() => kernel(1, ...addresses, pageBytes, 2 * pageBytes)).toThrow();
    expect(told[0]).toBe(1);
  });
});

test("a record of many numbers grows with the square root of the iterations", () => {
  const size = 240;
  const rounds = 9000;
  const body = `(loop ((i 0) (v v)) (if (= i ${rounds}) v (recur (+ i 1) (- v (* (* a v) (* v v))))))`;
  const program = aNormalForm(readProgram(`(dot v ${body})`));
  const shapes = program.inputs.map((name) => (name === "v" ? [size] : []));
  const { graph } = shapedGraph(program, { dtype: "float64", domain: "ieee" }, shapes);
  const inputs = graph.inputs.map((name, i) => (name === "a" ? 0.001 : 0.3 + i / size));
  const slopes = slopesGraph(prune(graph), [...graph.inputs.keys()], [0], "backward");
  const sizes: number[] = [];
  vi.stubGlobal("Float64Array", recordingSizes(sizes));
  const found = [compileSingle(slopes, defaultBudget)(...inputs)].flat() as number[];
  vi.unstubAllGlobals();
  expect(Math.max(...sizes)).toBeLessThan(4 * (size + 1) * Math.sqrt(rounds) * 2);
  // Each element has a loop of its own, but for a.
  const one = compile(body);
  let slope = 0;
  for (const [i, name] of graph.inputs.entries()) {
    if (name === "a") continue;
    const { value, gradient } = one.gradient({ a: 0.001, v: inputs[i] });
    slope += inputs[i] * gradient.a;
    expectClose([found[1 + i]], [value + inputs[i] * gradient.v], 1e-10);
  }
  expectClose([found[1 + graph.inputs.indexOf("a")]], [slope], 1e-10);
  const columns = inputs.map((x) => floats("float64", 2, () => x));
  const both = results(slopes, 2);
  expect(
    new WasmExecutor(slopes, defaultBudget).run(
      2,
      columns.map(() => 1),
      ...columns,
      ...both,
    ),
  ).toBe(true);
  expect(both.map((column) => column[1])).toEqual(found);
});

test("a recurrent network of 20 weights in a batch, and its parameters' slopes", () => {
  const source = `(loop ((k 0) (h h)) (if (= k 50) (dot h h)
    (recur (+ k 1) (+ (* 0.5 h) (* 0.3 (matvec W (+ h b)))))))`;
  const module = compile(source, { inputs: { h: [4], W: [4, 4], b: [4] } });
  const at = {
    h: [0.1, -0.2, 0.3, 0.4],
    W: Array.from({ length: 4 }, (_, i) => Array.from({ length: 4 }, (_, j) => Math.sin(3 * i + j))),
    b: [0.2, 0.1, -0.1, 0.3],
  };
  const { gradient } = module.gradient(at);
  const weights = Object(gradient.W).flat() as number[];
  const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * b[i], 0);
  const { tangent } = module.jvp<number>(at, { W: at.W, b: at.b });
  expectClose([dot(weights, at.W.flat()) + dot(Object(gradient.b), at.b)], [tangent], 1e-10);
  const rows = 70;
  const starts = Float64Array.from({ length: 4 * rows }, (_, i) => (i < 4 ? at.h[i] : Math.cos(i)));
  const batch = module.batchGradient({ ...at, h: starts });
  for (const row of [0, 1, rows - 1]) {
    const one = module.gradient({ ...at, h: [...starts.subarray(4 * row, 4 * row + 4)] }).gradient;
    expectClose([...batch.gradient.W.subarray(16 * row, 16 * row + 16)], Object(one.W).flat(), 1e-12);
  }
});

test("the form js goes back over loops as the module does", async () => {
  const source = "(loop ((i 0) (s x)) (if (< i 9) (recur (+ i 1) (+ (* a s) (* b (tanh (* c s))))) s))";
  const module = compile(source);
  const at = { x: 0.4, a: 0.3, b: 0.2, c: 0.9 };
  const code = module.emit("js");
  expect(code).toContain("thin(");
  const { gradient } = await import(`data:text/javascript,${encodeURIComponent(code)}`);
  expect(gradient(at)).toEqual(module.gradient(at));
});

test("derivatives of any order exist of what is gone back over, and run as the gradient does", () => {
  const source = "(loop ((i 0) (s x)) (if (= i 12) s (recur (+ i 1) (* s (+ 1 (* a (sin (+ b (* c s)))))))))";
  const module = compile(source);
  const at = { x: 0.4, a: 0.3, b: 0.2, c: 0.9 };
  const { gradient } = module.gradient(at);
  const { hessian } = module.hessian(at);
  for (const name of module.inputs) {
    expect(module.partial(name).evaluate(at)).toBe(gradient[name]);
    const second = module.partial(name).gradient(at).gradient;
    for (const other of module.inputs) {
      expectClose([second[other]], [hessian[name][other] as number], 1e-10);
      const along = (d: number) =>
        module
          .partial(name)
          .partial(other)
          .evaluate({ ...at, x: at.x + d });
      const third = module.partial(name).partial(other).partial("x").evaluate(at);
      expect(Math.abs((along(1e-5) - along(-1e-5)) / 2e-5 - third)).toBeLessThan(1e-5 * (1 + Math.abs(third)));
    }
  }
});
