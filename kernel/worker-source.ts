/**
 * What the threads of the pool share, and what a worker does. A worker is a text, so that it needs no file: it runs the same
 * from sources, from an installed package and from a bundle.
 */

/** The words of the control block that main thread and workers talk through; the arguments of a job come behind them. */
export const word = {
  /** Counts jobs and letters: what sleeping workers wait for. */
  sequence: 0,
  /** Counts letters, which workers read before they take part in a job. */
  letters: 1,
  /** 1 while there is a job. It changes only when no worker is active. */
  open: 2,
  /** Workers that look at the job. */
  active: 3,
  sleeping: 4,
  /** Workers that have started. */
  ready: 5,
  /** The next chunk that nobody has claimed. */
  next: 6,
  /** 1 when a chunk trapped. */
  failed: 7,
  kernel: 8,
  chunks: 9,
  /** Vectors in a chunk, and in all. */
  chunkVectors: 10,
  vectors: 11,
  columns: 12,
  /** Threads that take part: those of lower numbers. */
  threads: 13,
  /** Addresses, then how far each moves on from chunk to chunk, then how far it is from thread to thread. */
  operands: 14,
} as const;

/** Most addresses that a job has. */
export const mostOperands = 1000;

/** No chunk is left from here on. */
export const noChunk = 2 ** 30;

/** What a worker is told besides jobs: a kernel to come, or one that is gone. */
export type Letter =
  | { readonly id: number; readonly module: object; readonly memory: object; readonly name: string }
  | { readonly id: number };

/** Milliseconds for which a worker that has done its part stays awake. */
const patience = 0.05;

/** CommonJS, as `new Worker(source, { eval: true })` takes it, with the control block and the thread's number as `workerData`. */
export const workerSource = `
const { parentPort, receiveMessageOnPort, workerData } = require("node:worker_threads");
const { control, thread } = workerData;
const kernels = new Map();
let letters = 0;
function read() {
  letters = Atomics.load(control, ${word.letters});
  for (let next; (next = receiveMessageOnPort(parentPort)); ) {
    const { id, module, memory, name } = next.message;
    if (module) kernels.set(id, new WebAssembly.Instance(module, { env: { memory } }).exports[name]);
    else kernels.delete(id);
  }
}
function work() {
  const kernel = kernels.get(control[${word.kernel}]);
  if (!kernel || thread >= control[${word.threads}]) return;
  const chunks = control[${word.chunks}], size = control[${word.chunkVectors}];
  const vectors = control[${word.vectors}], columns = control[${word.columns}];
  const first = new Array(columns), step = new Array(columns), operands = new Array(columns);
  for (let i = 0; i < columns; i++) {
    step[i] = control[${word.operands} + columns + i];
    first[i] = control[${word.operands} + i] + thread * control[${word.operands} + 2 * columns + i];
  }
  for (;;) {
    const chunk = Atomics.add(control, ${word.next}, 1);
    if (chunk >= chunks) return;
    for (let i = 0; i < columns; i++) operands[i] = first[i] + chunk * step[i];
    kernel(Math.min(size, vectors - chunk * size), ...operands);
  }
}
Atomics.add(control, ${word.ready}, 1);
for (;;) {
  const seen = Atomics.load(control, ${word.sequence});
  if (Atomics.load(control, ${word.letters}) !== letters) read();
  Atomics.add(control, ${word.active}, 1);
  if (Atomics.load(control, ${word.open}) === 1) {
    try {
      work();
    } catch {
      Atomics.store(control, ${word.failed}, 1);
      Atomics.store(control, ${word.next}, ${noChunk});
    }
  }
  if (Atomics.sub(control, ${word.active}, 1) === 1) Atomics.notify(control, ${word.active});
  const end = performance.now() + ${patience};
  while (Atomics.load(control, ${word.sequence}) === seen && performance.now() < end);
  if (Atomics.load(control, ${word.sequence}) !== seen) continue;
  Atomics.add(control, ${word.sleeping}, 1);
  Atomics.wait(control, ${word.sequence}, seen);
  Atomics.sub(control, ${word.sleeping}, 1);
}
`;
