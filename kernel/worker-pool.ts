/** Threads that run parts of a kernel's work on a memory that they share. */
import { createRequire } from "node:module";
import type * as Os from "node:os";
import type * as WorkerThreads from "node:worker_threads";
import { SoftmachineError } from "../scheme/index.js";
import type { WebAssemblyFunction, WebAssemblyMemory, WebAssemblyModule } from "./web-assembly.js";
import { type Letter, mostOperands, noChunk, word, workerSource } from "./worker-source.js";

/** A kernel `run(vectors, ...addresses)` on a shared memory. */
export interface SharedKernel {
  readonly module: WebAssemblyModule;
  readonly memory: WebAssemblyMemory;
  /** The name that the function is exported under, and the function of this thread's instance. */
  readonly name: string;
  readonly run: WebAssemblyFunction;
}

/** What a kernel runs on, all in bytes. */
export interface KernelOperands {
  readonly addresses: readonly number[];
  /** How far each moves on from vector to vector. */
  readonly pitches: readonly number[];
  /** How far each is from thread to thread: 0, but for memory that a thread has to itself. */
  readonly spacings: readonly number[];
  /** Threads that may take part, this one included: all, if not said. */
  readonly threads?: number;
  /** Vectors in the smallest chunk that a thread takes, of which chunks are multiples: 4 if not said, so that they are whole cache lines. */
  readonly leastChunk?: number;
}

const chunksPerThread = 4;

/** Milliseconds that a worker may take for its chunk when this thread has finished its own, and times that of its own. */
const stallMilliseconds = 10_000;
const stallFactor = 100;

/** Looks at the workers' count before this thread goes to sleep. */
const looks = 2000;

class Pool {
  readonly control = new Int32Array(new SharedArrayBuffer(4 * (word.operands + 3 * mostOperands)));
  private readonly workers: WorkerThreads.Worker[] = [];
  private readonly ids = new WeakMap<WebAssemblyFunction, number>();
  private readonly collected: FinalizationRegistry<number>;
  private lastId = 0;
  alive = true;

  /** @throws whatever the engine says where it gives no threads. */
  constructor(count: number) {
    // Where a thread may not wait, as in a browser's page, this throws.
    Atomics.wait(this.control, word.sequence, 1, 0);
    const { Worker } = load("node:worker_threads") as typeof WorkerThreads;
    this.collected = new FinalizationRegistry((id) => this.send({ id }));
    for (let i = 0; i < count; i++) {
      // Options of this process, such as loaders, are not for a worker that has but a few lines.
      const workerData = { control: this.control, thread: i + 1 };
      const worker = new Worker(workerSource, { eval: true, workerData, execArgv: [], env: {} });
      worker.on("error", () => this.end());
      worker.on("exit", () => this.end());
      worker.unref();
      this.workers.push(worker);
    }
  }

  get ready(): boolean {
    return this.alive && Atomics.load(this.control, word.ready) === this.workers.length;
  }

  end(): void {
    this.alive = false;
    for (const worker of this.workers) void worker.terminate();
  }

  private send(letter: Letter): void {
    if (!this.alive) return;
    for (const worker of this.workers) worker.postMessage(letter);
    Atomics.add(this.control, word.letters, 1);
    this.wake();
  }

  private wake(): void {
    Atomics.add(this.control, word.sequence, 1);
    if (Atomics.load(this.control, word.sleeping) > 0) Atomics.notify(this.control, word.sequence);
  }

  private idOf({ module, memory, name, run }: SharedKernel): number {
    const known = this.ids.get(run);
    if (known !== undefined) return known;
    this.lastId++;
    this.ids.set(run, this.lastId);
    // Workers hold the memory: they must let go of it when nobody here can run the kernel any more.
    this.collected.register(run, this.lastId);
    this.send({ id: this.lastId, module, memory, name });
    return this.lastId;
  }

