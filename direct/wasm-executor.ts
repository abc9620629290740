import {
  exportedFunction,
  FasterWay,
  instantiate,
  isShared,
  newMemory,
  pageBytes,
  runTogether,
  type SharedKernel,
  threads,
  type WebAssemblyMemory,
  type WebAssemblyModule,
  workersAreReady,
} from "../kernel/index.js";
import { type Budget, SoftmachineError } from "../scheme/index.js";
import type { Blocks } from "../tensor/index.js";
import { type Columns, columnsIn, floatsAt } from "./columns.js";
import type { Graph } from "./graph.js";
import { canRunAsKernel, kernelName, lanesOf, needsTape, vectorCostOf } from "./graph-to-wasm.js";
import { compiledKernel } from "./kernel-cache.js";
import type { BatchFunction, Floats } from "./slots.js";

/** Rows from which a kernel is worth making; fewer run on slots. */
export const leastKernelRows = 64;

/** Bytes of the memory through which batches pass whose arrays lie elsewhere, a block of rows at a time. */
const scratchBytes = 16 * pageBytes;
/** Bytes past which a tape grows no further. */
const mostTapeBytes = 2 ** 30;

/**
 * Memories through which batches pass, by what they are for: threads may share them or not; and in those with a tape, which
 * graphs need that go back over loops, it takes all that follows the block, which may grow.
 */
const scratch = new Map<string, WebAssemblyMemory>();

function scratchMemory(tape: boolean, shared: boolean): WebAssemblyMemory {
  const key = `${tape} ${shared}`;
  let memory = scratch.get(key);
  if (!memory) {
    const pages = ((tape ? 2 : 1) * scratchBytes) / pageBytes;
    const most = tape ? (scratchBytes + mostTapeBytes) / pageBytes : pages;
    memory = newMemory(pages, shared ? most : undefined);
    scratch.set(key, memory);
  }
  return memory;
}

/**
 * Additions from which threads might share a batch, its loads and stores counted: some ten microseconds. Whether they do is
 * for times to tell, see `FasterWay`.
 */
const leastSharedWork = 50_000;
/** Additions so many that threads share the batch at once, as if each took 0.15 nanoseconds and all a millisecond. */
const certainlySharedWork = 7_000_000;

const workOf = (graph: Graph, rows: number): number => (rows / lanesOf(graph)) * vectorCostOf(graph);

/** Whether threads might share batches of so many rows: their arrays should then lie in a memory that is shared. */
export const mayShare = (graph: Graph, rows: number): boolean =>
  workOf(graph, rows) >= leastSharedWork && threads() > 1 && canRunAsKernel(graph);

/** Runs a graph on batches as a SIMD kernel, made when first needed, where a kernel can run it. */
export class WasmExecutor {
  readonly graph: Graph;
  private readonly budget: Budget;
  private readonly lanes: number;
  private readonly elementBytes: number;
  private readonly bound = new WeakMap<WebAssemblyMemory, Map<string, SharedKernel>>();
  private readonly needsTape: boolean;
  private suitable: boolean;
  /** The scratch columns of the last batch, which the next is likely to need again. */
  private block: Columns | undefined;
  /** The kernel that the last batch ran in scratch memory, likewise. */
  private last: { readonly strides: readonly number[]; readonly kernel: SharedKernel } | undefined;
  /** Alone or together, by the binary logarithm of the number of rows. */
  private readonly ways: (FasterWay | undefined)[] = [];

  constructor(graph: Graph, budget: Budget) {
    this.graph = graph;
    this.budget = budget;
    this.lanes = lanesOf(graph);
    this.elementBytes = graph.arithmetic.dtype === "float32" ? 4 : 8;
    this.needsTape = needsTape(graph);
    this.suitable = canRunAsKernel(graph);
  }

  /** Whether batches of so many rows run as a kernel. */
  runs(rows: number): boolean {
    return this.suitable && rows >= leastKernelRows;
  }

