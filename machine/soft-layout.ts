/** Where everything that a soft machine works with lies in its memory. */
import { operationCount } from "../assembler/index.js";
import { type LaneType, mostPages, pageBytes } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { levelBytes } from "./bit-levels.js";
import { circuitSizes } from "./circuit-tables.js";
import type { EncodedSizes } from "./encoded-program.js";
import { type ContextField, contextFields, laneCounts, stateOffsets, vectorBytes } from "./soft-kernel/context.js";

export type SoftDtype = "float64" | "float32";

/** What a layout is for. */
export interface SoftShape extends EncodedSizes {
  readonly batch: number;
  /** The most steps of a run whose gradient is asked for; 0 when none is. */
  readonly recorded: number;
  readonly dtype: SoftDtype;
}

/** Bytes of recorded states up to which every step's is kept from the run for its gradient: 32 MiB. */
const keptBytes = 2 ** 25;

/** Parts that a batch is in at most: as many threads may run it. */
const mostParts = 16;
/** Bytes of the parts' gradients of the program, above which there are fewer parts: 4 MiB. */
const partBytes = 2 ** 22;
/** Bytes of a cache line. What threads write lies in different ones. */
export const lineBytes = 64;

export const laneTypes = { float32: "f32x4", float64: "f64x2" } as const satisfies Record<SoftDtype, LaneType>;
export const numberBytes = { float32: 4, float64: 8 } as const satisfies Record<SoftDtype, number>;

/**
 * States are kept for the way back either after each step, for each group of machines; or after every `segment` steps,
 * and one group's segment at a time is run again. With segments of √T steps, memory grows with √T ("Training Deep Nets
 * with Sublinear Memory Cost", Chen et al., 2016).
 */
export interface Recording {
  readonly segment: number;
  /** Checkpoints of a group: 0 when every state is kept. */
  readonly segments: number;
}

/** Arrays of the batch, one machine after the other, of numbers of the dtype. */
export interface BatchArrays {
  readonly registers: number;
  readonly memory: number;
  readonly counter: number;
  /** One number each. */
  readonly halted: number;
}

type Offsets = { readonly [Field in ContextField]?: number };

export interface SoftLayout {
  readonly shape: SoftShape;
  readonly lanes: number;
  readonly groups: number;
  /**
   * The batch in parts of so many groups, each of which is one thread's work. Gradients are summed within a part, and then
   * over the parts, so that sums are the same whichever thread ran what. They follow from the shape alone.
   */
  readonly parts: { readonly count: number; readonly groups: number };
  readonly recording: Recording;
  /** Offsets of what threads share. */
  readonly shared: Offsets;
  /** What each thread has to itself: the context, at the beginning, and offsets from there. */
  readonly own: Offsets;
  /** From one thread's to the next. */
  readonly threadBytes: number;
  /** A context: sizes, and of what is `shared` (1) or `own` (2) the offset. Flags are 0. */
  readonly context: Int32Array;
  readonly kinds: Uint8Array;
  /** Arrays of the batch in the machine's memory, as offsets: of no rows where it works on others. */
  readonly inputs: BatchArrays;
  readonly results: BatchArrays;
  readonly cotangents: BatchArrays;
  readonly gradients: BatchArrays;
  /** What a machine needs to be 0 at first. */
  readonly cleared: { readonly from: number; readonly bytes: number };
  /** Where the program's entries begin: they come last, as many as there are, and what threads have follows. */
  readonly entries: number;
}

/** Gives out offsets one after the other. */
class Taker {
  end = 0;

  bytes = (bytes: number): number => {
    const start = this.end;
    this.end += Math.ceil(bytes / vectorBytes) * vectorBytes;
    return start;
  };
  vectors = (count: number): number => this.bytes(count * vectorBytes);
  integers = (count: number): number => this.bytes(count * 4);
}

/**
 * @param ownArrays whether the batch's arrays are in the machine's memory; else it works on arrays that it is told of.
 * @throws SoftmachineError when it would not fit in 4 GiB.
 */
