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
import { canRunAsKernel, graphToWasm, kernelName, lanesOf, needsTape } from "./graph-to-wasm.js";
import type { BatchFunction, Floats } from "./slots.js";

/** Rows from which a kernel is worth making; fewer run on slots. */
export const leastKernelRows = 64;

/** Bytes of the memory through which batches pass whose arrays lie elsewhere, a block of rows at a time. */
const scratchBytes = 16 * pageBytes;

/** Compiled kernels, by their bytes: equal programs share one. */
const compiledKernels = new Map<string, WebAssemblyModule>();
const mostKernels = 256;

let scratch: WebAssemblyMemory | undefined;

/** As `scratch`, for graphs that go back over loops: their tape takes all that follows the block, which may grow. */
let tapeScratch: WebAssemblyMemory | undefined;
/** Bytes past which a tape grows no further. */
const mostTapeBytes = 2 ** 30;

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

/** A function on one memory: how many whole vectors, then the address of each array, then the ends of a tape's memory. */
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
  return { memory, rows, addresses, arrays: addresses.map((address) => floatsAt(memory, address, rows, dtype)) };
}

const floatsAt = ({ buffer }: WebAssemblyMemory, address: number, rows: number, dtype: Graph["arithmetic"]["dtype"]) =>
  dtype === "float32" ? new Float32Array(buffer, address, rows) : new Float64Array(buffer, address, rows);

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
  private readonly needsTape: boolean;
  private suitable: boolean;
  /** The scratch columns of the last batch, which the next is likely to need again. */
  private block: Columns | undefined;

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

  /**
   * Runs on arrays that lie in a memory, at byte addresses: of each input (stride 1, or 0 for one value in all rows), then
   * of each result. There must be at least one vector of rows, 4 in float32 and 2 in float64, and results must not overlap
   * inputs. Copies nothing, unless the graph goes back over loops: that takes memory of its own.
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
    if (!this.needsTape) return this.runKernel(memory, rows, strides, addresses, []);
    const { dtype } = this.graph.arithmetic;
    const arrays = addresses.map((address, i) => floatsAt(memory, address, strides[i] === 0 ? 1 : rows, dtype));
    return this.run(rows, strides, ...arrays);
  }

  private runKernel(
    memory: WebAssemblyMemory,
    rows: number,
    strides: readonly number[],
    addresses: readonly number[],
    tape: readonly number[],
  ): boolean {
    const kernel = this.kernel(memory, strides);
    if (!kernel) return false;
    const vectors = Math.floor(rows / this.lanes);
    try {
      kernel(vectors, ...addresses, ...tape);
      if (vectors * this.lanes < rows) {
        // The last vector overlaps the one before.
        const skipped = (rows - this.lanes) * this.elementBytes;
        kernel(1, ...addresses.map((address, i) => (strides[i] === 0 ? address : address + skipped)), ...tape);
      }
      return true;
    } catch {
      // A trap, which is how a kernel stops, or the end of the stack.
      return false;
    }
  }

  /** Runs with a tape, in the rest of the memory, which grows until that is enough. */
  private runWithTape(
    memory: WebAssemblyMemory,
    rows: number,
    strides: readonly number[],
    addresses: readonly number[],
  ): boolean {
    for (;;) {
      const size = memory.buffer.byteLength - scratchBytes;
      const exhausted = new Int32Array(memory.buffer, scratchBytes, 1).fill(0);
      if (this.runKernel(memory, rows, strides, addresses, [scratchBytes, scratchBytes + size])) return true;
      if (exhausted[0] === 0 || size >= mostTapeBytes) return false;
      try {
        memory.grow(size / pageBytes);
      } catch {
        return false;
      }
    }
  }

  /** As a batch function of `slots`, on arrays that lie anywhere. Returns false as `runInMemory`. */
  run(...[rows, strides, ...arrays]: Parameters<BatchFunction>): boolean {
    const { arithmetic, main } = this.graph;
    scratch ??= newMemory(scratchBytes / pageBytes);
    if (this.needsTape) tapeScratch ??= newMemory((2 * scratchBytes) / pageBytes);
    const memory = (this.needsTape && tapeScratch) || scratch;
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
        ? this.runWithTape(memory, size, strides, addresses)
        : this.runInMemory(memory, size, strides, addresses);
      if (!hasRun) return false;
      const { arrays: results } = block();
      for (let i = inputs; i < arrays.length; i++) arrays[i].set(results[i], first);
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
