import type { Image } from "../assembler/index.js";
import {
  binaryProgramFromLogits,
  bitsOf,
  type CertaintyLoss,
  certaintyLosses,
  type EncodedProgram,
  type Encoding,
  type ExactStep,
  exactStates,
  flash,
  flashBinary,
  flashBinaryLogits,
  flashLogits,
  initialBinaryState,
  initialState,
  programFromLogits,
  runExact,
  type SoftState,
  type SoftTraceStep,
  softRun,
  softTrace,
  traceExact,
} from "../machine/index.js";
import { BudgetError } from "../scheme/index.js";
import { UsageError } from "./failures.js";
import { type MachineProgram, softStateSize } from "./machine-program.js";
import { inBits, inUnits, type OperandDistribution } from "./operand-distributions.js";

export interface TraceOptions {
  /** How the soft machine writes values (default "unit"). */
  readonly encoding?: Encoding;
  /** Steps to show of either run; by default the soft run goes on until it has halted. */
  readonly steps?: number;
  /** Odds exp(sharpness) that each field of the soft program is the right one; certain when absent. */
  readonly sharpness?: number;
  /** Whether the soft machine runs too. Default true. */
  readonly soft?: boolean;
}

/** A program's run on both machines, step by step. */
export interface MachineTrace {
  readonly program: MachineProgram;
  readonly operands: readonly OperandDistribution[];
  /** From the most probable operands. */
  readonly exact: readonly ExactStep[];
  /** The initial state, and the one after each step; none where the soft machine did not run. */
  readonly soft: readonly SoftTraceStep[];
  /** The exact run's states: the initial one, and the one after each step. */
  readonly states: ReturnType<typeof exactStates>;
  /** Where the soft run lost its certainty, by step. */
  readonly losses: readonly CertaintyLoss[];
  /** The exact run was cut off before its end. */
  readonly exactCut: boolean;
  /** The probability that the soft run has halted at its end. */
  readonly halted: number;
  readonly encoding: Encoding;
  /** [n], or of values of bits [bits]: the soft run's result, the mixture of r0 over the times at which it halts. */
  readonly result: Float64Array;
}

/** Numbers that the states of a trace may hold together: 128 MiB of them. */
const mostNumbers = 2 ** 24;
/** A soft run has halted with this probability. */
export const haltedEnough = 0.999;
/**
 * How many times the steps of the exact machine a soft run may take to halt: its counter and its halting are taken as
 * independent, so that what has halted goes on to walk through the program.
 */
const patience = 8;
/** Tuples of operands that are tried for the steps of the soft run. */
const mostTuples = 4096;

/**
 * Runs a program on both machines.
 *
 * @throws UsageError when the states of so many steps would not fit; SoftmachineError when n is no power of two and values
 * are bits; BudgetError when the stack overflows.
 */
export function traceOnMachines(
  program: MachineProgram,
  operands: readonly OperandDistribution[],
  { encoding = "unit", steps, sharpness, soft: withSoft = true }: TraceOptions,
): MachineTrace {
  const { image, entry } = program;
  const width = encoding === "unit" ? image.n : bitsOf(image.n);
  const stateSize = withSoft ? softStateSize(image, width) : image.registers + image.memorySize;
  const most = Math.floor(mostNumbers / stateSize) - 1;
  if (most < 1) {
    const ways = encoding === "unit" ? "a smaller --n, or --encoding binary" : "fewer --cells";
    throw new UsageError(`a soft run's states are too large to keep with n = ${image.n}: try ${ways}`);
  }
  if (steps !== undefined && steps > most) {
    throw new UsageError(`the states of ${steps} steps are too large to keep; --steps ${most} is the most with this n`);
  }
  const limit = steps ?? most;
  const modes = operands.map(({ mode }) => mode);
  const exact: ExactStep[] = [];
  for (const step of traceExact(image, entry.name, modes, { steps: Number.MAX_SAFE_INTEGER })) {
    if (exact.length === limit) break;
    exact.push(step);
  }
  const exactCut = exact.at(-1)?.halted !== true;
  const states = exactStates(image, entry, modes, exact);
  const run = { program, operands, exact, states, exactCut, encoding };
  if (!withSoft) return { ...run, soft: [], losses: [], halted: 0, result: new Float64Array() };
  const [softProgram, state] = begun(program, operands, encoding, sharpness);
  const worst = stepsFromEvery(program, operands, most);
  const soft = softTrace(softProgram, state, steps ?? Math.min(most, patience * worst));
  if (steps === undefined) {
    const end = soft.findIndex(({ halted }) => halted >= haltedEnough);
    if (end >= 0) soft.length = end + 1;
  }
  const result = softRun(softProgram, state, { steps: soft.length - 1 }).registers.slice(0, width);
  const losses = certaintyLosses({ soft, exact }, states);
  return { ...run, soft, losses, halted: soft.at(-1)?.halted ?? 0, result };
}

/** The soft program, and the state in which it begins. */
function begun(
  { image, entry }: MachineProgram,
  operands: readonly OperandDistribution[],
  encoding: Encoding,
  sharpness: number | undefined,
): readonly [EncodedProgram, SoftState] {
  if (encoding === "unit") {
    const program = sharpness === undefined ? flash(image) : programFromLogits(image, flashLogits(image, sharpness));
    return [program, initialState(image, entry.name, inUnits(operands, image.n), 1)];
  }
  const program = sharpness === undefined ? flashBinary(image) : softenedBits(image, sharpness);
  return [program, initialBinaryState(image, entry.name, inBits(operands, bitsOf(image.n)), 1)];
}

const softenedBits = (image: Image, sharpness: number) =>
  binaryProgramFromLogits(image, flashBinaryLogits(image, sharpness));

/** The most steps that the exact machine takes from any of the values that the operands may have. */
function stepsFromEvery(
  { image, entry }: MachineProgram,
  operands: readonly OperandDistribution[],
  budget: number,
): number {
  let worst = 1;
  const count = Math.min(
    mostTuples,
    operands.reduce((product, { support }) => product * (support?.size ?? image.n), 1),
  );
  const supports = operands.map(({ support }) => support && [...support.keys()]);
  for (let index = 0; index < count; index++) {
    let rest = index;
    const tuple = supports.map((values) => {
      const size = values?.length ?? image.n;
      const at = rest % size;
      rest = Math.floor(rest / size);
      return values === undefined ? at : values[at];
    });
    try {
      worst = Math.max(worst, runExact(image, entry.name, tuple, { steps: budget }).steps);
    } catch (error) {
      // A run without end: the trace is as long as can be kept.
      if (error instanceof BudgetError) return budget;
      throw error;
    }
  }
  return worst;
}
