/** A soft machine ready to run: kernels, and a memory laid out for one shape. */
import { checkWholeNumber, instructions, operationCount } from "../assembler/index.js";
import { FasterWay, runTogether, workersAreReady } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { CertainRows, type CertainRun } from "./certain-rows.js";
import { type EncodedProgram, sizesOf } from "./encoded-program.js";
import { entryBytes, fieldBits, vectorBytes } from "./soft-kernel/context.js";
import type { SoftKernels } from "./soft-kernel/kernels.js";
import { laneTypes, layOut, lineBytes, type SoftDtype, type SoftLayout, type SoftShape } from "./soft-layout.js";
import { fieldNames, fieldWidth, type SoftFields, type SoftMask, zeroFields } from "./soft-program.js";
import { mostEntries, trainedBits } from "./soft-tables.js";
import { SoftRoom, type SoftViews, SoftWorkspace } from "./soft-workspace.js";

/** The most steps of a run: the kernels count them in 32 bits. */
export const mostSteps = 2 ** 31 - 1;

export interface SoftMachineOptions {
  readonly batch: number;
  /** The most steps of a run whose gradient is asked for; without one there is no `backward`. */
  readonly gradientSteps?: number;
  /** What is computed with (default "float64"); "float32" runs four machines at a time instead of two. */
  readonly dtype?: SoftDtype;
}

export interface SoftRunOptions {
  readonly steps: number;
  /** These as in `SoftOptions`. */
  readonly stopWhenHalted?: boolean;
  readonly renormalise?: boolean;
  readonly stepsCertain?: boolean;
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

/** A place in a memory that belongs to someone else. */
export interface SoftBlock {
  readonly room: SoftRoom;
  /** A byte address, a multiple of 64. */
  readonly base: number;
  /** From `blockLayout`. */
  readonly layout: SoftLayout;
}

const blockLayouts = new WeakMap<EncodedProgram, SoftLayout>();

/** The layout of a machine that works on arrays of others. Each program's last is kept. */
export function blockLayout(program: EncodedProgram, options: SoftMachineOptions): SoftLayout {
  const shape = shapeFor(program, options);
  const kept = blockLayouts.get(program);
  const asked = ["batch", "recorded", "dtype", "labelRows"] as const;
  if (kept !== undefined && asked.every((what) => kept.shape[what] === shape[what])) return kept;
  const layout = layOut(shape, false);
  blockLayouts.set(program, layout);
  return layout;
}

/** Bytes that a block must have, at most. */
export function blockBytes(program: EncodedProgram, { entries, threadBytes }: SoftLayout): number {
  return entries + mostEntries(program) * entryBytes + lineBytes + threadBytes;
}

function shapeFor(
  program: EncodedProgram,
  { batch, gradientSteps = 0, dtype = "float64" }: SoftMachineOptions,
): SoftShape {
  checkWholeNumber("the batch", batch, 0);
  checkWholeNumber("the steps that a soft machine records", gradientSteps, 0);
  if (!Object.hasOwn(laneTypes, dtype))
    throw new SoftmachineError(`dtype must be "float64" or "float32", not ${JSON.stringify(dtype)}`);
  return { ...sizesOf(program), batch, recorded: gradientSteps, dtype };
}

/** Milliseconds of a run from which threads are tried. */
const worthThreads = 0.1;

const wayOfThreads = (): FasterWay => new FasterWay(workersAreReady, { short: worthThreads });

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
  /** The kernels, and the memory that they work in. */
  readonly room: SoftRoom;
  private readonly kernels: SoftKernels;
  private readonly space: SoftWorkspace;
  /** The program as the exact machine runs it, where it is certain. */
  private certain: CertainRows | undefined;
  private lastRun: SoftRunOptions | undefined;
  private programGradient = false;
  private labelGradient = false;
  /** Whether threads share the work of either direction, found as they run. */
  private readonly ways = { forward: wayOfThreads(), backward: wayOfThreads() };

