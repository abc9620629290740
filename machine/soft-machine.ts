/** A soft machine ready to run: kernels, and a memory laid out for one shape. */
import { alu, instructionCount, instructions } from "../assembler/index.js";
import { newMemory, pageBytes, type WebAssemblyMemory } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import {
  type ContextField,
  contextFields,
  entryBytes,
  entryWeight,
  fieldBits,
  stateOffsets,
  vectorBytes,
} from "./soft-kernel/context.js";
import { type SoftKernels, softKernels } from "./soft-kernel/kernels.js";
import {
  type BatchArrays,
  checkBytes,
  laneTypes,
  layOut,
  numberBytes,
  type SoftDtype,
  type SoftLayout,
} from "./soft-layout.js";
import {
  fieldNames,
  fieldWidth,
  type SoftFields,
  type SoftMask,
  type SoftProgram,
  zeroFields,
} from "./soft-program.js";
import { programTables, type SparseRows, trainedBits } from "./soft-tables.js";
import type { Floats } from "./tabulated-call.js";

export interface SoftMachineOptions {
  readonly batch: number;
  /** The most steps of a run whose gradient is asked for; without one there is no `backward`. */
  readonly gradientSteps?: number;
  /** What is computed with (default "float64"); "float32" runs four machines at a time instead of two. */
  readonly dtype?: SoftDtype;
}

export interface SoftRunOptions {
  readonly steps: number;
  /** See `SoftOptions`. */
  readonly stopWhenHalted?: boolean;
}

export interface SoftBackwardOptions {
  /**
   * Compute the gradient with respect to the program's fields too, all of them (default true) or those of a mask; what is
   * frozen gets zeros, and costs nothing.
   */
  readonly program?: boolean | SoftMask;
  /** Compute the gradient with respect to the label table too (default false). */
  readonly labels?: boolean;
}

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

/** How far a group of machines came in a run. */
interface Progress {
  readonly done: number;
  /** The address of its last state, where that is still there. */
  readonly last: number;
}

/**
 * Runs batches of one shape again and again without allocating: set `program` and `inputs`, call `forward`, read
 * `results`, set `cotangents`, call `backward`, read `gradients`. Machines run in groups of as many as a vector has
 * lanes; groups share nothing but the program and its gradient.
 */
export class SoftMachine {
  readonly layout: SoftLayout;
  /** Steps done in the last run, by row. */
  readonly steps: Int32Array;
  private readonly kernels: SoftKernels;
  private readonly memory: WebAssemblyMemory;
  private progress: Progress[] = [];
  private lastRun: SoftRunOptions | undefined;
  private programGradient = false;
  private labelGradient = false;
  private hasProducts = false;

  /** @throws SoftmachineError when the program's arrays are not of its shape, or a run would not fit in memory. */
  constructor(program: SoftProgram, options: SoftMachineOptions, room: SoftRoom = new SoftRoom(options.dtype)) {
    const { n, registers, memorySize, lines } = program;
    const { batch, gradientSteps = 0, dtype = "float64" } = options;
    this.layout = layOut({ n, registers, memorySize, lines, batch, recorded: gradientSteps, dtype }, 0);
    this.kernels = room.kernels;
    this.memory = room.memory;
    this.steps = new Int32Array(batch);
    // The memory may have served another machine.
    const { cleared, entries } = this.layout;
    this.reserve(entries);
    new Uint8Array(this.memory.buffer, cleared.from, cleared.bytes).fill(0);
    this.load(program);
  }

  /** Changes to a program of the same shape. */
  load(program: SoftProgram): void {
    const tables = programTables(program);
    this.lastRun = undefined;
    const { entries, shape } = this.layout;
    const count = tables.lines.offsets.length + tables.labels.offsets.length;
    this.reserve(entries + count * entryBytes);
    const labels = this.writeRows("lineStarts", tables.lines, entries);
    this.writeRows("labelStarts", tables.labels, labels);
    this.integers(this.address("present"), instructionCount).set(tables.present);
    if (tables.present[instructions.mul.number]) this.fillProducts();
    this.writeContext(shape.n + 3 * shape.registers + instructionCount, program.mixing);
  }

  /** Whether a machine for a program, a batch and so many recorded steps would be like this one. */
  fits({ n, registers, memorySize, lines }: SoftProgram, batch: number, gradientSteps: number): boolean {
    const { shape } = this.layout;
    return (
      shape.n === n &&
      shape.registers === registers &&
      shape.memorySize === memorySize &&
      shape.lines === lines &&
      shape.batch === batch &&
      shape.recorded === gradientSteps
    );
  }

  /** Bytes of the memory that everything is in. */
  get bytes(): number {
    return this.memory.buffer.byteLength;
  }