  /** Which way batches of so many rows go, found as they do. */
  fasterWay(rows: number): FasterWay {
    return new FasterWay(workersAreReady, { together: workOf(this.graph, rows) >= certainlySharedWork });
  }

  /**
   * Runs on arrays that lie in a memory, at byte addresses: of each input (stride 1, or 0 for one value in all rows), then
   * of each result. There must be at least one vector of rows, 4 in float32 and 2 in float64, and results must not overlap
   * inputs. Copies nothing, unless the graph goes back over loops: that takes memory of its own. In a shared memory threads
   * may run it together. With `blocks`, it runs on several such batches, one after the other.
   *
   * @returns false if a row went past a budget, or deeper than the engine's stack allows, or the engine can't compile the
   * kernel: the results are then unfinished.
   */
  runInMemory(
    memory: WebAssemblyMemory,
    rows: number,
    strides: readonly number[],
    addresses: readonly number[],
    together = false,
    blocks?: Blocks,
  ): boolean {
    if (blocks) return this.runBlocks(memory, rows, strides, addresses, blocks);
    if (rows < this.lanes) throw new SoftmachineError(`a kernel runs on ${this.lanes} rows or more, not on ${rows}`);
    if (!this.needsTape) return this.runKernel(memory, rows, strides, addresses, together);
    const { dtype } = this.graph.arithmetic;
    const arrays = addresses.map((address, i) => floatsAt(memory, address, strides[i] === 0 ? 1 : rows, dtype));
    return this.runThroughScratch(together, rows, strides, arrays);
  }

  private runBlocks(
    memory: WebAssemblyMemory,
    rows: number,
    strides: readonly number[],
    addresses: readonly number[],
    { count, steps }: Blocks,
  ): boolean {
    const current = [...addresses];
    const advance = () => {
      for (let i = 0; i < current.length; i++) current[i] += steps[i];
    };
    const kernel = this.kernel(memory, strides);
    // Blocks without a rest need nothing but the kernel, which for short ones is less work than finding it each time.
    const isPlain = kernel !== undefined && !this.needsTape && rows % this.lanes === 0;
    for (let block = 0; block < count; block++) {
      if (!isPlain) {
        if (!this.runInMemory(memory, rows, strides, current)) return false;
      } else {
        try {
          kernel.run(rows / this.lanes, ...current);
        } catch {
          // A trap, which is how a kernel stops, or the end of the stack.
          return false;
        }
      }
      advance();
    }
    return true;
  }

  /** `tape` has the ends of the memory for a tape, if the graph needs one; each thread has that many bytes more. */
  private runKernel(
    memory: WebAssemblyMemory,
    rows: number,
    strides: readonly number[],
    addresses: readonly number[],
    together: boolean,
    tape: readonly number[] = [],
  ): boolean {
    const kernel = this.kernel(memory, strides);
    if (!kernel) return false;
    const vectors = Math.floor(rows / this.lanes);
    const all = tape.length === 0 ? addresses : [...addresses, ...tape];
    if (together) {
      const operands = {
        addresses: all,
        pitches: [...addresses.map((_, i) => (strides[i] === 0 ? 0 : 16)), ...tape.map(() => 0)],
        spacings: [...addresses.map(() => 0), ...tape.map(() => tape[1] - tape[0])],
      };
      if (!runTogether(kernel, vectors, operands)) return false;
    }
    try {
      if (!together) kernel.run(vectors, ...all);
      if (vectors * this.lanes < rows) {
        // The last vector overlaps the one before.
        const skipped = (rows - this.lanes) * this.elementBytes;
        kernel.run(1, ...addresses.map((address, i) => (strides[i] === 0 ? address : address + skipped)), ...tape);
      }
      return true;
    } catch {
      // A trap, which is how a kernel stops, or the end of the stack.
      return false;
    }
  }

