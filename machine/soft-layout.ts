/** Where everything that a soft machine works with lies in its memory. */
import { operationCount } from "../assembler/index.js";
import { type LaneType, mostPages, pageBytes } from "../kernel/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { type ContextField, contextFields, laneCounts, stateOffsets, vectorBytes } from "./soft-kernel/context.js";
import type { SoftProgram } from "./soft-program.js";

export type SoftDtype = "float64" | "float32";

/** What a layout is for. */
export interface SoftShape extends Pick<SoftProgram, "n" | "registers" | "memorySize" | "lines" | "tables"> {
  readonly batch: number;
  /** The most steps of a run whose gradient is asked for; 0 when none is. */
  readonly recorded: number;
  readonly dtype: SoftDtype;
}

/** Bytes of recorded states up to which every step's is kept from the run for its gradient: 32 MiB. */
const keptBytes = 2 ** 25;

export const laneTypes = { float32: "f32x4", float64: "f64x2" } as const satisfies Record<SoftDtype, LaneType>;
export const numberBytes = { float32: 4, float64: 8 } as const satisfies Record<SoftDtype, number>;

/**
 * States are kept for the way back either after each step, for each group of machines; or after every `segment` steps,
 * and one group's segment at a time is run again. With segments of √T steps, memory grows with √T ("Training Deep Nets
 * with Sublinear Memory Cost", Chen et al., 2016).
 */
export interface Recording {
  readonly segment: number;
  readonly segments: number;
  /** [groups, segments] checkpoints; states, and their memories. Absent when every state is kept. */
  readonly checkpoints: { readonly states: number; readonly memories: number } | undefined;
  /** [segment + 1] states and memories; for each group when every state is kept. */
  readonly states: number;
  readonly memories: number;
}

/** Arrays of the batch, one machine after the other, of numbers of the dtype. */
export interface BatchArrays {
  readonly registers: number;
  readonly memory: number;
  readonly counter: number;
  /** One number each. */
  readonly halted: number;
}

export interface SoftLayout {
  readonly shape: SoftShape;
  readonly lanes: number;
  readonly groups: number;
  /** The context's address, and the addresses in it; sizes and flags are not among them. */
  readonly context: number;
  readonly fields: ReadonlyMap<ContextField, number>;
  readonly inputs: BatchArrays;
  readonly results: BatchArrays;
  readonly cotangents: BatchArrays;
  readonly gradients: BatchArrays;
  /** As long as the longest array of one machine: what a lane without a machine is filled from. */
  readonly zeros: number;
  /** What a machine needs to be 0 at first. */
  readonly cleared: { readonly from: number; readonly bytes: number };
  readonly stateBytes: number;
  readonly memoryBytes: number;
  readonly recording: Recording;
  /** Where the program's entries begin: they come last, as many as there are. */
  readonly entries: number;
}