  /**
   * @param kept a room whose last machine is not used any more, to be taken over if it is as good as a new one.
   * @param block where it is to work in a memory that belongs to someone else, on arrays in that: `useArrays` names them.
   * @throws SoftmachineError when the program's arrays are not of its shape, or a run would not fit in memory.
   */
  constructor(program: EncodedProgram, options: SoftMachineOptions, kept?: SoftRoom, block?: SoftBlock) {
    const { batch } = options;
    this.layout = block?.layout ?? layOut(shapeFor(program, options));
    this.room = block?.room ?? (kept?.serves(this.layout) ? kept : SoftRoom.for(this.layout));
    this.space = new SoftWorkspace(this.layout, this.room, block?.base);
    this.kernels = this.room.kernels;
    this.steps = new Int32Array(batch);
    this.expectedSteps = new Float64Array(batch);
    this.space.load(program);
    this.certain = CertainRows.of(program);
  }

  /** Changes to a program of the same shape. */
  load(program: EncodedProgram): void {
    if (!this.fits(program, this.layout.shape.batch, this.layout.shape.recorded)) {
      throw new SoftmachineError("a soft machine loads programs of the shape that it was made for alone");
    }
    this.lastRun = undefined;
    this.space.load(program);
    this.certain = CertainRows.of(program);
  }

