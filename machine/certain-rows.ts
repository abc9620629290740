/**
 * Rows of a soft batch that are certain of everything: a program whose fields and labels are all one-hot, on a one-hot state.
 * Each step of theirs is one of the exact machine's, in zeros and ones, so that they run there.
 */
import { ExactMachine } from "./exact.js";
import type { SoftRunOptions } from "./soft-machine.js";
import { fieldNames, fieldWidth, type SoftFields, type SoftProgram } from "./soft-program.js";
import type { SoftViews } from "./soft-workspace.js";
import type { Floats } from "./tabulated-call.js";

interface CertainState {
  readonly line: number;
  readonly registers: Int32Array;
  readonly memory: Int32Array;
}

/**
 * How the run of a certain row ended: the counter after the last step, and what is read out, registers and memory when it
 * halted first, or else at the end.
 */
export interface CertainRun extends CertainState {
  readonly row: number;
  readonly halted: boolean;
  /** Steps done, and those among them before which it had not halted. */
  readonly steps: number;
  readonly expectedSteps: number;
}

/** The most registers that the exact machine's instructions name. */
const mostRegisters = 256;

/** A certain program, and its runs of certain rows. */
export class CertainRows {
  private readonly machine: ExactMachine;

  private constructor(
    private readonly program: SoftProgram,
    fields: { readonly [Field in keyof SoftFields]: Int32Array },
    private readonly labels: Int32Array,
  ) {
    const { n, registers, memorySize, lines, tables = [] } = program;
    const [op, a, b, out] = [fields.op, fields.a, fields.b, fields.out].map((field) => Uint8Array.from(field));
    const instructions = { op, a, b, out, k: Uint16Array.from(fields.k) };
    const initialMemory = new Uint16Array(memorySize);
    this.machine = new ExactMachine({
      ...{ n, registers, memorySize, lines, instructions, tables, initialMemory, comments: [] },
    });
  }

  /** Undefined for a program that is not certain. */
  static of(program: SoftProgram): CertainRows | undefined {
    const { n, registers, memorySize, lines, labels, labelTable, mixing } = program;
    if (mixing === "logits" || n < 2 || registers > mostRegisters || memorySize === 0) return undefined;
    const field = (name: keyof SoftFields) => certainValues(program[name], 0, lines, fieldWidth(name, program));
    const [op, a, b, out, k] = fieldNames.map(field);
    const lineOf = labelTable === undefined ? labels : certainValues(labelTable, 0, n, lines);
    if (!op || !a || !b || !out || !k || !lineOf) return undefined;
    return new CertainRows(program, { op, a, b, out, k }, lineOf.slice());
  }

  /**
   * Runs the rows of a batch that are certain, in groups of so many: a row of which others of its group are not is left out,
   * since what those give depends, in its last bits, on the step at which one of the group writes to memory.
   */
  run(inputs: SoftViews, batch: number, group: number, { steps, stopWhenHalted = true }: SoftRunOptions): CertainRun[] {
    const runs: CertainRun[] = [];
    for (let first = 0; first < batch; first += group) {
      const states: CertainState[] = [];
      for (let row = first; row < Math.min(first + group, batch); row++) {
        const state = this.stateOf(inputs, row);
        if (state === undefined) break;
        states.push(state);
      }
      if (states.length < Math.min(group, batch - first)) continue;
      for (const [i, state] of states.entries()) runs.push(this.runFrom(state, first + i, steps, stopWhenHalted));
    }
    return runs;
  }

  /** Writes what rows read out as distributions. */
  write(runs: readonly CertainRun[], { registers, memory, counter, halted }: SoftViews): void {
    const { n, lines, registers: count, memorySize } = this.program;
    for (const run of runs) {
      writeValues(run.registers, registers, run.row * count * n, n);
      writeValues(run.memory, memory, run.row * memorySize * n, n);
      writeValues([run.line], counter, run.row * lines, lines);
      halted[run.row] = run.halted ? 1 : 0;
    }
  }

  private stateOf(inputs: SoftViews, row: number): CertainState | undefined {
    const { n, lines, registers: count, memorySize } = this.program;
    const counter = certainValues(inputs.counter, row * lines, 1, lines);
    const registers = counter && certainValues(inputs.registers, row * count * n, count, n);
    const memory = registers && certainValues(inputs.memory, row * memorySize * n, memorySize, n);
    return memory && { line: counter[0], registers, memory };
  }

  private runFrom({ line, registers, memory }: CertainState, row: number, budget: number, stops: boolean): CertainRun {
    const { machine, labels } = this;
    const { lines: end, memorySize: stackCells } = this.program;
    machine.start({ name: "", line, end, operands: [], labels, stackCells }, []);
    machine.registers.set(registers);
    machine.memory.set(memory);
    machine.advance(budget);
    const { halted, steps: expectedSteps } = machine;
    registers.set(machine.registers);
    memory.set(machine.memory);
    while (!stops && machine.steps < budget) {
      machine.halted = false;
      machine.advance(budget - machine.steps);
    }
    return { row, registers, memory, line: machine.line, halted, steps: machine.steps, expectedSteps };
  }
}

/** Words, of which a number has one or two, that are looked at together: most numbers are 0. */
const blockWords = 8;

/** The values that rows of `width` numbers are certain of, each a 1 among zeros; undefined where one is not. */
function certainValues(numbers: Floats, from: number, rows: number, width: number): Int32Array | undefined {
  const { BYTES_PER_ELEMENT: bytes } = numbers;
  const shift = bytes === 4 ? 0 : 1;
  // The last word of 1, whose other word, if it has two, is 0.
  const one = bytes === 4 ? 0x3f800000 : 0x3ff00000;
  const words = new Int32Array(numbers.buffer, numbers.byteOffset + from * bytes, (rows * width) << shift);
  const values = new Int32Array(rows);
  const { length } = words;
  const lastBlock = length - blockWords;
  let row = 0;
  let at = 0;
  while (at < length) {
    if (at <= lastBlock) {
      const some = words[at] | words[at + 1] | words[at + 2] | words[at + 3];
      if ((some | words[at + 4] | words[at + 5] | words[at + 6] | words[at + 7]) === 0) {
        at += blockWords;
        continue;
      }
    }
    const end = Math.min(at + blockWords, length);
    for (; at < end; at++) {
      if (words[at] === 0) continue;
      const value = (at >> shift) - row * width;
      if (words[at] !== one || (at & shift) !== shift || row === rows || value < 0 || value >= width) return undefined;
      values[row++] = value;
    }
  }
  return row === rows ? values : undefined;
}

function writeValues(values: ArrayLike<number>, numbers: Floats, from: number, width: number): void {
  numbers.fill(0, from, from + values.length * width);
  for (let row = 0; row < values.length; row++) numbers[from + row * width + values[row]] = 1;
}