  /** Initial registers, memory and counters, to be set; `halted` is not read. */
  get inputs(): SoftViews {
    return this.views(this.layout.inputs, this.layout.shape.batch);
  }

  /** The read-out of the last run. */
  get results(): SoftViews {
    return this.views(this.layout.results, this.layout.shape.batch);
  }

  /** The gradient of a loss with respect to the results, to be set. */
  get cotangents(): SoftViews {
    return this.views(this.layout.cotangents, this.recordedBatch);
  }

  /** The gradient with respect to the inputs; `halted` is not written. */
  get gradients(): SoftViews {
    return this.views(this.layout.gradients, this.recordedBatch);
  }

  /** Runs the batch. With `record`, for `backward`. */
  forward(run: SoftRunOptions, record = false): void {
    const { layout, kernels } = this;
    const { recording, groups, stateBytes, context } = layout;
    const { steps } = run;
    if (record && steps > layout.shape.recorded) {
      throw new SoftmachineError(`this soft machine records ${layout.shape.recorded} steps, not ${steps}`);
    }
    const stops = run.stopWhenHalted ?? true;
    this.setField("stops", stops ? 1 : 0);
    this.setField("readsOut", 1);
    this.progress = [];
    this.lastRun = record ? run : undefined;
    const keepsAll = record && recording.checkpoints === undefined;
    for (let group = 0; group < groups; group++) {
      const index = keepsAll ? group * (recording.segment + 1) : 0;
      const first = recording.states + index * stateBytes;
      this.begin(group, first, recording.memories + index * layout.memoryBytes);
      const stride = keepsAll ? stateBytes : 0;
      let done = 0;
      if (!record || keepsAll) done = kernels.run(context, first, stride, steps);
      else {
        for (let segment = 0; segment * recording.segment < steps; segment++) {
          this.keep(group, segment);
          const most = Math.min(recording.segment, steps - segment * recording.segment);
          const some = kernels.run(context, first, 0, most);
          done += some;
          if (some < most) break;
        }
      }
      const last = first + done * stride;
      this.progress.push({ done, last });
      kernels.finish(context, last);
      this.end(group, last);
    }
  }

  /**
   * Reverse-mode differentiation of the last recorded run.
   *
   * @throws SoftmachineError when there is none.
   */
  backward({ program = true, labels = false }: SoftBackwardOptions = {}): void {
    const { layout, kernels, lastRun } = this;
    if (lastRun === undefined)
      throw new SoftmachineError("backward needs a recorded run of the same program before it");
    const { recording, groups, context, stateBytes } = layout;
    const { lines, n } = layout.shape;
    const trained = trainedBits(layout.shape, program);
    this.integers(this.address("trained"), lines).set(trained);
    if (trained.some((fields) => (fields & fieldBits.op) !== 0)) this.fillProducts();
    this.programGradient = program !== false;
    this.labelGradient = labels;
    this.setField("readsOut", 0);
    this.setField("wantsLabels", labels ? 1 : 0);
    const choices = instructionCount + 3 * layout.shape.registers + n;
    if (this.programGradient) this.clear("gProgram", lines * choices);
    if (labels) this.clear("gLabels", lines * n);
    for (let group = 0; group < groups; group++) {
      const { done, last } = this.progress[group];
      this.packCotangents(group);
      this.setField("memoryValued", 0);
      if (recording.checkpoints === undefined) {
        kernels.beginAdjoint(context, last);
        kernels.runBackward(context, last, stateBytes, done);
      } else this.segmentsBackward(group, done);
      kernels.flushMemoryGradient(context);
      this.unpackGradients(group);
    }
  }

  /** The gradient with respect to the program, summed over the batch, if the last `backward` computed it. */
  takeProgramGradient(): SoftFields | undefined {
    if (!this.programGradient) return undefined;
    const { shape } = this.layout;
    const fields = zeroFields(shape);
    const lanes = this.lanesOf("gProgram", shape.lines * (instructionCount + 3 * shape.registers + shape.n));
    let at = 0;
    for (let line = 0; line < shape.lines; line++) {
      for (const field of fieldNames) {
        const width = fieldWidth(field, shape);
        for (let i = 0; i < width; i++, at++) fields[field][line * width + i] = this.laneSum(lanes, at);
      }
    }
    return fields;
  }

  /** [n, lines]: the gradient with respect to the label table, if the last `backward` computed it. */
  takeLabelGradient(): Float64Array | undefined {
    if (!this.labelGradient) return undefined;
    const { n, lines } = this.layout.shape;
    const lanes = this.lanesOf("gLabels", n * lines);
    return Float64Array.from({ length: n * lines }, (_, i) => this.laneSum(lanes, i));
  }

