import { checkWholeNumber } from "../assembler/index.js";
import { type EncodedProgram, sizesOf } from "./encoded-program.js";
import type { SoftDtype } from "./soft-layout.js";
import { mostSteps, SoftMachine, type SoftRunOptions } from "./soft-machine.js";
import { checkState, type SoftState } from "./soft-state.js";
import type { SoftRoom } from "./soft-workspace.js";

export interface SoftOptions {
  /** Steps of the run: 16, say. */
  readonly steps: number;
  /**
   * End a row of the batch at the step where it has halted with certainty (default true). The read-out is the same; the
   * gradient then does not see what a run would have done after its `halt`, had it gone on.
   */
  readonly stopWhenHalted?: boolean;
  /**
   * Divide the registers and memory cells that a step writes, and the counter, by their sums after it (default false): the
   * sums of long runs drift otherwise. Gradients are exact, and so are one-hot runs.
   */
  readonly renormalise?: boolean;
  /**
   * Go step by step through rows that are certain of everything too (default false), which otherwise run on the exact
   * machine where no gradient is recorded: for whoever compares the two.
   */
  readonly stepsCertain?: boolean;
  /** What is computed with: "float64" (default), or "float32", which is about twice as fast. Results are Float64Arrays. */
  readonly dtype?: SoftDtype;
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

/**
 * What `softBackward` needs of a run: how it began. Its steps are in the memory of the machine that ran it until that
 * runs something else; then the run is done again, for which the program must be as it was.
 */
export interface SoftTape {
  readonly program: EncodedProgram;
  readonly state: SoftState;
  readonly options: SoftOptions;
}

/**
 * Runs a soft program: at each step everything at once, weighted ("Algorithmic Language Models with Neurally Compiled
 * Libraries", 2024, equations 1 to 7). From a one-hot state, a one-hot program does what the exact machine does, in exact
 * zeros and ones. A program on bits has circuits as its ALU (appendix D there), and bits wherever others have n values.
 *
 * The read-out weighs the state before step t by the probability of halting at t, (1 - h) f(halt), and the last state by
 * that of not having halted.
 *
 * Arrays are copied in and out; `SoftMachine` runs the same program again and again without.
 *
 * @throws SoftmachineError when the state is not of the program's shape, or the run would not fit in memory.
 */
export function softRun(program: EncodedProgram, state: SoftState, options: SoftOptions): SoftResult {
  checkRun(program, state, options);
  const machine = sharedMachine(program, state, options, 0);
  machine.forward(options);
  return resultOf(machine, state.batch);
}

/** As `softRun`, and records what `softBackward` needs. */
export function softForward(
  program: EncodedProgram,
  state: SoftState,
  options: SoftOptions,
): { result: SoftResult; tape: SoftTape } {
  checkRun(program, state, options);
  const { batch, registers, memory, counter } = state;
  const own = { batch, registers: registers.slice(), memory: memory.slice(), counter: counter.slice() };
  const tape: SoftTape = { program: { ...program }, state: own, options: { ...options } };
  const machine = record(tape);
  return { result: resultOf(machine, batch), tape };
}

/** The machine that has the steps of a recorded run in its memory. */
export function recordingOf(tape: SoftTape): SoftMachine {
  const shared = sharedMachines.get(kindOf(tape.program, tape.options));
  return shared?.tape === tape ? shared.machine : record(tape);
}

function record(tape: SoftTape): SoftMachine {
  const { program, state, options } = tape;
  const machine = sharedMachine(program, state, options, Math.max(1, options.steps));
  machine.forward(options, true);
  const shared = sharedMachines.get(kindOf(program, options));
  if (shared !== undefined) shared.tape = tape;
  return machine;
}

/** The machine that ran last, whose memory the next one takes over, and the recorded run that it holds. */
interface SharedMachine {
  readonly machine: SoftMachine;
  readonly room: SoftRoom;
  tape: SoftTape | undefined;
}

/** By what their kernels are for. */
const sharedMachines = new Map<string, SharedMachine>();

/** A memory larger than this is given up after use: 64 MiB. */
const keptBytes = 2 ** 26;

const kindOf = (program: EncodedProgram, { dtype = "float64" }: SoftOptions): string =>
  `${sizesOf(program).encoding} ${dtype}`;

function sharedMachine(
  program: EncodedProgram,
  state: SoftState,
  options: SoftOptions & SoftRunOptions,
  gradientSteps: number,
): SoftMachine {
  const { dtype = "float64" } = options;
  const kind = kindOf(program, options);
  const shared = sharedMachines.get(kind);
  const { batch } = state;
  let machine = shared?.machine;
  if (machine?.fits(program, batch, gradientSteps) && shared?.room.serves(machine.layout)) machine.load(program);
  else {
    const kept = shared !== undefined && shared.room.bytes <= keptBytes ? shared.room : undefined;
    sharedMachines.delete(kind);
    machine = new SoftMachine(program, { batch, gradientSteps, dtype }, kept);
    sharedMachines.set(kind, { machine, room: machine.room, tape: undefined });
  }
  const now = sharedMachines.get(kind);
  if (now !== undefined) now.tape = undefined;
  const { inputs } = machine;
  inputs.registers.set(state.registers);
  inputs.memory.set(state.memory);
  inputs.counter.set(state.counter);
  return machine;
}

function checkRun(program: EncodedProgram, state: SoftState, { steps }: SoftOptions): void {
  checkState(program, state);
  checkWholeNumber("the steps of a soft run", steps, 0, mostSteps);
}

function resultOf({ results, steps }: SoftMachine, batch: number): SoftResult {
  const { registers, memory, counter, halted } = results;
  return {
    batch,
    registers: new Float64Array(registers),
    memory: new Float64Array(memory),
    counter: new Float64Array(counter),
    halted: new Float64Array(halted),
    steps: steps.slice(),
  };
}
