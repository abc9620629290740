/** The memory of a soft machine: the kernels that work in it, and its arrays from JavaScript's side. */
import { alu, instructions, operationCount } from "../assembler/index.js";
import { newMemory, pageBytes, type WebAssemblyMemory } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import {
  type ContextField,
  contextFields,
  entryBytes,
  entryWeight,
  stateOffsets,
  vectorBytes,
} from "./soft-kernel/context.js";
import { type SoftKernels, softKernels } from "./soft-kernel/kernels.js";
import {
  type BatchArrays,
  checkBytes,
  laneTypes,
  numberBytes,
  type SoftDtype,
  type SoftLayout,
} from "./soft-layout.js";
import type { SoftProgram } from "./soft-program.js";
import { programTables, type SparseRows } from "./soft-tables.js";
import type { Floats } from "./tabulated-call.js";

/**
 * Arrays of a batch in the machine's memory, one row after the other: registers [batch, registers, n], memory [batch,
 * memorySize, n], counter [batch, lines], halted [batch]. They are views, taken anew each time they are asked for.
 */
export interface SoftViews {
  readonly registers: Floats;
  readonly memory: Floats;
  readonly counter: Floats;
  readonly halted: Floats;
}

/** Kernels and the memory that they work in, for one machine at a time. */
export class SoftRoom {
  readonly memory = newMemory(1);
  readonly kernels: SoftKernels;

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  constructor(dtype: SoftDtype = "float64") {
    this.kernels = softKernels(laneTypes[dtype], this.memory);
  }
}

/** A room laid out for machines of one shape. */
export class SoftWorkspace {
  private readonly kernels: SoftKernels;
  private readonly memory: WebAssemblyMemory;
  private hasProducts = false;
  private hasTables = false;

  constructor(
    private readonly layout: SoftLayout,
    room: SoftRoom,
  ) {
    this.kernels = room.kernels;
    this.memory = room.memory;
    const { cleared, entries } = layout;
    this.reserve(entries);
    // The memory may have served another machine.
    new Uint8Array(this.memory.buffer, cleared.from, cleared.bytes).fill(0);
  }

  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Writes a program's tables, and the context. */
  load(program: SoftProgram): void {
    const tables = programTables(program);
    const { entries } = this.layout;
    const count = tables.lines.offsets.length + tables.labels.offsets.length;
    this.reserve(entries + count * entryBytes);
    const labels = this.writeRows("lineStarts", tables.lines, entries);
    this.writeRows("labelStarts", tables.labels, labels);
    this.integers(this.address("present"), tables.present.length).set(tables.present);
    if (tables.present[instructions.mul.number]) this.fillProducts();
    this.writeOperationTables();
    this.writeContext(program.mixing);
  }

  /** From the rows of a batch array that are a group's, to vectors. */
  pack(array: number, width: number, group: number, to: number): void {
    const { lanes, zeros, shape } = this.layout;
    const rows = Array.from({ length: lanes }, (_, lane) => {
      const row = group * lanes + lane;
      return row < shape.batch ? array + row * width * numberBytes[shape.dtype] : zeros;
    });
    this.kernels.pack(...rows, to, width);
  }

  /** From vectors to the rows of a batch array that are a group's. */
  unpack(from: number, array: number, width: number, group: number): void {
    const { lanes, shape } = this.layout;
    // A lane without a row writes where the group's first row, which is written last, then is.
    const rows = Array.from({ length: lanes }, (_, lane) => {
      const row = group * lanes + (group * lanes + lane < shape.batch ? lane : 0);
      return array + row * width * numberBytes[shape.dtype];
    });
    this.kernels.unpack(from, width, ...rows);
  }

  /** Where a state's registers are. */
  registersOf(state: number): number {
    return state + stateOffsets.counter + this.layout.shape.lines * vectorBytes;
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

  fillProducts(): void {
    if (this.hasProducts) return;
    this.hasProducts = true;
    const { n } = this.layout.shape;
    const table = new Uint16Array(this.memory.buffer, this.address("products"), n * n);
    for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) table[a * n + b] = alu.mul(a, b, n);
  }

  /** The tables of the shape's own operations. */
  private writeOperationTables(): void {
    if (this.hasTables) return;
    this.hasTables = true;
    const { tables = [] } = this.layout.shape;
    const heads = this.integers(this.address("tables"), 2 * tables.length);
    let at = this.address("tableValues");
    tables.forEach(({ operands, values }, i) => {
      heads.set([operands, at], 2 * i);
      new Uint16Array(this.memory.buffer, at, values.length).set(values);
      at += values.byteLength;
    });
  }

  private writeContext(mixing: SoftProgram["mixing"]): void {
    const { n, registers, memorySize, lines } = this.layout.shape;
    const operations = operationCount(this.layout.shape);
    const choices = operations + 3 * registers + n;
    const mixesLogits = mixing === "logits" ? 1 : 0;
    const sizes: readonly (readonly [ContextField, number])[] = [
      ["n", n],
      ["registers", registers],
      ["memorySize", memorySize],
      ["lines", lines],
      ["operations", operations],
      ["choices", choices],
      ["mixesLogits", mixesLogits],
    ];
    for (const [field, value] of [...this.layout.fields, ...sizes]) this.setField(field, value);
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

  /** Where an array of the context is. */
  address(field: ContextField): number {
    const address = this.layout.fields.get(field);
    if (address === undefined) throw new SoftmachineError(`the soft machine keeps no "${field}"`);
    return address;
  }

  /** Sets a field of the context. */
  setField(field: ContextField, value: number): void {
    this.integers(this.layout.context, contextFields.length)[contextFields.indexOf(field)] = value;
  }

  /** Zeros an array of vectors. */
  clear(field: ContextField, count: number): void {
    new Uint8Array(this.memory.buffer, this.address(field), count * vectorBytes).fill(0);
  }

  copy(from: number, to: number, bytes: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + bytes);
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
