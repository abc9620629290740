import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { setThreads, workersAreReady } from "../kernel/index.js";
import { compile, type DirectModule } from "./index.js";

afterEach(() => setThreads(1));

const dtypes = ["float64", "float32"] as const;
type Dtype = (typeof dtypes)[number];

/** Makes so many threads, and waits until they are there. */
function startThreads(threads: number): void {
  setThreads(threads);
  const { run } = compile("(exp (sin x))").prepare(1_000_000);
  for (const end = performance.now() + 60_000; !workersAreReady() && performance.now() < end; ) run();
  expect(workersAreReady()).toBe(true);
}

const column = (dtype: Dtype, rows: number, seed: number) => {
  const numbers = Array.from({ length: rows }, (_, i) => 0.25 + (((i + 1) * (2 * seed + 7)) % 1009) / 300);
  // Where elementary functions go rare ways.
  for (const [i, value] of [Number.NaN, -0, 1e-310, 40, -3].entries())
    numbers[Math.floor((rows * (2 * i + 1)) / 10) + seed] = value;
  return dtype === "float32" ? Float32Array.from(numbers) : Float64Array.from(numbers);
};

const batchOf = (module: DirectModule, rows: number) =>
  Object.fromEntries(module.inputs.map((name, i) => [name, i === 2 ? 1.5 : column(module.dtype, rows, i)]));

/** The bits of an array, made short. */
const bits = ({ buffer, byteOffset, byteLength }: Float32Array | Float64Array) =>
  createHash("sha256")
    .update(new Uint8Array(buffer, byteOffset, byteLength))
    .digest("hex");

/** All that a module computes of a batch, plain and prepared, some times over, so that each way of running has its turn. */
function results(module: DirectModule, rows: number) {
  const inputs = batchOf(module, rows);
  const prepared = module.prepare(rows);
  for (const [name, value] of Object.entries(inputs))
    if (typeof value === "number") prepared.inputs[name].fill(value);
    else prepared.inputs[name].set(value);
  return Array.from({ length: 12 }, () => {
    prepared.run();
    const output = bits(prepared.output);
    prepared.runGradient();
    const { value, gradient } = module.batchGradient(inputs);
    const arrays = [module.batch(inputs), value, ...Object.values(gradient), prepared.output];
    return [output, ...[...arrays, ...Object.values(prepared.gradient)].map(bits)];
  });
}

/** Sources, and so many rows that threads begin to share the batch at once, or after some runs. */
const programs: readonly (readonly [string, number])[] = [
  ["(/ (+ (exp (* (sin a) b)) (sqrt c)) (+ a 1))", 40_003],
  ["(+ (* a (* b b)) c)", 100_001],
  ["(if (> a b) (log a) (tanh (* b c)))", 30_000],
  ["(let loop ((i 0) (s a)) (if (< i (* 4 b)) (loop (+ i 1) (+ (* 0.5 s) (sin (* c s)))) s))", 9_001],
  ["(define (f n x) (if (>= n 1) (+ x (f (- n 1) (* x 0.5))) x)) (f (floor (* 3 a)) (+ b c))", 9_001],
];

describe("threads sharing a batch change no bit of it", () => {
  for (const dtype of dtypes)
    test.each(programs)(`${dtype}: %s`, (source, rows) => {
      setThreads(1);
      const [alone] = results(compile(source, { dtype }), rows);
      startThreads(3);
      for (const shared of results(compile(source, { dtype }), rows)) expect(shared).toEqual(alone);
    });

  test.each(dtypes)("in a memory where each thread keeps a record of the loops that it goes back over: %s", (dtype) => {
    const source = "(let loop ((i 0) (x a)) (if (< i 300) (loop (+ i 1) (+ x (* b (sin x)))) x))";
    const module = compile(source, { dtype });
    const rows = 1003;
    setThreads(1);
    const inputs = batchOf(module, rows);
    const slopes = () => Object.values(module.batchGradient(inputs).gradient).map(bits);
    const alone = slopes();
    startThreads(3);
    for (let k = 0; k < 30; k++) expect(slopes()).toEqual(alone);
  });
});

