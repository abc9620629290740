/** The memory of a soft machine: the kernels that work in it, and its arrays from JavaScript's side. */
import { alu, instructionCount, instructions } from "../assembler/index.js";
import { isShared, mostPages, newMemory, pageBytes, threads, type WebAssemblyMemory } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { BinaryProgram } from "./binary-program.js";
import { writeLevels } from "./bit-levels.js";
import { writeCircuits } from "./circuit-tables.js";
import { type EncodedProgram, isBinary } from "./encoded-program.js";
import {
  type ContextField,
  contextFields,
  type Encoding,
  entryBytes,
  entryWeight,
  vectorBytes,
} from "./soft-kernel/context.js";
import { type SoftKernels, softKernels } from "./soft-kernel/kernels.js";
import { type BatchArrays, checkBytes, laneTypes, lineBytes, type SoftDtype, type SoftLayout } from "./soft-layout.js";
import { programTables, type SparseRows } from "./soft-tables.js";
import type { Floats } from "./tabulated-call.js";

/**
 * Arrays of a batch in the machine's memory, one row after the other: registers [batch, registers, n], memory [batch,
 * memorySize, n], counter [batch, lines], halted [batch]; of values on bits with bits in place of n. They are views, taken anew each time they are asked for.
 */
export interface SoftViews {
  readonly registers: Floats;
  readonly memory: Floats;
  readonly counter: Floats;
  readonly halted: Floats;
}

/** Kernels and the memory that they work in, for one machine at a time. */
export class SoftRoom {
  readonly kernels: SoftKernels;

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  get isShared(): boolean {
    return isShared(this.memory);
  }

  constructor(
    dtype: SoftDtype,
    encoding: Encoding,
    readonly memory: WebAssemblyMemory = newMemory(1),
  ) {
    this.kernels = softKernels(laneTypes[dtype], encoding, memory);
  }

  /** A room for a machine of a layout: in a memory that threads share if they might share the work. */
  static for(layout: SoftLayout): SoftRoom {
    const { dtype, encoding } = layout.shape;
    return new SoftRoom(dtype, encoding, mayShare(layout) ? newMemory(1, mostPages) : newMemory(1));
  }

  /** Whether it is as good for a layout as one made for it. */
  serves(layout: SoftLayout): boolean {
    return this.isShared || !mayShare(layout);
  }
}

let products = new Uint16Array(0);

/** [n, n]: a * b mod n. The last table is kept. */
function productsOf(n: number): Uint16Array {
  if (products.length === n * n) return products;
  products = new Uint16Array(n * n);
  for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) products[a * n + b] = alu.mul(a, b, n);
  return products;
}

const mayShare = ({ parts }: SoftLayout): boolean => parts.count > 1 && threads() > 1;

/** Where each field is in a context. */
const placeOf = Object.fromEntries(contextFields.map((field, place) => [field, place])) as Record<ContextField, number>;

/** Bytes that other threads may have for themselves, all together: 64 MiB. */
const mostThreadBytes = 2 ** 26;

/** A room laid out for machines of one shape. */
export class SoftWorkspace {
  /** Threads that may work in it. */
  readonly threads: number;
  /** Where the first thread's context is. */
  context = 0;
  private readonly memory: WebAssemblyMemory;
  private hasProducts = false;
  /** Arrays of the batch: initial states, results, the loss's gradient in these and in those. */
  readonly arrays: { in: BatchArrays; out: BatchArrays; gOut: BatchArrays; gIn: BatchArrays };

  /** @param base where it begins: a byte address, a multiple of 64. */
  constructor(
    private readonly layout: SoftLayout,
    { memory, isShared }: SoftRoom,
    private readonly base = 0,
  ) {
    this.memory = memory;
    const placed = ({ registers, memory, counter, halted }: BatchArrays): BatchArrays => ({
      ...{ registers: base + registers, memory: base + memory, counter: base + counter, halted: base + halted },
    });
    const { inputs, results, cotangents, gradients } = layout;
    this.arrays = { in: placed(inputs), out: placed(results), gOut: placed(cotangents), gIn: placed(gradients) };
    const { cleared, entries, parts, threadBytes } = layout;
    const others = Math.floor(mostThreadBytes / threadBytes);
    this.threads = isShared ? Math.min(parts.count, threads(), 1 + others) : 1;
    this.reserve(base + entries);
    // The memory may have served another machine.
    new Uint8Array(memory.buffer, base + cleared.from, cleared.bytes).fill(0);
    this.writeOperationTables();
    const { encoding, n, dtype } = layout.shape;
    if (encoding === "binary") writeCircuits(memory.buffer, this.address("circuits"), n, laneTypes[dtype]);
  }

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Writes a program's tables, and the contexts. */
  load(program: EncodedProgram): void {
    const tables = programTables(program);
    const { threadBytes } = this.layout;
    const entries = this.base + this.layout.entries;
    const count = tables.lines.offsets.length + tables.labels.offsets.length;
    this.context = Math.ceil((entries + count * entryBytes) / lineBytes) * lineBytes;
    this.reserve(this.context + this.threads * threadBytes);
    this.writeContexts(program.mixing);
    const labels = this.writeRows("lineStarts", tables.lines, entries);
    this.writeRows("labelStarts", tables.labels, labels);
    if (isBinary(program)) this.writeBitTables(program);
    this.integers(this.address("present"), tables.present.length).set(tables.present);
    this.setField("ownPresent", tables.present.subarray(instructionCount).some((isPresent) => isPresent !== 0) ? 1 : 0);
    if (tables.present[instructions.mul.number]) this.fillProducts();
  }