export function layOut(shape: SoftShape, ownArrays = true): SoftLayout {
  const { encoding, n, registers, memorySize, lines, labelRows, tables = [], batch, recorded, dtype } = shape;
  const lanes = laneCounts[laneTypes[dtype]];
  const groups = Math.ceil(batch / lanes);
  const gradient = recorded > 0;
  const operations = operationCount(shape);
  const choices = operations + 3 * registers + n;
  const stateVectors = lines + registers * n + (n + 1) + (1 + registers + memorySize);
  const stateBytes = stateOffsets.counter + stateVectors * vectorBytes;
  const memoryBytes = memorySize * n * vectorBytes;
  const keepsAll = (recorded + 1) * groups * (stateBytes + memoryBytes) <= keptBytes;
  const segment = !gradient ? 0 : keepsAll ? recorded : Math.ceil(Math.sqrt(recorded));
  const segments = keepsAll || !gradient ? 0 : Math.ceil(recorded / segment);
  const kept = !gradient ? 0 : groups * (keepsAll ? segment + 1 : segments);
  const [programVectors, labelVectors] = gradient ? [lines * choices, labelRows * lines] : [0, 0];
  const gradientBytes = Math.max(1, (programVectors + labelVectors) * vectorBytes);
  const most = Math.max(1, Math.min(groups, mostParts, Math.floor(partBytes / gradientBytes)));
  const partGroups = Math.ceil(groups / most);
  const parts = { count: Math.ceil(groups / Math.max(1, partGroups)), groups: partGroups };

  const common = new Taker();
  const { vectors, integers } = common;
  const inMemory = {
    lineStarts: integers(lines + 1),
    labelStarts: integers(labelRows + 1),
    present: integers(operations),
    trained: integers(lines),
    products: common.bytes(encoding === "unit" ? 2 * n * n : 0),
    gRunning: vectors(1),
    stepping: vectors(groups),
    outSteps: vectors(groups),
    outExpectedSteps: vectors(groups),
    progress: integers(groups),
    keptStates: common.bytes(kept * stateBytes),
    keptMemories: common.bytes(kept * memoryBytes),
    gPrograms: vectors(parts.count * programVectors),
    gLabelTables: vectors(parts.count * labelVectors),
    tables: integers(2 * tables.length),
    tableValues: common.bytes(tables.reduce((sum, { values }) => sum + values.byteLength, 0)),
    ...(encoding === "binary" && { circuits: common.bytes(circuitSizes(n).bytes), labels: integers(2 * labelRows) }),
  };
  const arrays = (rows: number): BatchArrays => {
    const array = (width: number): number => common.bytes((ownArrays ? rows : 0) * width * numberBytes[dtype]);
    const [ofRegisters, ofMemory] = [array(registers * n), array(memorySize * n)];
    return { registers: ofRegisters, memory: ofMemory, counter: array(lines), halted: array(1) };
  };
  const clearedFrom = common.end;
  const longest = Math.max(registers * n, memorySize * n, lines);
  const zeros = common.bytes(batch % lanes === 0 ? 0 : longest * numberBytes[dtype]);
  const cotangents = arrays(gradient ? batch : 0);
  const cleared = { from: clearedFrom, bytes: common.end - clearedFrom };
  const inputs = arrays(batch);
  const results = arrays(batch);
  const gradients = arrays(gradient ? batch : 0);

  const thread = new Taker();
  thread.integers(contextFields.length);
  const own = ownFields(shape, choices, thread, {
    states: (segments > 0 ? segment + 1 : 1) * stateBytes,
    memories: (segments > 0 ? segment + 1 : 1) * memoryBytes,
  });
  const threadBytes = Math.ceil(thread.end / lineBytes) * lineBytes;
  checkBytes(shape, common.end + threadBytes);
  const sizes: Offsets = {
    ...{ n, registers, memorySize, lines, operations, choices, rows: batch, groups, partGroups, segment, segments },
    ...{ stateBytes, memoryBytes, programVectors, labelVectors },
    ...(encoding === "binary" && {
      circuitCount: circuitSizes(n).count,
      labelCount: labelRows,
      values: valuesOf(shape),
    }),
  };
  const shared: Offsets = { ...inMemory, zeros };
  const context = Int32Array.from(contextFields, (field) => own[field] ?? shared[field] ?? sizes[field] ?? 0);
  const kinds = Uint8Array.from(contextFields, (field) => (field in own ? 2 : field in shared ? 1 : 0));
  return {
    ...{ shape, lanes, groups, parts, recording: { segment, segments }, shared, own, threadBytes, context, kinds },
    ...{ inputs, results, cotangents, gradients, cleared, entries: common.end },
  };
}