describe("what can't be computed is the same error", () => {
  const endless = "(let loop ((i 0)) (if (= i a) (+ i b) (loop (+ i 1))))";
  const recursion = "(define (f n) (if (< n 1) 0 (+ 1 (f (- n 1))))) (+ (f a) b)";
  const message = (run: () => unknown): string => {
    try {
      run();
    } catch (error) {
      return String(error);
    }
    return "no error";
  };

  const rows = 20_000;
  const column = (usual: number, unusual: number) => new Float64Array(rows).fill(usual).fill(unusual, 19_900, 19_901);
  test.each([
    ["a loop past its budget", endless, { iterations: 5000 }, { a: column(3, 0.5), b: 1 }, "iterations"],
    ["recursion past its frames", recursion, { frames: 500 }, { a: column(3, 600), b: 1 }, "frames"],
    ["strict mode", "(log (- a 2))", { domain: "strict" as const }, { a: column(3, 1) }, "row 19900"],
  ])("%s", (_, source, options, inputs, expected) => {
    const errors = [1, 3].flatMap((threads) => {
      if (threads > 1) startThreads(threads);
      else setThreads(1);
      const module = compile(source, options);
      return Array.from({ length: 3 }, () => message(() => module.batch(inputs)));
    });
    expect(errors[0]).toContain(expected);
    expect(new Set(errors).size).toBe(1);
  });
});

test("a prepared batch lies in shared memory only where threads might share it", () => {
  const module = compile("(exp (sin x))", { dtype: "float32" });
  setThreads(2);
  expect(module.prepare(100_000).output.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(module.prepare(1000).output.buffer).toBeInstanceOf(ArrayBuffer);
  setThreads(1);
  expect(module.prepare(100_000).output.buffer).toBeInstanceOf(ArrayBuffer);
});

test("a process ends by itself, and has workers only if it needs them", async () => {
  const dist = fileURLToPath(new URL("../dist/index.js", import.meta.url));
  if (!existsSync(dist))
    throw new Error("dist/index.js is missing: `npm run build` makes it, and `npm test` runs that first");
  const run = async (rows: number, threads: string) => {
    const script = `
      const { compile } = await import(process.env.MODULE);
      const { createRequire } = await import("node:module");
      const workerThreads = createRequire(process.env.MODULE)("node:worker_threads");
      let made = 0;
      const { Worker } = workerThreads;
      workerThreads.Worker = class extends Worker { constructor(...args) { super(...args); made++; } };
      const module = compile("(exp (sin (* x (exp (cos x)))))");
      const { inputs, output, run } = module.prepare(${rows});
      inputs.x.fill(0.5);
      for (const end = performance.now() + 300; performance.now() < end; ) run();
      console.log(made, output[${rows} - 1] === output[0] && output[0] > 1);`;
    const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module", "-e", script], {
      timeout: 60_000,
      env: { ...process.env, MODULE: new URL(`file://${dist}`).href, SOFTMACHINE_THREADS: threads },
    });
    return stdout.trim();
  };
  expect(await run(400_000, "3")).toBe("2 true");
  expect(await run(400_000, "1")).toBe("0 true");
  expect(await run(100, "3")).toBe("0 true");
  await expect(run(400_000, "many")).rejects.toThrow("SOFTMACHINE_THREADS must be a whole number from 1");
});

test("many modules share the workers", () => {
  startThreads(3);
  const rows = 60_000;
  const x = column("float32", rows, 5);
  const modules = Array.from({ length: 40 }, (_, k) => compile(`(* ${k} (sqrt (+ x ${k})))`, { dtype: "float32" }));
  for (let round = 0; round < 3; round++)
    for (const [k, module] of modules.entries()) {
      const y = module.batch({ x });
      for (const i of [0, 1, 31_007, rows - 1])
        expect(y[i]).toBe(Math.fround(k * Math.fround(Math.sqrt(Math.fround(x[i] + k)))));
    }
});