/** @throws SoftmachineError when it would not fit in 4 GiB. */
export function layOut(shape: SoftShape, base: number): SoftLayout {
  const { n, registers, memorySize, lines, tables = [], batch, recorded, dtype } = shape;
  const lanes = laneCounts[laneTypes[dtype]];
  const groups = Math.ceil(batch / lanes);
  let end = base;
  const take = (bytes: number): number => {
    const start = end;
    end += Math.ceil(bytes / vectorBytes) * vectorBytes;
    return start;
  };
  const vectors = (count: number): number => take(count * vectorBytes);
  const integers = (count: number): number => take(count * 4);
  const context = integers(contextFields.length);
  const operations = operationCount(shape);
  const choices = operations + 3 * registers + n;
  const instruction = (): readonly number[] => {
    const op = vectors(choices);
    const starts = [0, 1, 2, 3].map((i) => op + (operations + i * registers) * vectorBytes);
    return [op, ...starts];
  };
  const [op, a, b, out, k] = instruction();
  const [gOp, gA, gB, gOut, gK] = instruction();
  const gradient = recorded > 0;
  const whenRecorded = (count: number): number => vectors(gradient ? count : 0);
  const fields: Partial<Record<ContextField, number>> = {
    ...{ lineStarts: integers(lines + 1), labelStarts: integers(n + 1), present: integers(operations) },
    ...{
      tables: integers(2 * tables.length),
      tableValues: take(tables.reduce((sum, { values }) => sum + values.byteLength, 0)),
    },
    ...{ trained: integers(lines), products: take(2 * n * n), op, a, b, out, k, gOp, gA, gB, gOut, gK },
    ...{ u: vectors(n + 1), v: vectors(n + 1), address: vectors(memorySize) },
    ...{ uBelow: vectors(n + 1), uAbove: vectors(n + 1), vBelow: vectors(n + 1), vAbove: vectors(n + 1) },
    ...{ uSupport: integers(n + 1), vSupport: integers(n + 1) },
    ...{ circle: vectors(2 * n + 4), circleBack: vectors(2 * n + 4), scratch: vectors(n), backwards: vectors(n) },
    ...{ nextCounter: vectors(lines), readRegisters: vectors(registers * n), readMemory: vectors(memorySize * n) },
    ...{
      pending: vectors(1),
      done: vectors(1),
      expectedSteps: vectors(1),
      gRunning: vectors(1),
      memoryValue: vectors(1),
      gHalted: vectors(1),
      gPending: vectors(1),
    },
    ...{ cotangentRegisters: whenRecorded(registers * n), cotangentMemory: whenRecorded(memorySize * n) },
    ...{ registersMarked: integers(registers), memoryMarked: integers(memorySize) },
    ...{ gRegisters: whenRecorded(registers * n), gMemory: whenRecorded(memorySize * n), gCounter: vectors(lines) },
    ...{ gU: vectors(n + 1), gV: vectors(n + 1), gO: vectors(n + 1), gAddress: vectors(memorySize) },
    ...{ gProgram: whenRecorded(lines * choices), gLabels: whenRecorded(n * lines) },
  };
  const arrays = (rows: number): BatchArrays => ({
    registers: take(rows * registers * n * numberBytes[dtype]),
    memory: take(rows * memorySize * n * numberBytes[dtype]),
    counter: take(rows * lines * numberBytes[dtype]),
    halted: take(rows * numberBytes[dtype]),
  });
  const clearedFrom = end;
  const zeros = take(batch % lanes === 0 ? 0 : Math.max(registers * n, memorySize * n, lines) * numberBytes[dtype]);
  const cotangents = arrays(gradient ? batch : 0);
  const cleared = { from: clearedFrom, bytes: end - clearedFrom };
  const inputs = arrays(batch);
  const results = arrays(batch);
  const gradients = arrays(gradient ? batch : 0);
  const stateBytes = stateOffsets.counter + (lines + registers * n + n + 1) * vectorBytes;
  const memoryBytes = memorySize * n * vectorBytes;
  const each = stateBytes + memoryBytes;
  const keepsAll = (recorded + 1) * groups * each <= keptBytes;
  const segment = !gradient ? 0 : keepsAll ? recorded : Math.ceil(Math.sqrt(recorded));
  const segments = gradient ? Math.ceil(recorded / segment) : 0;
  const checkpoints =
    gradient && !keepsAll
      ? { states: take(groups * segments * stateBytes), memories: take(groups * segments * memoryBytes) }
      : undefined;
  const kept = (gradient && keepsAll ? Math.max(1, groups) : 1) * (segment + 1);
  const recording = {
    segment,
    segments,
    checkpoints,
    states: take(kept * stateBytes),
    memories: take(kept * memoryBytes),
  };
  const entries = end;
  checkBytes(shape, entries);
  return {
    ...{ shape, lanes, groups, context, fields: new Map(addresses(fields)), inputs, results, cotangents, gradients },
    ...{ zeros, cleared, stateBytes, memoryBytes, recording, entries },
  };
}

/** @throws SoftmachineError when so many bytes are more than a memory has. */
export function checkBytes({ n, memorySize, batch, recorded }: SoftShape, bytes: number): void {
  if (bytes <= mostPages * pageBytes) return;
  const steps = recorded > 0 ? `, ${recorded} steps with gradients` : "";
  throw new SoftmachineError(
    `a soft run with n = ${n}, ${memorySize} memory cells and a batch of ${batch}${steps} takes ${Math.ceil(bytes / 2 ** 20)} MiB, more than the 4096 that it may; take a smaller n, memory or batch`,
  );
}

function* addresses(fields: Partial<Record<ContextField, number>>): Generator<[ContextField, number]> {
  for (const name of contextFields) {
    const address = fields[name];
    if (address !== undefined) yield [name, address];
  }
}