  /** The state of the first row of the batch before each step, and after the last; with the weight of its halting there. */
  *trace(steps: number): Generator<{ state: SoftViews; halting: number }> {
    const { layout, kernels } = this;
    const { context, recording, results } = layout;
    const { states } = recording;
    this.setField("stops", 1);
    this.setField("readsOut", 0);
    this.begin(0, states, recording.memories);
    let halting = 0;
    for (let step = 0; ; step++) {
      const { registers, memorySize, n, lines } = layout.shape;
      this.unpack(this.registersOf(states), results.registers, registers * n, 0);
      this.unpack(this.integers(states, 1)[0], results.memory, memorySize * n, 0);
      this.unpack(states + stateOffsets.counter, results.counter, lines, 0);
      this.unpack(states + stateOffsets.halted, results.halted, 1, 0);
      yield { state: this.results, halting };
      if (step === steps || kernels.run(context, states, 0, 1) === 0) return;
      halting = this.floats(this.address("op") + instructions.halt.number * vectorBytes, 1)[0];
    }
  }

  /** Runs the segments again, the last first, and goes back through each. */
  private segmentsBackward(group: number, done: number): void {
    const { kernels } = this;
    const { recording, context, stateBytes, memoryBytes } = this.layout;
    const { states, memories, segment } = recording;
    const count = Math.max(1, Math.ceil(done / segment));
    for (let index = count - 1; index >= 0; index--) {
      const { state, memory } = this.checkpoint(group, index);
      this.copy(state, states, stateBytes);
      this.copy(memory, memories, memoryBytes);
      this.integers(states, 1)[0] = memories;
      this.setField("memoryTop", memories + memoryBytes);
      this.setField("memoryValued", 0);
      const steps = kernels.run(context, states, stateBytes, Math.min(segment, done - index * segment));
      const last = states + steps * stateBytes;
      if (index === count - 1) kernels.beginAdjoint(context, last);
      kernels.runBackward(context, last, stateBytes, steps);
    }
  }

  private checkpoint(group: number, segment: number): { state: number; memory: number } {
    const { checkpoints, segments } = this.layout.recording;
    if (checkpoints === undefined) throw new SoftmachineError("this soft machine keeps every state");
    const index = group * segments + segment;
    return {
      state: checkpoints.states + index * this.layout.stateBytes,
      memory: checkpoints.memories + index * this.layout.memoryBytes,
    };
  }

  /** Keeps the state that a segment of a group begins with. */
  private keep(group: number, segment: number): void {
    const { state, memory } = this.checkpoint(group, segment);
    this.copy(this.layout.recording.states, state, this.layout.stateBytes);
    this.copy(this.layout.recording.memories, memory, this.layout.memoryBytes);
  }

  /** A group's initial state; its read-out is yet empty. */
  private begin(group: number, state: number, memory: number): void {
    const { inputs, lanes, shape, memoryBytes } = this.layout;
    const { registers, memorySize, n, lines, batch } = shape;
    this.pack(inputs.registers, registers * n, group, this.registersOf(state));
    this.pack(inputs.memory, memorySize * n, group, memory);
    this.pack(inputs.counter, lines, group, state + stateOffsets.counter);
    this.integers(state, 1)[0] = memory;
    this.setField("memoryTop", memory + memoryBytes);
    const halted = this.floats(state + stateOffsets.halted, lanes);
    const active = this.integers(state + stateOffsets.active, 4);
    for (let lane = 0; lane < lanes; lane++) {
      const present = group * lanes + lane < batch;
      halted[lane] = present ? 0 : 1;
      active.fill(present ? -1 : 0, (4 / lanes) * lane, (4 / lanes) * (lane + 1));
    }
    this.clear("readRegisters", registers * n);
    this.clear("readMemory", memorySize * n);
    this.clear("pending", 1);
    this.clear("done", 1);
  }

  private end(group: number, state: number): void {
    const { results, lanes, shape } = this.layout;
    const { registers, memorySize, n, lines, batch } = shape;
    this.unpack(this.address("readRegisters"), results.registers, registers * n, group);
    this.unpack(this.address("readMemory"), results.memory, memorySize * n, group);
    this.unpack(state + stateOffsets.counter, results.counter, lines, group);
    this.unpack(state + stateOffsets.halted, results.halted, 1, group);
    const done = this.floats(this.address("done"), lanes);
    for (let lane = 0; lane < lanes && group * lanes + lane < batch; lane++)
      this.steps[group * lanes + lane] = done[lane];
  }

