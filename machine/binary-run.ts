import { checkWholeNumber } from "../assembler/index.js";
import { type BinaryProgram, type BinaryState, checkBinaryRun, zeroBinaryFields } from "./binary-program.js";
import { type BinaryStates, BinaryStep } from "./binary-step.js";
import { checkShape } from "./soft-arrays.js";
import type { SoftCotangents, SoftGradients } from "./soft-backward.js";
import type { SoftResult } from "./soft-forward.js";
import type { SoftBackwardOptions, SoftRunOptions } from "./soft-machine.js";

/** What `binaryBackward` needs of a run: the states before each step, and after the last. */
export interface BinaryTape {
  readonly program: BinaryProgram;
  readonly options: SoftRunOptions;
  readonly states: readonly BinaryStates[];
}

/**
 * Runs a soft program on values of bits: `softRun` with registers [batch, registers, bits] and memory [batch, memorySize,
 * bits], its results too, and the circuits as the ALU. From certain bits, a certain program does what the exact machine
 * does, in exact zeros and ones.
 *
 * @throws SoftmachineError when the state is not of the program's shape.
 */
export function binaryRun(program: BinaryProgram, state: BinaryState, options: SoftRunOptions): SoftResult {
  return follow(program, state, options, () => {});
}

/** As `binaryRun`, and keeps every state for `binaryBackward`. */
export function binaryForward(
  program: BinaryProgram,
  state: BinaryState,
  options: SoftRunOptions,
): { result: SoftResult; tape: BinaryTape } {
  const states: BinaryStates[] = [];
  const result = follow(program, state, options, (now) => states.push(now));
  return { result, tape: { program, options, states } };
}

/** The states of a run: the initial ones, and those after each step in which a row has not halted with certainty. */
export function binaryTrace(program: BinaryProgram, state: BinaryState, steps: number): readonly BinaryStates[] {
  return binaryForward(program, state, { steps }).tape.states;
}

/** Whether a row does the next step. */
const activity =
  ({ stopWhenHalted = true }: SoftRunOptions, { halted }: BinaryStates) =>
  (row: number): boolean =>
    !stopWhenHalted || halted[row] !== 1;

function follow(
  program: BinaryProgram,
  state: BinaryState,
  options: SoftRunOptions,
  visit: (state: BinaryStates) => void,
): SoftResult {
  checkBinaryRun(program, state);
  checkWholeNumber("the steps of a soft run", options.steps, 0);
  const { batch } = state;
  const step = new BinaryStep(program, batch);
  let now: BinaryStates = {
    registers: state.registers.slice(),
    memory: state.memory.slice(),
    counter: state.counter.slice(),
    halted: new Float64Array(batch),
  };
  const readOut = { registers: new Float64Array(now.registers.length), memory: new Float64Array(now.memory.length) };
  const steps = new Int32Array(batch);
  const rows = Array.from({ length: batch }, (_, row) => row);
  visit(now);
  for (let t = 0; t < options.steps; t++) {
    const active = activity(options, now);
    if (!rows.some(active)) break;
    for (const row of rows) if (active(row)) steps[row]++;
    now = step.forward(now, active, readOut);
    visit(now);
  }
  for (const part of ["registers", "memory"] as const) {
    const size = now[part].length / batch;
    now[part].forEach((p, i) => {
      readOut[part][i] += (1 - now.halted[Math.floor(i / size)]) * p;
    });
  }
  const { counter, halted } = now;
  return { batch, ...readOut, counter, halted, steps };
}

/**
 * Reverse-mode differentiation of a run on bits, by hand; arrays are of the shapes of the run's own, and `labels` is
 * undefined always.
 *
 * @throws SoftmachineError when a cotangent is not of the result's shape.
 */
export function binaryBackward(
  { program, options, states }: BinaryTape,
  cotangents: SoftCotangents,
  { program: wanted = true }: Pick<SoftBackwardOptions, "program"> = {},
): SoftGradients {
  const { bits, registers, memorySize, lines } = program;
  const last = states[states.length - 1];
  const batch = last.halted.length;
  const given = {
    registers: taken("registers", cotangents, [batch, registers, bits]),
    memory: taken("memory", cotangents, [batch, memorySize, bits]),
    counter: taken("counter", cotangents, [batch, lines]),
    halted: taken("halted", cotangents, [batch]),
  };
  const g = {
    registers: given.registers.slice(),
    memory: given.memory.slice(),
    counter: given.counter,
    halted: given.halted,
  };
  for (const part of ["registers", "memory"] as const) {
    const size = g[part].length / batch;
    for (let i = 0; i < g[part].length; i++) {
      const row = Math.floor(i / size);
      g.halted[row] -= g[part][i] * last[part][i];
      g[part][i] *= 1 - last.halted[row];
    }
  }
  const fields = wanted === false ? undefined : zeroBinaryFields(program);
  const toProgram = fields && { fields, mask: typeof wanted === "object" ? wanted : undefined };
  const step = new BinaryStep(program, batch);
  for (let t = states.length - 2; t >= 0; t--)
    step.backward(states[t], activity(options, states[t]), g, given, toProgram);
  return { registers: g.registers, memory: g.memory, counter: g.counter, program: fields, labels: undefined };
}

function taken(part: keyof SoftCotangents, cotangents: SoftCotangents, shape: readonly number[]): Float64Array {
  const given = cotangents[part];
  if (given === undefined) return new Float64Array(shape.reduce((size, length) => size * length, 1));
  checkShape(`the cotangent of the ${part === "halted" ? "halting probability" : part}`, given, shape);
  return Float64Array.from(given);
}