/** How many values bits are converted to distributions over: those that there are, if a program has operations of its own. */
const valuesOf = ({ n, tables = [] }: SoftShape): number => (tables.length > 0 ? 2 ** n : 0);

/** What a thread has to itself besides the context. */
function ownFields(
  shape: SoftShape,
  choices: number,
  { vectors, integers, bytes }: Taker,
  working: { readonly states: number; readonly memories: number },
): Offsets {
  const { encoding, n, registers, memorySize, lines, recorded } = shape;
  const operations = operationCount(shape);
  const instruction = (): readonly number[] => {
    const op = vectors(choices);
    const starts = [0, 1, 2, 3].map((i) => op + (operations + i * registers) * vectorBytes);
    return [op, ...starts];
  };
  const [op, a, b, out, k] = instruction();
  const [gOp, gA, gB, gOut, gK] = instruction();
  const whenRecorded = (count: number): number => vectors(recorded > 0 ? count : 0);
  return {
    ...{ op, a, b, out, k, gOp, gA, gB, gOut, gK },
    u: vectors(n + 1),
    v: vectors(n + 1),
    address: vectors(memorySize),
    uBelow: vectors(n + 1),
    uAbove: vectors(n + 1),
    vBelow: vectors(n + 1),
    vAbove: vectors(n + 1),
    uSupport: integers(n + 1),
    vSupport: integers(n + 1),
    circle: vectors(2 * n + 4),
    circleBack: vectors(2 * n + 4),
    scratch: vectors(n),
    backwards: vectors(n),
    nextCounter: vectors(lines),
    readRegisters: vectors(registers * n),
    readMemory: vectors(memorySize * n),
    pending: vectors(1),
    done: vectors(1),
    expectedSteps: vectors(1),
    memoryValue: vectors(1),
    gHalted: vectors(1),
    gPending: vectors(1),
    cotangentRegisters: whenRecorded(registers * n),
    cotangentMemory: whenRecorded(memorySize * n),
    registersMarked: integers(registers),
    memoryMarked: integers(memorySize),
    gRegisters: whenRecorded(registers * n),
    gMemory: whenRecorded(memorySize * n),
    gCounter: vectors(lines),
    gU: vectors(n + 1),
    gV: vectors(n + 1),
    gO: vectors(n + 1),
    gAddress: vectors(memorySize),
    states: bytes(working.states),
    memories: bytes(working.memories),
    ...(encoding === "binary" ? bitFields() : {}),
  };

  function bitFields(): Offsets {
    const { wires } = circuitSizes(n);
    const values = valuesOf(shape);
    const most = Math.max(lines, memorySize, values);
    const levels = values > 0 ? levelBytes(n, values) : 0;
    return {
      ...{ uLevels: bytes(levels), vLevels: bytes(levels), uValues: vectors(values), vValues: vectors(values) },
      ...{ oValues: vectors(values), uValueSupport: integers(values + 1), vValueSupport: integers(values + 1) },
      ...{ gUValues: whenRecorded(values), gVValues: whenRecorded(values), gOValues: whenRecorded(values) },
      ...{ valueScratch: whenRecorded(values) },
      ...{ wires: vectors(wires), wireCotangents: whenRecorded(wires), bitScratch: vectors(n), named: vectors(lines) },
      ...{ cellLevels: bytes(levelBytes(n, memorySize)), lineLevels: bytes(levelBytes(n, lines)) },
      ...{ gNamed: whenRecorded(most), gNamedBack: whenRecorded(most) },
    };
  }
}

/** @throws SoftmachineError when so many bytes are more than a memory has. */
export function checkBytes({ encoding, n, memorySize, batch, recorded }: SoftShape, bytes: number): void {
  if (bytes <= mostPages * pageBytes) return;
  const steps = recorded > 0 ? `, ${recorded} steps with gradients` : "";
  throw new SoftmachineError(
    `a soft run with n = ${encoding === "unit" ? n : 2 ** n}, ${memorySize} memory cells and a batch of ${batch}${steps} takes ${Math.ceil(bytes / 2 ** 20)} MiB, more than the 4096 that it may; take a smaller n, memory or batch`,
  );
}
