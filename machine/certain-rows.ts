/**
 * Rows of a soft batch that are certain of everything: a program whose fields and labels are all one-hot, on a one-hot state,
 * or all bits of which are 0 or 1. Each step of theirs is one of the exact machine's, in zeros and ones, so that they run
 * there.
 */
import { type EncodedProgram, type EncodedSizes, isBinary, sizesOf } from "./encoded-program.js";
import { bitAt } from "./encodings.js";
import { ExactMachine, type MachineValues } from "./exact.js";
import type { Encoding } from "./soft-kernel/context.js";
import type { SoftRunOptions } from "./soft-machine.js";
import { fieldNames, fieldWidth, type SoftFields } from "./soft-program.js";
import type { SoftViews } from "./soft-workspace.js";
import type { Floats } from "./tabulated-call.js";

interface CertainState {
  readonly line: number;
  readonly registers: MachineValues;
  readonly memory: MachineValues;
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
/** The most values that the exact machine's table of labels holds. */
const mostLabels = 65536;

/** A certain program, and its runs of certain rows. */
export class CertainRows {
  private readonly machine: ExactMachine;

  private constructor(
    private readonly sizes: EncodedSizes,
    n: number,
    fields: { readonly [Field in keyof SoftFields]: MachineValues },
    private readonly labels: Int32Array,
  ) {
    const { registers, memorySize, lines, tables = [] } = sizes;
    const [op, a, b, out] = [fields.op, fields.a, fields.b, fields.out].map((field) => Uint8Array.from(field));
    const instructions = { op, a, b, out, k: Uint32Array.from(fields.k) };
    const initialMemory = new Uint32Array(memorySize);
    this.machine = new ExactMachine({
      ...{ n, registers, memorySize, lines, instructions, tables, initialMemory, comments: [] },
    });
  }

  /** Undefined for a program that is not certain. */
  static of(program: EncodedProgram): CertainRows | undefined {
    const sizes = sizesOf(program);
    const { encoding, registers, memorySize, lines } = sizes;
    const n = isBinary(program) ? 2 ** program.bits : program.n;
    if (program.mixing === "logits" || n < 2 || registers > mostRegisters || memorySize === 0) return undefined;
    const field = (name: keyof SoftFields) =>
      valuesIn(name === "k" ? encoding : "unit", program[name], 0, lines, fieldWidth(name, sizes));
    const [op, a, b, out, k] = fieldNames.map(field);
    const labels = certainLabels(program);
    if (!op || !a || !b || !out || !k || !labels) return undefined;
    return new CertainRows(sizes, n, { op, a, b, out, k }, labels);
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
    const { encoding, n, lines, registers: count, memorySize } = this.sizes;
    for (const run of runs) {
      writeValues(run.registers, registers, run.row * count * n, n, encoding);
      writeValues(run.memory, memory, run.row * memorySize * n, n, encoding);
      writeValues([run.line], counter, run.row * lines, lines, "unit");
      halted[run.row] = run.halted ? 1 : 0;
    }
  }

  private stateOf(inputs: SoftViews, row: number): CertainState | undefined {
    const { encoding, n, lines, registers: count, memorySize } = this.sizes;
    const counter = certainValues(inputs.counter, row * lines, 1, lines);
    const registers = counter && valuesIn(encoding, inputs.registers, row * count * n, count, n);
    const memory = registers && valuesIn(encoding, inputs.memory, row * memorySize * n, memorySize, n);
    return memory && { line: counter[0], registers, memory };
  }

  private runFrom({ line, registers, memory }: CertainState, row: number, budget: number, stops: boolean): CertainRun {
    const { machine, labels } = this;
    const { lines: end, memorySize: stackCells } = this.sizes;
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

/** The line that each value names, as far as one has another than its remainder; undefined where a label is not certain. */
function certainLabels(program: EncodedProgram): Int32Array | undefined {
  const { lines, labelTable } = program;
  const { labelRows } = sizesOf(program);
  const listed = labelTable && certainValues(labelTable, 0, labelRows, lines);
  if (labelTable && !listed) return undefined;
  if (!isBinary(program)) return Int32Array.from(listed ?? program.labels);
  const values = [...program.labels.keys()];
  const count = Math.max(-1, ...values) + 1;
  if (count > mostLabels) return undefined;
  const labels = Int32Array.from({ length: count }, (_, value) => value % lines);
  [...program.labels].forEach(([value, line], i) => {
    labels[value] = listed ? listed[i] : line;
  });
  return labels;
}

/** The values that rows of `width` numbers are certain of, in an encoding; undefined where one is not. */
function valuesIn(encoding: Encoding, ...given: Parameters<typeof certainValues>): MachineValues | undefined {
  return encoding === "unit" ? certainValues(...given) : valuesOfBits(...given);
}

/** The values of rows of bits, the lowest first, each 0 or 1; undefined where one is not. */
function valuesOfBits(numbers: Floats, from: number, rows: number, bits: number): Float64Array | undefined {
  const values = new Float64Array(rows);
  for (let row = 0, at = from; row < rows; row++) {
    for (let i = 0; i < bits; i++, at++) {
      if (numbers[at] === 0) continue;
      if (numbers[at] !== 1) return undefined;
      values[row] += 2 ** i;
    }
  }
  return values;
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

function writeValues(
  values: ArrayLike<number>,
  numbers: Floats,
  from: number,
  width: number,
  encoding: Encoding,
): void {
  numbers.fill(0, from, from + values.length * width);
  for (let row = 0; row < values.length; row++) {
    const at = from + row * width;
    if (encoding === "unit") numbers[at + values[row]] = 1;
    else for (let i = 0; i < width; i++) numbers[at + i] = bitAt(values[row], i);
  }
}
