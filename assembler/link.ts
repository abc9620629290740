import { SoftmachineError } from "../scheme/index.js";
import { type Assembly, mostMemory, mostRegisters, mostValues, registersOf } from "./assembly.js";
import type { Entry, Image, InstructionArrays, ValueArray } from "./image.js";
import { instructions } from "./instructions.js";
import { checkWholeNumber } from "./whole-number.js";

export interface LinkOptions {
  /** Values are 0..n-1; from 2 to 2^32. */
  readonly n: number;
  /** Registers of the image. Default 16. */
  readonly registers?: number;
  /** Memory rows, from 1 to n or 65,536, whichever is less. Default the most. */
  readonly memory?: number;
}

/** Values that a label table has room for; those beyond name the line `value mod lines`. */
const mostLabels = 65536;

/** Registers of an image when nothing else is asked for. */
export const defaultRegisters = 16;

/**
 * Lays programs out one after another in one image. When the image has no more lines than n, each value names the
 * line of its number, as in the paper; otherwise each line that some immediate names gets one of the n values, so that
 * an image may be longer than n.
 *
 * @throws SoftmachineError when a program does not fit: registers, labels, constants, data.
 */
export function link(programs: readonly Assembly[], options: LinkOptions): Image {
  const { n, registers = defaultRegisters, memory = Math.min(n, mostMemory) } = options;
  checkSizes(n, registers, memory);
  if (programs.length === 0) throw new SoftmachineError("link needs at least one program");
  const entries = layOut(programs, registers);
  const lines = programs.reduce((sum, program) => sum + program.instructions.length, 0);
  const values = labelValues(programs, entries, lines, n);
  const labels = Int32Array.from({ length: Math.min(n, mostLabels) }, (_, value) => value % lines);
  for (const [line, value] of values) labels[value] = line;
  const { initialMemory, stackCells } = placeData(programs, n, memory);
  return {
    n,
    registers,
    memorySize: memory,
    lines,
    instructions: encode(programs, entries, lines, values, n),
    labels,
    lineLabels: lineLabels(programs, entries),
    comments: programs.flatMap((program) => program.instructions.map(({ comment }) => comment ?? "")),
    entries,
    initialMemory,
    stackCells,
  };
}

function checkSizes(n: number, registers: number, memory: number): void {
  checkWholeNumber("n", n, 2, mostValues);
  checkWholeNumber("registers", registers, 1, mostRegisters);
  checkWholeNumber("memory", memory, 1, Math.min(n, mostMemory));
}

/** The first line of each program, at its index. */
function starts(programs: readonly Assembly[]): number[] {
  let line = 0;
  return programs.map((program) => {
    const start = line;
    line += program.instructions.length;
    return start;
  });
}

function layOut(programs: readonly Assembly[], registers: number): Map<string, Entry> {
  const entries = new Map<string, Entry>();
  const firstLines = starts(programs);
  programs.forEach((program, i) => {
    const { name, operands, stackPointer } = program;
    if (entries.has(name)) throw new SoftmachineError(`two programs are named "${name}"`);
    if (program.instructions.length === 0) throw new SoftmachineError(`program "${name}" has no instructions`);
    const needed = registersOf(program);
    if (needed > registers) {
      throw new SoftmachineError(`program "${name}" needs ${needed} registers; the image has ${registers}`);
    }
    entries.set(name, {
      name,
      line: firstLines[i] + (program.entry === undefined ? 0 : lineOf(program, program.entry)),
      end: firstLines[i] + program.instructions.length,
      operands,
      ...(stackPointer === undefined ? {} : { stackPointer }),
    });
  });
  return entries;
}

function lineOf(program: Assembly, label: string): number {
  const line = program.labels.get(label);
  if (line === undefined || line >= program.instructions.length) {
    throw new SoftmachineError(`program "${program.name}" has no line labelled "${label}"`);
  }
  return line;
}