  private writeRows(field: ContextField, { starts, offsets, weights }: SparseRows, at: number): number {
    this.integers(this.address(field), starts.length).set(starts.map((start) => at + start * entryBytes));
    const entries = new DataView(this.memory.buffer, at, offsets.length * entryBytes);
    const single = this.layout.shape.dtype === "float32";
    for (let i = 0, byte = 0; i < offsets.length; i++, byte += entryBytes) {
      entries.setInt32(byte, offsets[i], true);
      if (single) entries.setFloat32(byte + entryWeight, weights[i], true);
      else entries.setFloat64(byte + entryWeight, weights[i], true);
    }
    return at + offsets.length * entryBytes;
  }

  /** Fills the table of products, where there is one. */
  fillProducts(): void {
    if (this.hasProducts || this.layout.shape.encoding === "binary") return;
    this.hasProducts = true;
    const { n } = this.layout.shape;
    new Uint16Array(this.memory.buffer, this.address("products"), n * n).set(productsOf(n));
  }

  /** The tables of the program's own operations. */
  private writeOperationTables(): void {
    const { tables = [] } = this.layout.shape;
    const heads = this.integers(this.address("tables"), 2 * tables.length);
    let at = this.address("tableValues");
    tables.forEach(({ operands, values }, i) => {
      heads.set([operands, at], 2 * i);
      new Uint16Array(this.memory.buffer, at, values.length).set(values);
      at += values.byteLength;
    });
  }

  /** What values of bits name: labels' lines, and for each thread how values are reduced modulo the cells and the lines. */
  private writeBitTables({ labels, bits, lines, memorySize, tables = [] }: BinaryProgram): void {
    const entries = [...labels.keys()].flatMap((value) => [value, (value % lines) * vectorBytes]);
    this.integers(this.address("labels"), entries.length).set(entries);
    const { buffer } = this.memory;
    for (let thread = 0; thread < this.threads; thread++) {
      const at = (field: ContextField) => this.address(field) + thread * this.layout.threadBytes;
      writeLevels(buffer, at("cellLevels"), at("address"), bits, memorySize);
      writeLevels(buffer, at("lineLevels"), at("named"), bits, lines);
      if (tables.length === 0) continue;
      writeLevels(buffer, at("uLevels"), at("uValues"), bits, 2 ** bits);
      writeLevels(buffer, at("vLevels"), at("vValues"), bits, 2 ** bits);
    }
  }

  private writeContexts(mixing: EncodedProgram["mixing"]): void {
    const { context: values, kinds, threadBytes } = this.layout;
    for (let thread = 0; thread < this.threads; thread++) {
      const context = this.context + thread * threadBytes;
      const from = [0, this.base, context];
      const fields = this.integers(context, values.length);
      for (let i = 0; i < values.length; i++) fields[i] = values[i] + from[kinds[i]];
    }
    this.setField("mixesLogits", mixing === "logits" ? 1 : 0);
    for (const which of ["in", "out", "gOut", "gIn"] as const) this.useArrays(which, this.arrays[which]);
  }

  /** Tells the kernels where arrays of the batch are. */
  useArrays(which: keyof SoftWorkspace["arrays"], arrays: BatchArrays): void {
    this.arrays[which] = arrays;
    this.setField(`${which}Registers`, arrays.registers);
    this.setField(`${which}Memory`, arrays.memory);
    this.setField(`${which}Counter`, arrays.counter);
    if (which === "out" || which === "gOut") this.setField(`${which}Halted`, arrays.halted);
  }

  views(arrays: BatchArrays, batch: number): SoftViews {
    const { registers, memorySize, n, lines } = this.layout.shape;
    return {
      registers: this.floats(arrays.registers, batch * registers * n),
      memory: this.floats(arrays.memory, batch * memorySize * n),
      counter: this.floats(arrays.counter, batch * lines),
      halted: this.floats(arrays.halted, batch),
    };
  }

  /** An array of vectors, as numbers. */
  lanesOf(field: ContextField, count: number): Floats {
    return this.floats(this.address(field), count * this.layout.lanes);
  }

  /** The sum of a vector's lanes. */
  laneSum(lanes: Floats, index: number): number {
    let sum = 0;
    const { lanes: count } = this.layout;
    for (let lane = 0; lane < count; lane++) sum += lanes[index * count + lane];
    return sum;
  }

  /** Where an array is; the first thread's, where each has one. */
  address(field: ContextField): number {
    const { shared, own } = this.layout;
    const [common, offset] = [shared[field], own[field]];
    if (common !== undefined) return this.base + common;
    if (offset === undefined) throw new SoftmachineError(`the soft machine keeps no "${field}"`);
    return this.context + offset;
  }

  /** Sets a field of all threads' contexts. */
  setField(field: ContextField, value: number): void {
    for (let thread = 0; thread < this.threads; thread++)
      this.integers(this.context + thread * this.layout.threadBytes + 4 * placeOf[field], 1)[0] = value;
  }

  integers(address: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, count);
  }

  floats(address: number, count: number): Floats {
    return this.layout.shape.dtype === "float32"
      ? new Float32Array(this.memory.buffer, address, count)
      : new Float64Array(this.memory.buffer, address, count);
  }

  private reserve(bytes: number): void {
    checkBytes(this.layout.shape, bytes);
    const missing = Math.ceil((bytes - this.memory.buffer.byteLength) / pageBytes);
    if (missing <= 0) return;
    try {
      this.memory.grow(missing);
    } catch {
      throw new SoftmachineError(`a soft run takes ${Math.ceil(bytes / 2 ** 20)} MiB, which could not be had`);
    }
  }
}
