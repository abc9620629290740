/** A soft machine ready to run: kernels, and a memory laid out for one shape. */
import { checkWholeNumber, instructions, operationCount } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { fieldBits, stateOffsets, vectorBytes } from "./soft-kernel/context.js";
import type { SoftKernels } from "./soft-kernel/kernels.js";
import { layOut, type SoftDtype, type SoftLayout } from "./soft-layout.js";
import {
  fieldNames,
  fieldWidth,
  type SoftFields,
  type SoftMask,
  type SoftProgram,
  zeroFields,
} from "./soft-program.js";
import { checkTables, trainedBits } from "./soft-tables.js";
import { SoftRoom, type SoftViews, SoftWorkspace } from "./soft-workspace.js";

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
  /** The gradient of the loss with respect to each row's expected number of steps (default 0). */
  readonly expectedSteps?: number;
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
  /** The expected number of steps of the last run, by row: the sum over them of the probability of not having halted. */
  readonly expectedSteps: Float64Array;
  private readonly kernels: SoftKernels;
  private readonly space: SoftWorkspace;
  private progress: Progress[] = [];
  private lastRun: SoftRunOptions | undefined;
  private programGradient = false;
  private labelGradient = false;

  /** @throws SoftmachineError when the program's arrays are not of its shape, or a run would not fit in memory. */
  constructor(program: SoftProgram, options: SoftMachineOptions, room: SoftRoom = new SoftRoom(options.dtype)) {
    const { n, registers, memorySize, lines, tables } = program;
    const { batch, gradientSteps = 0, dtype = "float64" } = options;
    checkTables(program);
    this.layout = layOut({ n, registers, memorySize, lines, tables, batch, recorded: gradientSteps, dtype }, 0);
    this.space = new SoftWorkspace(this.layout, room);
    this.kernels = room.kernels;
    this.steps = new Int32Array(batch);
    this.expectedSteps = new Float64Array(batch);
    this.space.load(program);
  }

  /** Changes to a program of the same shape. */
  load(program: SoftProgram): void {
    if (!this.fits(program, this.layout.shape.batch, this.layout.shape.recorded)) {
      throw new SoftmachineError("a soft machine loads programs of the shape that it was made for alone");
    }
    this.lastRun = undefined;
    this.space.load(program);
  }

  /** Whether a machine for a program, a batch and so many recorded steps would be like this one. */
  fits({ n, registers, memorySize, lines, tables = [] }: SoftProgram, batch: number, gradientSteps: number): boolean {
    const { shape } = this.layout;
    const { tables: own = [] } = shape;
    return (
      own.length === tables.length &&
      own.every((table, i) => table === tables[i]) &&
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
    return this.space.bytes;
  }

  /** Initial registers, memory and counters, to be set; `halted` is not read. */
  get inputs(): SoftViews {
    return this.space.views(this.layout.inputs, this.layout.shape.batch);
  }

  /** The read-out of the last run. */
  get results(): SoftViews {
    return this.space.views(this.layout.results, this.layout.shape.batch);
  }

  /** The gradient of a loss with respect to the results, to be set. */
  get cotangents(): SoftViews {
    return this.space.views(this.layout.cotangents, this.recordedBatch);
  }

  /** The gradient with respect to the inputs; `halted` is not written. */
  get gradients(): SoftViews {
    return this.space.views(this.layout.gradients, this.recordedBatch);
  }

  /** Runs the batch. With `record`, for `backward`. */
  forward(run: SoftRunOptions, record = false): void {
    const { layout, kernels } = this;
    const { recording, groups, stateBytes, context } = layout;
    const { steps } = run;
    checkWholeNumber("the steps of a soft run", steps, 0);
    if (record && steps > layout.shape.recorded) {
      throw new SoftmachineError(`this soft machine records ${layout.shape.recorded} steps, not ${steps}`);
    }
    const stops = run.stopWhenHalted ?? true;
    this.space.setField("stops", stops ? 1 : 0);
    this.space.setField("readsOut", 1);
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
  backward({ program = true, labels = false, expectedSteps = 0 }: SoftBackwardOptions = {}): void {
    const { layout, kernels, lastRun } = this;
    if (lastRun === undefined)
      throw new SoftmachineError("backward needs a recorded run of the same program before it");
    const { recording, groups, context, stateBytes } = layout;
    const { lines, n } = layout.shape;
    const trained = trainedBits(layout.shape, program);
    this.space.integers(this.space.address("trained"), lines).set(trained);
    if (trained.some((fields) => (fields & fieldBits.op) !== 0)) this.space.fillProducts();
    this.programGradient = program !== false;
    this.labelGradient = labels;
    this.space.setField("readsOut", 0);
    this.space.setField("wantsLabels", labels ? 1 : 0);
    this.space.lanesOf("gRunning", 1).fill(-expectedSteps);
    const choices = operationCount(layout.shape) + 3 * layout.shape.registers + n;
    if (this.programGradient) this.space.clear("gProgram", lines * choices);
    if (labels) this.space.clear("gLabels", lines * n);
    for (let group = 0; group < groups; group++) {
      const { done, last } = this.progress[group];
      this.packCotangents(group);
      this.space.setField("memoryValued", 0);
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
    const lanes = this.space.lanesOf("gProgram", shape.lines * (operationCount(shape) + 3 * shape.registers + shape.n));
    let at = 0;
    for (let line = 0; line < shape.lines; line++) {
      for (const field of fieldNames) {
        const width = fieldWidth(field, shape);
        for (let i = 0; i < width; i++, at++) fields[field][line * width + i] = this.space.laneSum(lanes, at);
      }
    }
    return fields;
  }

  /** [n, lines]: the gradient with respect to the label table, if the last `backward` computed it. */
  takeLabelGradient(): Float64Array | undefined {
    if (!this.labelGradient) return undefined;
    const { n, lines } = this.layout.shape;
    const lanes = this.space.lanesOf("gLabels", n * lines);
    return Float64Array.from({ length: n * lines }, (_, i) => this.space.laneSum(lanes, i));
  }

  /** The state of the first row of the batch before each step, and after the last; with the weight of its halting there. */
  *trace(steps: number): Generator<{ state: SoftViews; halting: number }> {
    const { layout, kernels } = this;
    const { context, recording, results } = layout;
    const { states } = recording;
    this.space.setField("stops", 1);
    this.space.setField("readsOut", 0);
    this.begin(0, states, recording.memories);
    let halting = 0;
    for (let step = 0; ; step++) {
      const { registers, memorySize, n, lines } = layout.shape;
      this.space.unpack(this.space.registersOf(states), results.registers, registers * n, 0);
      this.space.unpack(this.space.integers(states, 1)[0], results.memory, memorySize * n, 0);
      this.space.unpack(states + stateOffsets.counter, results.counter, lines, 0);
      this.space.unpack(states + stateOffsets.halted, results.halted, 1, 0);
      yield { state: this.results, halting };
      if (step === steps || kernels.run(context, states, 0, 1) === 0) return;
      halting = this.space.floats(this.space.address("op") + instructions.halt.number * vectorBytes, 1)[0];
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
      this.space.copy(state, states, stateBytes);
      this.space.copy(memory, memories, memoryBytes);
      this.space.integers(states, 1)[0] = memories;
      this.space.setField("memoryTop", memories + memoryBytes);
      this.space.setField("memoryValued", 0);
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
    this.space.copy(this.layout.recording.states, state, this.layout.stateBytes);
    this.space.copy(this.layout.recording.memories, memory, this.layout.memoryBytes);
  }

  /** A group's initial state; its read-out is yet empty. */
  private begin(group: number, state: number, memory: number): void {
    const { inputs, lanes, shape, memoryBytes } = this.layout;
    const { registers, memorySize, n, lines, batch } = shape;
    this.space.pack(inputs.registers, registers * n, group, this.space.registersOf(state));
    this.space.pack(inputs.memory, memorySize * n, group, memory);
    this.space.pack(inputs.counter, lines, group, state + stateOffsets.counter);
    this.space.integers(state, 1)[0] = memory;
    this.space.setField("memoryTop", memory + memoryBytes);
    const halted = this.space.floats(state + stateOffsets.halted, lanes);
    const active = this.space.integers(state + stateOffsets.active, 4);
    for (let lane = 0; lane < lanes; lane++) {
      const present = group * lanes + lane < batch;
      halted[lane] = present ? 0 : 1;
      active.fill(present ? -1 : 0, (4 / lanes) * lane, (4 / lanes) * (lane + 1));
    }
    this.space.clear("readRegisters", registers * n);
    this.space.clear("readMemory", memorySize * n);
    this.space.clear("pending", 1);
    this.space.clear("done", 1);
    this.space.clear("expectedSteps", 1);
  }

  private end(group: number, state: number): void {
    const { results, lanes, shape } = this.layout;
    const { registers, memorySize, n, lines, batch } = shape;
    this.space.unpack(this.space.address("readRegisters"), results.registers, registers * n, group);
    this.space.unpack(this.space.address("readMemory"), results.memory, memorySize * n, group);
    this.space.unpack(state + stateOffsets.counter, results.counter, lines, group);
    this.space.unpack(state + stateOffsets.halted, results.halted, 1, group);
    const done = this.space.floats(this.space.address("done"), lanes);
    const expected = this.space.lanesOf("expectedSteps", 1);
    for (let lane = 0; lane < lanes && group * lanes + lane < batch; lane++) {
      this.steps[group * lanes + lane] = done[lane];
      this.expectedSteps[group * lanes + lane] = expected[lane];
    }
  }

  private packCotangents(group: number): void {
    const { kernels } = this;
    const { cotangents, shape } = this.layout;
    const { registers, memorySize, n, lines } = shape;
    const [toRegisters, toMemory] = [this.space.address("cotangentRegisters"), this.space.address("cotangentMemory")];
    this.space.pack(cotangents.registers, registers * n, group, toRegisters);
    this.space.pack(cotangents.memory, memorySize * n, group, toMemory);
    this.space.pack(cotangents.counter, lines, group, this.space.address("gCounter"));
    this.space.pack(cotangents.halted, 1, group, this.space.address("gHalted"));
    kernels.mark(toRegisters, registers, n, this.space.address("registersMarked"));
    kernels.mark(toMemory, memorySize, n, this.space.address("memoryMarked"));
    this.space.clear("gRegisters", registers * n);
    this.space.clear("gMemory", memorySize * n);
  }

  private unpackGradients(group: number): void {
    const { gradients, shape } = this.layout;
    const { registers, memorySize, n, lines } = shape;
    this.space.unpack(this.space.address("gRegisters"), gradients.registers, registers * n, group);
    this.space.unpack(this.space.address("gMemory"), gradients.memory, memorySize * n, group);
    this.space.unpack(this.space.address("gCounter"), gradients.counter, lines, group);
  }

  private get recordedBatch(): number {
    const { batch, recorded } = this.layout.shape;
    return recorded > 0 ? batch : 0;
  }
}
