import { newMemory, pageBytes, type WebAssemblyMemory } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { Arithmetic } from "./graph.js";
import type { Floats } from "./slots.js";

type Dtype = Arithmetic["dtype"];

/** Arrays of `rows` numbers in one memory. */
export interface Columns {
  readonly memory: WebAssemblyMemory;
  readonly rows: number;
  readonly arrays: readonly Floats[];
  /** Byte addresses. */
  readonly addresses: readonly number[];
}

/** Bytes from one column to the next: vectors are aligned, and columns of 2^k rows don't meet in the same cache lines. */
const pitchOf = (rows: number, dtype: Dtype): number =>
  64 * Math.ceil((rows * (dtype === "float32" ? 4 : 8)) / 64) + 64;

/** Columns from the start of a memory. */
export function columnsIn(memory: WebAssemblyMemory, count: number, rows: number, dtype: Dtype): Columns {
  const addresses = Array.from({ length: count }, (_, i) => i * pitchOf(rows, dtype));
  return { memory, rows, addresses, arrays: addresses.map((address) => floatsAt(memory, address, rows, dtype)) };
}

export const floatsAt = ({ buffer }: WebAssemblyMemory, address: number, rows: number, dtype: Dtype): Floats =>
  dtype === "float32" ? new Float32Array(buffer, address, rows) : new Float64Array(buffer, address, rows);

/**
 * Columns in a memory of their own, which threads may share.
 * @throws SoftmachineError if there is no such memory.
 */
export function newColumns(count: number, rows: number, dtype: Dtype, shared: boolean): Columns {
  const bytes = count * pitchOf(rows, dtype);
  if (!(bytes <= 2 ** 32)) throw new SoftmachineError(`${rows} rows are more than memory holds`);
  const pages = Math.ceil(bytes / pageBytes);
  return columnsIn(newMemory(pages, shared ? pages : undefined), count, rows, dtype);
}
