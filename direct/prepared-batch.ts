import { type Shape, sizeOf } from "../scheme/index.js";
import { type BatchRunner, newFloats, prepareColumns } from "./batch-runner.js";
import type { Graph } from "./graph.js";
import { type Signature, toColumns, toRows } from "./signature.js";
import type { Floats } from "./slots.js";

/**
 * Arrays that a prepared batch reads and writes, and the functions that run it on them; a training loop copies nothing,
 * unless inputs or value are arrays: their rows lie after one another, as in `batch`. Arrays of large batches are on a
 * SharedArrayBuffer, where threads share the work: see `setThreads`.
 */
export interface PreparedBatch {
  readonly inputs: Readonly<Record<string, Floats>>;
  readonly output: Floats;
  readonly gradient: Readonly<Record<string, Floats>>;
  /** Computes `output` from `inputs`. */
  run(): void;
  /** Computes `output` and `gradient` from `inputs`. */
  runGradient(): void;
}

/** What a prepared batch runs, made when first needed; the gradient's fails where there is none. */
export interface Runners {
  readonly value: () => BatchRunner;
  readonly gradient: () => BatchRunner;
}

/** Arrays for so many rows of a graph's inputs, its value of the given shape, and its slopes. */
export function preparedBatch(
  rows: number,
  graph: Graph,
  shape: Shape,
  signature: Signature,
  runners: Runners,
): PreparedBatch {
  const { inputs: names, main, arithmetic } = graph;
  const { dtype } = arithmetic;
  const width = names.length;
  const size = main.results.length;
  // Slopes are of a number; a program whose value is an array has a value only.
  const slopes = shape.length === 0 ? width : 0;
  const columns = prepareColumns(width + size + slopes, rows, graph);
  const places = [...columns.arrays.keys()];
  const before: (() => void)[] = [];
  const after: (() => void)[] = [];
  const afterGradient: (() => void)[] = [];
  /** What the user sees of some columns: the only one itself, or rows that are copied in or out. */
  const view = (start: number, count: number, copies: (() => void)[], copy: typeof toRows): Floats => {
    const part = columns.arrays.slice(start, start + count);
    if (part.length === 1) return part[0];
    const whole = newFloats(dtype, part.length * rows);
    copies.push(() => copy(part, whole));
    return whole;
  };
  const inputs = signature.record((offset, shape) =>
    view(offset, sizeOf(shape), before, (part, whole) => toColumns(whole, part)),
  );
  for (const [name, value] of Object.entries(signature.parameters)) inputs[name].fill(value);
  const gradient: Record<string, Floats> =
    slopes === 0
      ? {}
      : signature.record((offset, shape) => view(width + size + offset, sizeOf(shape), afterGradient, toRows));
  const output = view(width, size, after, toRows);
  const copyAll = (copies: readonly (() => void)[]) => {
    for (const copy of copies) copy();
  };
  let run: (() => void) | undefined;
  let runGradient: (() => void) | undefined;
  return {
    inputs,
    output,
    gradient,
    run: () => {
      run ??= runners.value().prepared(columns, places.slice(0, width + size));
      copyAll(before);
      run();
      copyAll(after);
    },
    runGradient: () => {
      runGradient ??= runners.gradient().prepared(columns, places);
      copyAll(before);
      runGradient();
      copyAll(afterGradient);
    },
  };
}
