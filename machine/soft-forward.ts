import { checkWholeNumber } from "../assembler/index.js";
import { addScaled } from "./mixtures.js";
import type { SoftProgram } from "./soft-program.js";
import { checkState, type SoftState } from "./soft-state.js";
import { halt, type RowState, SoftStep } from "./soft-step.js";

export interface SoftOptions {
  /** Steps of the run: 16, say. */
  readonly steps: number;
  /**
   * End a row of the batch at the step where it has halted with certainty (default true). The read-out is the same; the
   * gradient then does not see what a run would have done after its `halt`, had it gone on.
   */
  readonly stopWhenHalted?: boolean;
}

/** The read-out of a soft run: the mixture of its states over the times at which it halts. */
export interface SoftResult {
  readonly batch: number;
  /** [batch, registers, n] */
  readonly registers: Float64Array;
  /** [batch, memorySize, n] */
  readonly memory: Float64Array;
  /** [batch, lines]: the counter after the last step, not mixed. */
  readonly counter: Float64Array;
  /** [batch]: the probability of having halted. */
  readonly halted: Float64Array;
  /** [batch]: steps done. */
  readonly steps: Int32Array;
}

/** What `softBackward` needs of a run: for each row of the batch, its state before each step and at the end. */
export interface SoftTape {
  readonly program: SoftProgram;
  readonly batch: number;
  readonly rows: readonly (readonly Readonly<RowState>[])[];
}

/**
 * Runs a soft program: at each step everything at once, weighted ("Algorithmic Language Models with Neurally Compiled
 * Libraries", 2024, equations 1 to 7). From a one-hot state, a one-hot program does what the exact machine does, in exact
 * zeros and ones.
 *
 * The read-out weighs the state before step t by the probability of halting at t, (1 - h) f(halt), and the last state by
 * that of not having halted.
 *
 * @throws SoftmachineError when the state is not of the program's shape.
 */
export function softRun(program: SoftProgram, state: SoftState, options: SoftOptions): SoftResult {
  return run(program, state, options, undefined);
}

/** As `softRun`, and records what `softBackward` needs. */
export function softForward(
  program: SoftProgram,
  state: SoftState,
  options: SoftOptions,
): { result: SoftResult; tape: SoftTape } {
  const rows: RowState[][] = [];
  const result = run(program, state, options, rows);
  return { result, tape: { program, batch: state.batch, rows } };
}

function run(
  program: SoftProgram,
  state: SoftState,
  { steps, stopWhenHalted = true }: SoftOptions,
  tape: RowState[][] | undefined,
): SoftResult {
  checkState(program, state);
  checkWholeNumber("the steps of a soft run", steps, 0);
  const { batch } = state;
  const result: SoftResult = {
    batch,
    registers: new Float64Array(state.registers.length),
    memory: new Float64Array(state.memory.length),
    counter: new Float64Array(state.counter.length),
    halted: new Float64Array(batch),
    steps: new Int32Array(batch),
  };
  const step = new SoftStep(program);
  for (let index = 0; index < batch; index++) {
    const row = rowState(state, index);
    const record: RowState[] = [];
    const registers = rowOf(result.registers, index, batch);
    const memory = rowOf(result.memory, index, batch);
    let done = 0;
    // Memory is read out when it is about to change, with the weight that has gathered since it last did.
    let pending = 0;
    const readOutMemory = (): void => {
      if (pending !== 0) addScaled(pending, row.memory, memory);
      pending = 0;
    };
    while (done < steps && !(stopWhenHalted && row.halted === 1)) {
      if (tape !== undefined) record.push(snapshot(row));
      step.execute(row);
      const weight = (1 - row.halted) * step.f[halt];
      if (weight !== 0) {
        addScaled(weight, row.registers, registers);
        pending += weight;
      }
      if (step.writesMemory) {
        readOutMemory();
        // A recorded memory stays as it is: the step works on a copy.
        if (tape !== undefined) row.memory = row.memory.slice();
      }
      step.advance(row);
      done++;
    }
    if (row.halted !== 1) {
      addScaled(1 - row.halted, row.registers, registers);
      pending += 1 - row.halted;
    }
    readOutMemory();
    if (tape !== undefined) {
      record.push(snapshot(row));
      tape.push(record);
    }
    rowOf(result.counter, index, batch).set(row.counter);
    result.halted[index] = row.halted;
    result.steps[index] = done;
  }
  return result;
}

/** The part of a batched array that belongs to one row of the batch, shared. */
export function rowOf(array: Float64Array, index: number, batch: number): Float64Array {
  const size = array.length / batch;
  return array.subarray(index * size, (index + 1) * size);
}

/** A state of one row of the batch, of its own. */
export function rowState({ batch, registers, memory, counter }: SoftState, index: number): RowState {
  return {
    registers: rowOf(registers, index, batch).slice(),
    memory: rowOf(memory, index, batch).slice(),
    counter: rowOf(counter, index, batch).slice(),
    halted: 0,
  };
}

function snapshot(row: RowState): RowState {
  return { ...row, registers: row.registers.slice(), counter: row.counter.slice() };
}
