import { checkWholeNumber, type Image } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { type EncodedProgram, sizesOf } from "./encoded-program.js";
import { type ExactStep, traceExact } from "./exact.js";
import type { Encoding } from "./soft-kernel/context.js";
import type { SoftDtype } from "./soft-layout.js";
import { SoftMachine } from "./soft-machine.js";
import { flash } from "./soft-program.js";
import { checkState, initialState, oneHot, type SoftState } from "./soft-state.js";

/** The state after a step of one soft run, with the entropies of its distributions in bits. */
export interface SoftTraceStep {
  /** How registers and memory cells are written: as [registers, n] and [memorySize, n], or with bits in place of n. */
  readonly encoding: Encoding;
  /** Steps done so far: 0 for the initial state. */
  readonly step: number;
  /** [lines] */
  readonly counter: Float64Array;
  readonly registers: Float64Array;
  readonly memory: Float64Array;
  readonly halted: number;
  readonly counterEntropy: number;
  /** [registers]; of a value of bits, the sum of its bits' entropies. */
  readonly registerEntropies: Float64Array;
  /** [memorySize] */
  readonly memoryEntropies: Float64Array;
  /** The weight of `halt` in the step that led here. */
  readonly halting: number;
}

/**
 * The states of a soft run of the first row of a batch: the initial one, and one after each step.
 *
 * @throws SoftmachineError when the state is not of the program's shape or has no row.
 */
export function softTrace(
  program: EncodedProgram,
  state: SoftState,
  steps: number,
  dtype: SoftDtype = "float64",
): SoftTraceStep[] {
  checkState(program, state);
  checkWholeNumber("the steps of a soft run", steps, 0);
  if (state.batch === 0) throw new SoftmachineError("a batch of 0 has no row to trace");
  const machine = new SoftMachine(program, { batch: 1, dtype });
  const rowOf = (array: Float64Array): Float64Array => array.subarray(0, array.length / state.batch);
  machine.inputs.registers.set(rowOf(state.registers));
  machine.inputs.memory.set(rowOf(state.memory));
  machine.inputs.counter.set(rowOf(state.counter));
  const { encoding, n, lines } = sizesOf(program);
  const entropiesOf = encoding === "unit" ? entropies : bitEntropies;
  const trace: SoftTraceStep[] = [];
  for (const { state: now, halting } of machine.trace(steps)) {
    const registers = Float64Array.from(now.registers);
    const memory = Float64Array.from(now.memory);
    const counter = Float64Array.from(now.counter);
    trace.push({
      encoding,
      step: trace.length,
      counter,
      registers,
      memory,
      halted: now.halted[0],
      counterEntropy: entropies(counter, lines)[0],
      registerEntropies: entropiesOf(registers, n),
      memoryEntropies: entropiesOf(memory, n),
      halting,
    });
  }
  return trace;
}

/** A soft run of a program on distributions of operands beside the exact run on certain ones. */
export interface TracePair {
  readonly soft: readonly SoftTraceStep[];
  readonly exact: readonly ExactStep[];
}

/**
 * Traces a program softly and exactly.
 *
 * @param operands values 0..n-1 for the exact run.
 * @param distributions [operands, n] for the soft run; by default certain of `operands`.
 * @param steps steps of the soft run; by default those of the exact run.
 */
export function tracePair(
  image: Image,
  name: string,
  operands: readonly number[],
  distributions: Float64Array = oneHot(operands, image.n),
  steps?: number,
): TracePair {
  const exact = [...traceExact(image, name, operands)];
  const soft = softTrace(flash(image), initialState(image, name, distributions, 1), steps ?? exact.length);
  return { soft, exact };
}

/** The Shannon entropy of each row of `width` probabilities, in bits. */
export function entropies(rows: Float64Array, width: number): Float64Array {
  checkWholeNumber("the width of a distribution", width, 1);
  return Float64Array.from({ length: rows.length / width }, (_, row) => {
    let sum = 0;
    for (let i = row * width; i < (row + 1) * width; i++) if (rows[i] > 0) sum -= rows[i] * Math.log2(rows[i]);
    return sum;
  });
}

/** The entropy of each value of so many independent bits, in bits: the sum of theirs. */
function bitEntropies(probabilities: Float64Array, bits: number): Float64Array {
  return Float64Array.from({ length: probabilities.length / bits }, (_, row) => {
    let sum = 0;
    for (let i = row * bits; i < (row + 1) * bits; i++)
      for (const p of [probabilities[i], 1 - probabilities[i]]) if (p > 0) sum -= p * Math.log2(p);
    return sum;
  });
}
