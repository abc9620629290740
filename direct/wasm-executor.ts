import {
  compileModule,
  exportedFunction,
  instantiate,
  newMemory,
  pageBytes,
  type WebAssemblyFunction,
  type WebAssemblyMemory,
  type WebAssemblyModule,
} from "../kernel/index.js";
import { type Budget, SoftmachineError } from "../scheme/index.js";
import type { Graph } from "./graph.js";
import { canRunAsKernel, graphToWasm, kernelName, lanesOf } from "./graph-to-wasm.js";
import type { BatchFunction, Floats } from "./slots.js";

/** Rows from which a kernel is worth making; fewer run on slots. */
export const leastKernelRows = 64;

/** Bytes of the memory through which batches pass whose arrays lie elsewhere, a block of rows at a time. */
const scratchBytes = 16 * pageBytes;

/** Compiled kernels, by their bytes: equal programs share one. */
const compiledKernels = new Map<string, WebAssemblyModule>();
const mostKernels = 256;

let scratch: WebAssemblyMemory | undefined;

function compiledKernel(bytes: Uint8Array): WebAssemblyModule {
  const key = new TextDecoder("latin1").decode(bytes);
  const found = compiledKernels.get(key);
  if (found) return found;
  const module = compileModule(bytes);
  const oldest = compiledKernels.size >= mostKernels ? compiledKernels.keys().next() : undefined;
  if (oldest && !oldest.done) compiledKernels.delete(oldest.value);
  compiledKernels.set(key, module);
  return module;
}

/** A function on one memory: how many whole vectors, then the address of each array. */
type BoundKernel = WebAssemblyFunction;

/** Arrays of `rows` numbers in one memory. */
export interface Columns {
  readonly memory: WebAssemblyMemory;
  readonly rows: number;
  readonly arrays: readonly Floats[];
  /** Byte addresses. */
  readonly addresses: readonly number[];
}

/** Bytes from one column to the next: vectors are aligned, and columns of 2^k rows don't meet in the same cache lines. */
const pitchOf = (rows: number, dtype: Graph["arithmetic"]["dtype"]): number =>
  64 * Math.ceil((rows * (dtype === "float32" ? 4 : 8)) / 64) + 64;

function columnsIn(
  memory: WebAssemblyMemory,
  count: number,
  rows: number,
  dtype: Graph["arithmetic"]["dtype"],
): Columns {
  const addresses = Array.from({ length: count }, (_, i) => i * pitchOf(rows, dtype));
  const arrays = addresses.map((address) =>
    dtype === "float32"
      ? new Float32Array(memory.buffer, address, rows)
      : new Float64Array(memory.buffer, address, rows),
  );
  return { memory, rows, addresses, arrays };
}

/**
 * Columns in a memory of their own.
 * @throws SoftmachineError if there is no such memory.
 */
export function newColumns(count: number, rows: number, dtype: Graph["arithmetic"]["dtype"]): Columns {
  const bytes = count * pitchOf(rows, dtype);
  if (!(bytes <= 2 ** 32)) throw new SoftmachineError(`${rows} rows are more than memory holds`);
  return columnsIn(newMemory(Math.ceil(bytes / pageBytes)), count, rows, dtype);
}

/** Runs a graph on batches as a SIMD kernel, made when first needed, where a kernel can run it. */
export class WasmExecutor {
  readonly graph: Graph;
  private readonly budget: Budget;
  private readonly lanes: number;
  private readonly elementBytes: number;
  private readonly bound = new WeakMap<WebAssemblyMemory, Map<string, BoundKernel>>();
  private suitable: boolean;
  /** The scratch columns of the last batch, which the next is likely to need again. */
  private block: Columns | undefined;

  constructor(graph: Graph, budget: Budget) {
    this.graph = graph;
    this.budget = budget;
    this.lanes = lanesOf(graph);
    this.elementBytes = graph.arithmetic.dtype === "float32" ? 4 : 8;
    this.suitable = canRunAsKernel(graph);
  }

  /** Whether batches of so many rows run as a kernel. */
  runs(rows: number): boolean {
    return this.suitable && rows >= leastKernelRows;
  }

  /**
   * Runs on arrays that lie in a memory, at byte addresses: of each input (stride 1, or 0 for one value in all rows), then
   * of each result. Copies nothing. There must be at least one vector of rows, 4 in float32 and 2 in float64, and results
   * must not overlap inputs.
   *
   * @returns false if a row went past a budget, or deeper than the engine's stack allows, or the engine can't compile the
   * kernel: the results are then unfinished.
   */
  runInMemory(
    memory: WebAssemblyMemory,
    rows: number,
    strides: readonly number[],
    addresses: readonly number[],
  ): boolean {
    if (rows < this.lanes) throw new SoftmachineError(`a kernel runs on ${this.lanes} rows or more, not on ${rows}`);
    const kernel = this.kernel(memory, strides);
    if (!kernel) return false;
    const vectors = Math.floor(rows / this.lanes);
    try {
      kernel(vectors, ...addresses);
      if (vectors * this.lanes < rows) {
        // The last vector overlaps the one before.
        const skipped = (rows - this.lanes) * this.elementBytes;
        kernel(1, ...addresses.map((address, i) => (strides[i] === 0 ? address : address + skipped)));
      }
      return true;
    } catch {
      // A trap, which is how a kernel stops, or the end of the stack.
      return false;
    }
  }

  /** As a batch function of `slots`, on arrays that lie anywhere. Returns false as `runInMemory`. */
  run(...[rows, strides, ...arrays]: Parameters<BatchFunction>): boolean {
    const { arithmetic, main } = this.graph;
    scratch ??= newMemory(scratchBytes / pageBytes);
    const most = Math.floor((scratchBytes / arrays.length - 128) / this.elementBytes / this.lanes) * this.lanes;
    const size = Math.min(rows, most);
    if (this.block?.rows !== size) this.block = columnsIn(scratch, arrays.length, size, arithmetic.dtype);
    const { arrays: columns, addresses } = this.block;
    const inputs = main.parameters.length;
    for (let start = 0; start < rows; start += size) {
      // The last block overlaps the one before, so that all have one size.
      const first = Math.min(start, rows - size);
      for (let i = 0; i < inputs; i++) {
        if (strides[i] === 0) columns[i][0] = arrays[i][0];
        else columns[i].set(size === rows ? arrays[i] : arrays[i].subarray(first, first + size));
      }
      if (!this.runInMemory(scratch, size, strides, addresses)) return false;
      for (let i = inputs; i < arrays.length; i++) arrays[i].set(columns[i], first);
    }
    return true;
  }

  private kernel(memory: WebAssemblyMemory, strides: readonly number[]): BoundKernel | undefined {
    const kernels = this.bound.get(memory) ?? new Map<string, BoundKernel>();
    this.bound.set(memory, kernels);
    const pattern = strides.join("");
    const found = kernels.get(pattern);
    if (found) return found;
    const bytes = graphToWasm(this.graph, {
      broadcast: this.graph.inputs.map((_, i) => strides[i] === 0),
      iterations: this.budget.iterations,
      frames: this.budget.frames,
      shared: typeof SharedArrayBuffer !== "undefined" && memory.buffer instanceof SharedArrayBuffer,
    });
    let module: WebAssemblyModule;
    try {
      module = compiledKernel(bytes);
    } catch {
      // More than the engine compiles.
      this.suitable = false;
      return undefined;
    }
    const kernel = exportedFunction(instantiate(module, { env: { memory } }), kernelName);
    kernels.set(pattern, kernel);
    return kernel;
  }
}