  /** Whether a machine for a program, a batch and so many recorded steps would be like this one. */
  fits(program: EncodedProgram, batch: number, gradientSteps: number): boolean {
    const { shape } = this.layout;
    const { encoding, n, registers, memorySize, lines, labelRows, tables = [] } = sizesOf(program);
    const { tables: own = [] } = shape;
    return (
      own.length === tables.length &&
      own.every((table, i) => table === tables[i]) &&
      shape.encoding === encoding &&
      shape.labelRows === labelRows &&
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
    return this.space.views(this.space.arrays.in, this.layout.shape.batch);
  }

  /** The read-out of the last run. */
  get results(): SoftViews {
    return this.space.views(this.space.arrays.out, this.layout.shape.batch);
  }

  /** The gradient of a loss with respect to the results, to be set. */
  get cotangents(): SoftViews {
    return this.space.views(this.space.arrays.gOut, this.recordedBatch);
  }

  /** The gradient with respect to the inputs; `halted` is not written. */
  get gradients(): SoftViews {
    return this.space.views(this.space.arrays.gIn, this.recordedBatch);
  }

  /** Arrays that the machine reads and writes in place of its own: byte addresses in its memory. */
  useArrays(...arrays: Parameters<SoftWorkspace["useArrays"]>): void {
    this.space.useArrays(...arrays);
  }

  /** Runs the batch. With `record`, for `backward`; without, groups of machines that are certain of everything run on the exact machine. */
  forward(run: SoftRunOptions, record = false): void {
    const { layout, space } = this;
    const { shape, recording } = layout;
    const { steps, stopWhenHalted = true, renormalise = false } = run;
    checkWholeNumber("the steps of a soft run", steps, 0, mostSteps);
    if (renormalise && shape.encoding === "binary")
      throw new SoftmachineError("bits have no sum to be divided by: renormalise is for distributions over values");
    if (record && steps > shape.recorded) {
      throw new SoftmachineError(`this soft machine records ${shape.recorded} steps, not ${steps}`);
    }
    this.lastRun = record ? run : undefined;
    const certain = record || run.stepsCertain ? undefined : this.certain;
    const runs = certain?.run(this.inputs, shape.batch, layout.lanes, run) ?? [];
    if (runs.length < shape.batch) {
      this.setStepping(runs);
      space.setField("stops", stopWhenHalted ? 1 : 0);
      space.setField("readsOut", 1);
      space.setField("renormalises", renormalise ? 1 : 0);
      space.setField("steps", steps);
      space.setField("keepsAll", record && recording.segments === 0 ? 1 : 0);
      space.setField("keepsSome", record && recording.segments > 0 ? 1 : 0);
      this.runParts("forward");
      this.steps.set(space.lanesOf("outSteps", layout.groups).subarray(0, shape.batch));
      this.expectedSteps.set(space.lanesOf("outExpectedSteps", layout.groups).subarray(0, shape.batch));
    }
    certain?.write(runs, this.results);
    for (const { row, steps: done, expectedSteps } of runs) {
      this.steps[row] = done;
      this.expectedSteps[row] = expectedSteps;
    }
  }

  /**
   * Reverse-mode differentiation of the last recorded run.
   *
   * @throws SoftmachineError when there is none.
   */
  backward({ program = true, labels = false, expectedSteps = 0 }: SoftBackwardOptions = {}): void {
    const { layout, kernels, lastRun, space } = this;
    if (lastRun === undefined)
      throw new SoftmachineError("backward needs a recorded run of the same program before it");
    const { recording, parts, shape } = layout;
    const trained = trainedBits(shape, program);
    space.integers(space.address("trained"), shape.lines).set(trained);
    if (trained.some((fields) => (fields & fieldBits.op) !== 0)) space.fillProducts();
    this.programGradient = program !== false;
    this.labelGradient = labels;
    space.setField("readsOut", 0);
    space.setField("stops", (lastRun.stopWhenHalted ?? true) ? 1 : 0);
    space.setField("renormalises", lastRun.renormalise ? 1 : 0);
    space.setField("keepsSome", recording.segments > 0 ? 1 : 0);
    space.setField("wantsProgram", this.programGradient ? 1 : 0);
    space.setField("wantsLabels", labels ? 1 : 0);
    space.lanesOf("gRunning", 1).fill(-expectedSteps);
    this.runParts("backward");
    kernels.sumParts.run(space.context, parts.count);
  }

  /** The gradient with respect to the program, summed over the batch, if the last `backward` computed it. */
  takeProgramGradient(): SoftFields | undefined {
    if (!this.programGradient) return undefined;
    const { shape } = this.layout;
    const fields = zeroFields(shape);
    const lanes = this.space.lanesOf(
      "gPrograms",
      shape.lines * (operationCount(shape) + 3 * shape.registers + shape.n),
    );
    let at = 0;
    for (let line = 0; line < shape.lines; line++) {
      for (const field of fieldNames) {
        const width = fieldWidth(field, shape);
        for (let i = 0; i < width; i++, at++) fields[field][line * width + i] = this.space.laneSum(lanes, at);
      }
    }
    return fields;
  }

  /** [n, lines], or of bits [labels, lines]: the gradient with respect to the label table, if the last `backward` computed it. */
  takeLabelGradient(): Float64Array | undefined {
    if (!this.labelGradient) return undefined;
    const { labelRows, lines } = this.layout.shape;
    const lanes = this.space.lanesOf("gLabelTables", labelRows * lines);
    return Float64Array.from({ length: labelRows * lines }, (_, i) => this.space.laneSum(lanes, i));
  }

  /** The state of the first row of the batch before each step, and after the last; with the weight of its halting there. */
  *trace(steps: number): Generator<{ state: SoftViews; halting: number }> {
    const { kernels, space } = this;
    const [states, memories] = [space.address("states"), space.address("memories")];
    space.setField("stops", 1);
    space.setField("readsOut", 0);
    space.setField("renormalises", 0);
    this.setStepping([]);
    kernels.begin.run(space.context, 0, states, memories);
    let halting = 0;
    for (let step = 0; ; step++) {
      kernels.showState.run(space.context, 0, states);
      yield { state: this.results, halting };
      if (step === steps || kernels.run.run(space.context, states, 0, 1) === 0) return;
      halting = space.floats(space.address("op") + instructions.halt.number * vectorBytes, 1)[0];
    }
  }

  /** Tells the kernels which rows step: all but some. */
  private setStepping(without: readonly CertainRun[]): void {
    const { groups, lanes, shape } = this.layout;
    const words = 4 / lanes;
    const stepping = this.space.integers(this.space.address("stepping"), 4 * groups);
    stepping.fill(-1, 0, words * shape.batch).fill(0, words * shape.batch);
    for (const { row } of without) stepping.fill(0, words * row, words * (row + 1));
  }

  /** Runs all parts of the batch one way, with other threads where that is faster. */
  private runParts(direction: "forward" | "backward"): void {
    const { kernels, space } = this;
    const { parts, threadBytes } = this.layout;
    const alone = () => {
      kernels[direction].run(parts.count, space.context, 0);
    };
    if (space.threads === 1) {
      alone();
      return;
    }
    const operands = { addresses: [space.context, 0], pitches: [0, 1], spacings: [threadBytes, 0] };
    const shares = { threads: space.threads, leastChunk: 1 };
    this.ways[direction].run((together) => {
      if (!together || !runTogether(kernels[direction], parts.count, { ...operands, ...shares })) alone();
    });
  }

  private get recordedBatch(): number {
    const { batch, recorded } = this.layout.shape;
    return recorded > 0 ? batch : 0;
  }
}