  /** See `runTogether`. */
  run(kernel: SharedKernel, vectors: number, operands: KernelOperands & { readonly leastChunk: number }): boolean {
    const { addresses, pitches, spacings, leastChunk } = operands;
    const { control } = this;
    const start = performance.now();
    const columns = addresses.length;
    const threads = Math.min(this.workers.length + 1, operands.threads ?? mostThreads);
    const parts = chunksPerThread * threads;
    const size = leastChunk * Math.ceil(vectors / (leastChunk * parts));
    const chunks = Math.ceil(vectors / size);
    control[word.kernel] = this.idOf(kernel);
    control[word.chunks] = chunks;
    control[word.chunkVectors] = size;
    control[word.vectors] = vectors;
    control[word.columns] = columns;
    control[word.threads] = threads;
    for (let i = 0; i < columns; i++) {
      control[word.operands + i] = addresses[i];
      control[word.operands + columns + i] = pitches[i] * size;
      control[word.operands + 2 * columns + i] = spacings[i];
    }
    control[word.failed] = 0;
    Atomics.store(control, word.next, 0);
    Atomics.store(control, word.open, 1);
    this.wake();
    try {
      const given = [0, ...addresses];
      for (;;) {
        const chunk = Atomics.add(control, word.next, 1);
        if (chunk >= chunks) break;
        given[0] = Math.min(size, vectors - chunk * size);
        for (let i = 0; i < columns; i++) given[1 + i] = addresses[i] + chunk * pitches[i] * size;
        kernel.run(...given);
      }
    } catch {
      control[word.failed] = 1;
      Atomics.store(control, word.next, noChunk);
    }
    Atomics.store(control, word.open, 0);
    const finished = this.wait(stallMilliseconds + stallFactor * (performance.now() - start));
    if (finished) return control[word.failed] === 0;
    // A worker that was stopped from outside would never finish. This thread does the work again, all of it.
    this.end();
    return attempt(kernel.run, vectors, addresses);
  }

  /** Whether all workers left the job within some milliseconds. */
  private wait(milliseconds: number): boolean {
    const { control } = this;
    for (let look = 0; look < looks; look++) if (Atomics.load(control, word.active) === 0) return true;
    const end = performance.now() + milliseconds;
    for (;;) {
      const active = Atomics.load(control, word.active);
      if (active === 0) return true;
      const left = end - performance.now();
      if (left <= 0) return false;
      Atomics.wait(control, word.active, active, left);
    }
  }
}

/** Runs a kernel. False if it trapped, or came to the end of the stack. */
function attempt(run: WebAssemblyFunction, vectors: number, addresses: readonly number[]): boolean {
  try {
    run(vectors, ...addresses);
    return true;
  } catch {
    return false;
  }
}

const load = createRequire(import.meta.url);
let pool: Pool | undefined;
let count: number | undefined;

/** Threads at most: each takes megabytes and some milliseconds to start. */
const mostThreads = 1024;

function checkedThreads(given: unknown, what: string): number {
  const threads = Number(given);
  if (Number.isInteger(threads) && threads >= 1 && threads <= mostThreads) return threads;
  throw new SoftmachineError(`${what} must be a whole number from 1 to ${mostThreads}, not ${given}`);
}

/**
 * How many threads share a large batch: the environment's SOFTMACHINE_THREADS, or as many as the machine has for this
 * process; 1 where there are no workers, or where `setThreads` says so.
 * @throws SoftmachineError if SOFTMACHINE_THREADS is no whole number from 1 to 1,024.
 */
export function threads(): number {
  if (count === undefined) {
    const asked = process.env.SOFTMACHINE_THREADS;
    if (asked !== undefined && asked !== "") count = checkedThreads(asked, "SOFTMACHINE_THREADS");
    else count = (load("node:os") as typeof Os).availableParallelism();
  }
  return count;
}

/**
 * Sets how many threads, this one included, share a large batch. 1 ends the workers.
 * @throws SoftmachineError for anything but a whole number from 1 to 1,024.
 */
export function setThreads(threads: number): void {
  count = checkedThreads(threads, "the number of threads");
  pool?.end();
  pool = undefined;
}

/** Whether the workers have started, so that times taken with them tell something. */
export const workersAreReady = (): boolean => pool?.ready ?? false;

/**
 * Runs a kernel on `vectors` vectors, this thread and the workers each taking chunks while there are any; returns when all
 * are done. Workers are made by the first call; they sleep between jobs and keep no process from ending. Where there are
 * none, this thread does everything.
 *
 * @returns false if the kernel trapped on some chunk: the results are then unfinished.
 */
export function runTogether(kernel: SharedKernel, vectors: number, operands: KernelOperands): boolean {
  const { leastChunk = 4 } = operands;
  if (threads() > 1 && vectors > leastChunk && operands.addresses.length <= mostOperands) {
    if (!pool) {
      try {
        pool = new Pool(threads() - 1);
      } catch {
        count = 1;
      }
    }
    if (pool?.alive) return pool.run(kernel, vectors, { ...operands, leastChunk });
  }
  return attempt(kernel.run, vectors, operands.addresses);
}