/** Line to the value that names it, for every line that an immediate names. */
function labelValues(
  programs: readonly Assembly[],
  entries: ReadonlyMap<string, Entry>,
  lines: number,
  n: number,
): Map<number, number> {
  if (lines <= n) return new Map(Array.from({ length: lines }, (_, line) => [line, line]));
  const used = new Set<number>();
  for (const program of programs) {
    const start = startOf(program, entries);
    for (const { k } of program.instructions) {
      if (typeof k !== "number") used.add(start + lineOf(program, k.label));
    }
  }
  if (used.size > n) {
    const who = programs.length === 1 ? `program "${programs[0].name}"` : `the image of ${programs.length} programs`;
    throw new SoftmachineError(`${who} needs ${used.size} labels; n = ${n} holds ${n}`);
  }
  return new Map([...used].sort((x, y) => x - y).map((line, value) => [line, value]));
}

function startOf(program: Assembly, entries: ReadonlyMap<string, Entry>): number {
  return (entries.get(program.name)?.end ?? 0) - program.instructions.length;
}

function encode(
  programs: readonly Assembly[],
  entries: ReadonlyMap<string, Entry>,
  lines: number,
  values: ReadonlyMap<number, number>,
  n: number,
): InstructionArrays {
  const arrays = {
    op: new Uint8Array(lines),
    a: new Uint8Array(lines),
    b: new Uint8Array(lines),
    out: new Uint8Array(lines),
    k: zeroValues(lines, n),
  };
  for (const program of programs) {
    const start = startOf(program, entries);
    program.instructions.forEach(({ op, a, b, out, k }, i) => {
      const line = start + i;
      arrays.op[line] = instructions[op].number;
      arrays.a[line] = a;
      arrays.b[line] = b;
      arrays.out[line] = out;
      arrays.k[line] =
        typeof k === "number"
          ? wrapped(k, n, `program "${program.name}" holds the constant`)
          : (values.get(start + lineOf(program, k.label)) ?? 0);
    });
  }
  return arrays;
}

const zeroValues = (length: number, n: number): ValueArray =>
  n <= 65536 ? new Uint16Array(length) : new Uint32Array(length);

/** A constant as a value 0..n-1; -1 is n-1. */
function wrapped(value: number, n: number, what: string): number {
  if (!Number.isInteger(value)) throw new SoftmachineError(`${what} ${value}, which is not an integer`);
  if (value >= n || value < -n) {
    const needed = value >= n ? value + 1 : -value;
    throw new SoftmachineError(`${what} ${value}, which needs n of at least ${needed}; n = ${n}`);
  }
  return value < 0 ? value + n : value;
}

function lineLabels(programs: readonly Assembly[], entries: ReadonlyMap<string, Entry>): Map<number, string> {
  const names = new Map<number, string>();
  for (const program of programs) {
    const start = startOf(program, entries);
    for (const [label, line] of program.labels) {
      const name = programs.length === 1 ? label : `${program.name}.${label}`;
      const before = names.get(start + line);
      names.set(start + line, before === undefined ? name : `${before} ${name}`);
    }
  }
  return names;
}

function placeData(
  programs: readonly Assembly[],
  n: number,
  memory: number,
): { initialMemory: ValueArray; stackCells: number } {
  const initialMemory = zeroValues(memory, n);
  const owner = new Map<number, string>();
  let end = 0;
  for (const { name, data } of programs) {
    for (const { address, values } of data) {
      if (!Number.isInteger(address) || address < 0 || address + values.length > memory) {
        throw new SoftmachineError(
          `program "${name}" has data up to address ${address + values.length - 1}; memory has ${memory} cells`,
        );
      }
      values.forEach((value, i) => {
        const cell = wrapped(value, n, `program "${name}" has data with the value`);
        const other = owner.get(address + i);
        if (other !== undefined && initialMemory[address + i] !== cell) {
          throw new SoftmachineError(`programs "${other}" and "${name}" give address ${address + i} different data`);
        }
        owner.set(address + i, name);
        initialMemory[address + i] = cell;
      });
      end = Math.max(end, address + values.length);
    }
  }
  return { initialMemory, stackCells: memory - end };
}
