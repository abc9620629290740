import { isShared, type WebAssemblyMemory } from "../kernel/index.js";
import { type Budget, SoftmachineError, withinStack } from "../scheme/index.js";
import type { ColumnProgram } from "../tensor/index.js";
import { floatsAt, newColumns } from "./columns.js";
import type { Arithmetic, Graph } from "./graph.js";
import { type BatchFunction, compileBatch, type Floats } from "./slots.js";
import { leastKernelRows, mayShare, WasmExecutor } from "./wasm-executor.js";

/** Arrays of `rows` numbers; in one memory, at byte addresses, where kernels may run on them as they lie. */
export interface PreparedColumns {
  readonly rows: number;
  readonly arrays: readonly Floats[];
  readonly inMemory?: { readonly memory: WebAssemblyMemory; readonly addresses: readonly number[] };
}

const noRoom = (rows: number) => `${rows} rows are more than memory holds`;

/** @throws SoftmachineError if memory doesn't hold so many. */
export function newFloats(dtype: Arithmetic["dtype"], rows: number): Floats {
  try {
    return dtype === "float32" ? new Float32Array(rows) : new Float64Array(rows);
  } catch {
    throw new SoftmachineError(noRoom(rows));
  }
}

/** Bytes of an array from which zeroes cost more than they are worth, and past which no buffer is so long. */
const manyBytes = 2 ** 18;
const mostBytes = 2 ** 30;

/**
 * Arrays that are written whole before anyone sees them; large ones start with anything in them, where that can be had.
 * @throws SoftmachineError if memory doesn't hold so many.
 */
export function newResults(dtype: Arithmetic["dtype"], rows: number): Floats {
  const bytes = rows * (dtype === "float32" ? 4 : 8);
  if (bytes < manyBytes || bytes > mostBytes || typeof Buffer === "undefined") return newFloats(dtype, rows);
  try {
    const { buffer } = Buffer.allocUnsafeSlow(bytes);
    return dtype === "float32" ? new Float32Array(buffer) : new Float64Array(buffer);
  } catch {
    throw new SoftmachineError(noRoom(rows));
  }
}

/**
 * Arrays for a prepared batch of a graph: in a memory that kernels run in, if there are rows enough and there is such a
 * memory; it is shared with other threads where these might take part.
 */
export function prepareColumns(count: number, rows: number, graph: Graph): PreparedColumns {
  const { dtype } = graph.arithmetic;
  if (rows >= leastKernelRows) {
    const shared = mayShare(graph, rows);
    try {
      const { memory, addresses, arrays } = newColumns(count, rows, dtype, shared);
      return { rows, arrays, inMemory: { memory, addresses } };
    } catch (error) {
      if (!(error instanceof SoftmachineError)) throw error;
    }
  }
  return { rows, arrays: Array.from({ length: count }, () => newFloats(dtype, rows)) };
}

/**
 * Runs a graph on batches: as a SIMD kernel where there are rows enough and a kernel can run it; else, and where a row goes
 * past a budget, on slots, which say what is wrong.
 */
export class BatchRunner {
  private readonly graph: Graph;
  private readonly budget: Budget;
  private readonly wasm: WasmExecutor;
  private slots: BatchFunction | undefined;

  constructor(graph: Graph, budget: Budget) {
    this.graph = graph;
    this.budget = budget;
    this.wasm = new WasmExecutor(graph, budget);
  }

  /** See `BatchFunction`. */
  run(...args: Parameters<BatchFunction>): void {
    if (!this.wasm.runs(args[0]) || !this.wasm.run(...args)) this.onSlots(...args);
  }

  /** Runs on columns that lie in a memory, copying nothing; see `WasmExecutor.runInMemory`. */
  runInMemory(...args: Parameters<ColumnProgram["runInMemory"]>): void {
    const [memory, rows, strides, addresses, blocks] = args;
    if (this.wasm.runs(rows) && this.wasm.runInMemory(memory, rows, strides, addresses, false, blocks)) return;
    const { dtype } = this.graph.arithmetic;
    for (let block = 0; block < (blocks?.count ?? 1); block++) {
      const arrays = addresses.map((address, i) => {
        const start = address + block * (blocks?.steps[i] ?? 0);
        return floatsAt(memory, start, strides[i] === 0 ? 1 : rows, dtype);
      });
      this.onSlots(rows, strides, ...arrays);
    }
  }

  /** A function that runs on columns: those of the inputs, then of the results, by their places. */
  prepared({ rows, arrays, inMemory }: PreparedColumns, places: readonly number[]): () => void {
    const strides = this.graph.inputs.map(() => 1);
    const onSlots = () => this.onSlots(rows, strides, ...places.map((place) => arrays[place]));
    if (!inMemory || !this.wasm.runs(rows)) return onSlots;
    const addresses = places.map((place) => inMemory.addresses[place]);
    const { memory } = inMemory;
    const run = (together = false) => this.wasm.runInMemory(memory, rows, strides, addresses, together);
    const way = isShared(memory) ? this.wasm.fasterWay(rows) : undefined;
    return () => {
      if (!(way ? way.run(run) : run())) onSlots();
    };
  }

  private onSlots(...args: Parameters<BatchFunction>): void {
    this.slots ??= withinStack(this.graph.source, () => compileBatch(this.graph, this.budget));
    this.slots(...args);
  }
}