  private packCotangents(group: number): void {
    const { kernels } = this;
    const { cotangents, shape } = this.layout;
    const { registers, memorySize, n, lines } = shape;
    const [toRegisters, toMemory] = [this.address("cotangentRegisters"), this.address("cotangentMemory")];
    this.pack(cotangents.registers, registers * n, group, toRegisters);
    this.pack(cotangents.memory, memorySize * n, group, toMemory);
    this.pack(cotangents.counter, lines, group, this.address("gCounter"));
    this.pack(cotangents.halted, 1, group, this.address("gHalted"));
    kernels.mark(toRegisters, registers, n, this.address("registersMarked"));
    kernels.mark(toMemory, memorySize, n, this.address("memoryMarked"));
    this.clear("gRegisters", registers * n);
    this.clear("gMemory", memorySize * n);
  }

  private unpackGradients(group: number): void {
    const { gradients, shape } = this.layout;
    const { registers, memorySize, n, lines } = shape;
    this.unpack(this.address("gRegisters"), gradients.registers, registers * n, group);
    this.unpack(this.address("gMemory"), gradients.memory, memorySize * n, group);
    this.unpack(this.address("gCounter"), gradients.counter, lines, group);
  }

  /** From the rows of a batch array that are a group's, to vectors. */
  private pack(array: number, width: number, group: number, to: number): void {
    const { lanes, zeros, shape } = this.layout;
    const rows = Array.from({ length: lanes }, (_, lane) => {
      const row = group * lanes + lane;
      return row < shape.batch ? array + row * width * numberBytes[shape.dtype] : zeros;
    });
    this.kernels.pack(...rows, to, width);
  }

  private unpack(from: number, array: number, width: number, group: number): void {
    const { lanes, shape } = this.layout;
    // A lane without a row writes where the group's first row, which is written last, then is.
    const rows = Array.from({ length: lanes }, (_, lane) => {
      const row = group * lanes + (group * lanes + lane < shape.batch ? lane : 0);
      return array + row * width * numberBytes[shape.dtype];
    });
    this.kernels.unpack(from, width, ...rows);
  }

  private registersOf(state: number): number {
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

  private fillProducts(): void {
    if (this.hasProducts) return;
    this.hasProducts = true;
    const { n } = this.layout.shape;
    const table = new Uint16Array(this.memory.buffer, this.address("products"), n * n);
    for (let a = 0; a < n; a++) for (let b = 0; b < n; b++) table[a * n + b] = alu.mul(a, b, n);
  }

  private writeContext(choices: number, mixing: SoftProgram["mixing"]): void {
    const { n, registers, memorySize, lines } = this.layout.shape;
    const mixesLogits = mixing === "logits" ? 1 : 0;
    const sizes: readonly (readonly [ContextField, number])[] = [
      ["n", n],
      ["registers", registers],
      ["memorySize", memorySize],
      ["lines", lines],
      ["choices", choices],
      ["mixesLogits", mixesLogits],
    ];
    for (const [field, value] of [...this.layout.fields, ...sizes]) this.setField(field, value);
  }

  private get recordedBatch(): number {
    const { batch, recorded } = this.layout.shape;
    return recorded > 0 ? batch : 0;
  }

  private views(arrays: BatchArrays, batch: number): SoftViews {
    const { registers, memorySize, n, lines } = this.layout.shape;
    return {
      registers: this.floats(arrays.registers, batch * registers * n),
      memory: this.floats(arrays.memory, batch * memorySize * n),
      counter: this.floats(arrays.counter, batch * lines),
      halted: this.floats(arrays.halted, batch),
    };
  }

  private lanesOf(field: ContextField, count: number): Floats {
    return this.floats(this.address(field), count * this.layout.lanes);
  }

  private laneSum(lanes: Floats, index: number): number {
    let sum = 0;
    const { lanes: count } = this.layout;
    for (let lane = 0; lane < count; lane++) sum += lanes[index * count + lane];
    return sum;
  }

  private address(field: ContextField): number {
    const address = this.layout.fields.get(field);
    if (address === undefined) throw new SoftmachineError(`the soft machine keeps no "${field}"`);
    return address;
  }

  private setField(field: ContextField, value: number): void {
    this.integers(this.layout.context, contextFields.length)[contextFields.indexOf(field)] = value;
  }

  private clear(field: ContextField, count: number): void {
    new Uint8Array(this.memory.buffer, this.address(field), count * vectorBytes).fill(0);
  }

  private copy(from: number, to: number, bytes: number): void {
    new Uint8Array(this.memory.buffer).copyWithin(to, from, from + bytes);
  }

  private integers(address: number, count: number): Int32Array {
    return new Int32Array(this.memory.buffer, address, count);
  }

  private floats(address: number, count: number): Floats {
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
