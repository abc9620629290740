import { createRequire } from "node:module";
import type * as WorkerThreads from "node:worker_threads";
import { afterEach, expect, test } from "vitest";
import { compileModule, exportedFunction, instantiate, ModuleBuilder, newMemory, threads } from "./index.js";
import { runTogether, type SharedKernel, setThreads, workersAreReady } from "./worker-pool.js";

afterEach(() => setThreads(1));

/**
 * `run(vectors, from, to, count)` writes from²+1 to each f64 of so many vectors, traps at a 13, and adds the vectors to the
 * i32 at `count`.
 */
function squareKernel(): SharedKernel {
  const builder = new ModuleBuilder().importMemory("env", "memory", { shared: true, maximum: 16 });
  builder.function("run", ["i32", "i32", "i32", "i32"], [], (code) => {
    const [vectors, from, to, count] = code.parameters;
    const at = { offset: 0, align: 2 };
    code.get(count).get(count).emit("i32.load", at).get(vectors).emit("i32.add").emit("i32.store", at);
    const value = code.local("v128");
    code.loop((again) => {
      code.get(from).emit("v128.load", { offset: 0, align: 4 }).set(value);
      code.get(value).emit("f64.const", 13).emit("f64x2.splat").emit("f64x2.eq").emit("v128.any_true");
      code.if(() => code.unreachable());
      code.get(to).get(value).get(value).emit("f64x2.mul");
      code.emit("f64.const", 1).emit("f64x2.splat").emit("f64x2.add").emit("v128.store", { offset: 0, align: 4 });
      for (const address of [from, to]) code.get(address).emit("i32.const", 16).emit("i32.add").set(address);
      code.get(vectors).emit("i32.const", 1).emit("i32.sub").tee(vectors).branchIf(again);
    });
  });
  const memory = newMemory(16, 16);
  const module = compileModule(builder.build());
  return { module, memory, name: "run", run: exportedFunction(instantiate(module, { env: { memory } }), "run") };
}

const vectors = 20_001;
const from = 1024;
const to = from + 16 * vectors + 64;
const operands = { addresses: [from, to, 0], pitches: [16, 16, 0], spacings: [0, 0, 64] };

function columns({ memory }: SharedKernel) {
  const input = new Float64Array(memory.buffer, from, 2 * vectors);
  for (let i = 0; i < input.length; i++) input[i] = 14 + (i % 1000);
  return { input, output: new Float64Array(memory.buffer, to, 2 * vectors) };
}

/** How many vectors each of four threads took. */
const taken = ({ memory }: SharedKernel) =>
  [0, 1, 2, 3].map((thread) => new Int32Array(memory.buffer, 64 * thread, 1)[0]);

const isRight = (input: Float64Array, output: Float64Array) => output.every((y, i) => y === input[i] ** 2 + 1);

/** Runs until a worker took a part; false if none did in a minute. */
function runUntilShared(kernel: SharedKernel): boolean {
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    if (!runTogether(kernel, vectors, operands)) return false;
    if (taken(kernel)[1] + taken(kernel)[2] > 0) return true;
  }
  return false;
}

test("workers take parts, and all parts are done once", () => {
  setThreads(3);
  const kernel = squareKernel();
  const { input, output } = columns(kernel);
  expect(runUntilShared(kernel)).toBe(true);
  expect(isRight(input, output)).toBe(true);
  for (let round = 0; round < 200; round++) {
    new Int32Array(kernel.memory.buffer, 0, 64).fill(0);
    output.fill(0);
    expect(runTogether(kernel, vectors, operands)).toBe(true);
    expect(isRight(input, output)).toBe(true);
    expect(taken(kernel).reduce((sum, part) => sum + part, 0)).toBe(vectors);
    expect(taken(kernel)[3]).toBe(0);
  }
});

test("a trap in any part, a worker's or this thread's, is seen, and the next run is right again", () => {
  setThreads(2);
  const kernel = squareKernel();
  const { input, output } = columns(kernel);
  expect(runUntilShared(kernel)).toBe(true);
  for (const place of [0, 7, vectors, 2 * vectors - 1]) {
    const kept = input[place];
    input[place] = 13;
    for (let round = 0; round < 50; round++) expect(runTogether(kernel, vectors, operands)).toBe(false);
    input[place] = kept;
    output.fill(0);
    expect(runTogether(kernel, vectors, operands)).toBe(true);
    expect(isRight(input, output)).toBe(true);
  }
});

test("many kernels on many memories, and fewer vectors than a part has", () => {
  setThreads(2);
  expect(runUntilShared(squareKernel())).toBe(true);
  for (let i = 0; i < 60; i++) {
    const kernel = squareKernel();
    const { input, output } = columns(kernel);
    const count = i < 10 ? i + 1 : vectors;
    expect(runTogether(kernel, count, operands)).toBe(true);
    expect(isRight(input.subarray(0, 2 * count), output.subarray(0, 2 * count))).toBe(true);
    expect(output.subarray(2 * count).every((y) => y === 0)).toBe(true);
  }
});

test("where workers stop, or none can be made, this thread does everything", async () => {
  const workerThreads = createRequire(import.meta.url)("node:worker_threads") as {
    Worker: typeof WorkerThreads.Worker;
  };
  const { Worker } = workerThreads;
  const made: WorkerThreads.Worker[] = [];
  try {
    workerThreads.Worker = class extends Worker {
      constructor(...args: ConstructorParameters<typeof Worker>) {
        super(...args);
        made.push(this);
      }
    };
    setThreads(3);
    const kernel = squareKernel();
    const { input, output } = columns(kernel);
    expect(runUntilShared(kernel)).toBe(true);
    expect(made).toHaveLength(2);
    await made[0].terminate();
    output.fill(0);
    expect(runTogether(kernel, vectors, operands)).toBe(true);
    expect(isRight(input, output)).toBe(true);

    // What is not a class can't be constructed: as an engine that gives no threads.
    Reflect.deleteProperty(workerThreads, "Worker");
    setThreads(3);
    output.fill(0);
    expect(runTogether(kernel, vectors, operands)).toBe(true);
    expect(isRight(input, output)).toBe(true);
    expect([workersAreReady(), threads()]).toEqual([false, 1]);
  } finally {
    workerThreads.Worker = Worker;
  }
});

test("the number of threads is whole and positive", () => {
  for (const wrong of [0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])
    expect(() => setThreads(wrong)).toThrow(/^the number of threads must be a whole number from 1/);
  setThreads(5);
  expect(threads()).toBe(5);
});