  /** Runs with a tape for each thread, in the rest of the memory, which grows until that is enough. */
  private runWithTape(
    memory: WebAssemblyMemory,
    rows: number,
    strides: readonly number[],
    addresses: readonly number[],
    together: boolean,
  ): boolean {
    for (;;) {
      const total = memory.buffer.byteLength - scratchBytes;
      const tapes = together ? threads() : 1;
      const size = 16 * Math.floor(total / tapes / 16);
      const exhausted = Array.from({ length: tapes }, (_, i) =>
        new Int32Array(memory.buffer, scratchBytes + i * size, 1).fill(0),
      );
      const ends = [scratchBytes, scratchBytes + size];
      if (this.runKernel(memory, rows, strides, addresses, together, ends)) return true;
      if (exhausted.every(([mark]) => mark === 0) || total >= mostTapeBytes) return false;
      try {
        memory.grow(total / pageBytes);
      } catch {
        return false;
      }
    }
  }

  /** As a batch function of `slots`, on arrays that lie anywhere. Returns false as `runInMemory`. */
  run(...[rows, strides, ...arrays]: Parameters<BatchFunction>): boolean {
    if (workOf(this.graph, rows) < leastSharedWork || threads() === 1)
      return this.runThroughScratch(false, rows, strides, arrays);
    const size = 31 - Math.clz32(rows);
    this.ways[size] ??= this.fasterWay(rows);
    return this.ways[size].run((together) => this.runThroughScratch(together, rows, strides, arrays));
  }

  private runThroughScratch(
    together: boolean,
    rows: number,
    strides: readonly number[],
    arrays: readonly Floats[],
  ): boolean {
    const { arithmetic, main } = this.graph;
    const memory = scratchMemory(this.needsTape, together);
    const most = Math.floor((scratchBytes / arrays.length - 128) / this.elementBytes / this.lanes) * this.lanes;
    const size = Math.min(rows, most);
    // A memory that grows takes its arrays' places away.
    const block = () => {
      if (this.block?.rows !== size || this.block.arrays[0]?.buffer !== memory.buffer)
        this.block = columnsIn(memory, arrays.length, size, arithmetic.dtype);
      return this.block;
    };
    const inputs = main.parameters.length;
    for (let start = 0; start < rows; start += size) {
      // The last block overlaps the one before, so that all have one size.
      const first = Math.min(start, rows - size);
      const { arrays: columns, addresses } = block();
      for (let i = 0; i < inputs; i++) {
        if (strides[i] === 0) columns[i][0] = arrays[i][0];
        else columns[i].set(size === rows ? arrays[i] : arrays[i].subarray(first, first + size));
      }
      const hasRun = this.needsTape
        ? this.runWithTape(memory, size, strides, addresses, together)
        : this.runKernel(memory, size, strides, addresses, together);
      if (!hasRun) return false;
      const { arrays: results } = block();
      for (let i = inputs; i < arrays.length; i++) arrays[i].set(results[i], first);
    }
    return true;
  }

  private kernel(memory: WebAssemblyMemory, strides: readonly number[]): SharedKernel | undefined {
    const { last } = this;
    if (last?.kernel.memory === memory && isEqual(last.strides, strides)) return last.kernel;
    let kernels = this.bound.get(memory);
    if (!kernels) {
      kernels = new Map();
      this.bound.set(memory, kernels);
    }
    const pattern = strides.join("");
    const found = kernels.get(pattern);
    if (found) {
      // Other memories are their owner's, not to be held here.
      if (memory === this.block?.memory) this.last = { strides, kernel: found };
      return found;
    }
    let module: WebAssemblyModule;
    try {
      module = compiledKernel(this.graph, {
        broadcast: this.graph.inputs.map((_, i) => strides[i] === 0),
        iterations: this.budget.iterations,
        frames: this.budget.frames,
        shared: isShared(memory),
      });
    } catch {
      // More than the engine compiles.
      this.suitable = false;
      return undefined;
    }
    const run = exportedFunction(instantiate(module, { env: { memory } }), kernelName);
    const kernel = { module, memory, name: kernelName, run };
    kernels.set(pattern, kernel);
    return kernel;
  }
}

function isEqual(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return a.length === b.length;
}
