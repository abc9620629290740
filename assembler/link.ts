import { type Shape, SoftmachineError, sizeOf } from "../scheme/index.js";
import {
  type ArrayCells,
  type ArrayOperand,
  type Assembly,
  type AssemblyInstruction,
  mostMemory,
  mostRegisters,
  mostValues,
  registersOf,
} from "./assembly.js";
import { type Grid, type GridOperation, isGridOperation, type OperationTable, operationTable } from "./grid.js";
import { commonLabels, type Entry, type Image, type InstructionArrays, type ValueArray } from "./image.js";
import { instructionCount, instructions } from "./instructions.js";
import { type SharedFunctions, shareFunctions } from "./shared-functions.js";
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
 * Lays programs out one after another in one image; a function that several have in common stands there once. When the
 * image has no more lines than n, each value names the line of its number, as in the paper; otherwise each line that some
 * immediate names gets one of the n values, so that an image may be longer than n. When there are more such lines than n,
 * each program has a label table of its own, and a line's value is one that is free in the tables of all programs that
 * name it.
 *
 * @throws SoftmachineError when a program does not fit: registers, labels, constants, data.
 */
export function link(programs: readonly Assembly[], options: LinkOptions): Image {
  const { n, registers = defaultRegisters, memory = Math.min(n, mostMemory) } = options;
  checkSizes(n, registers, memory);
  if (programs.length === 0) throw new SoftmachineError("link needs at least one program");
  checkPrograms(programs, registers, n);
  let layout = layOut(programs, shareFunctions(programs));
  let values = labelValues(programs, layout, n);
  if (values === undefined) {
    // What is shared has one value in several tables, and there the others did not fit around it.
    layout = layOut(programs, new Map());
    values = labelValues(programs, layout, n);
  }
  if (values === undefined) throw new Error("labels that are in one table each always fit");
  const { initialMemory, stackCells } = placeData(programs, n, memory);
  const operations = new Operations();
  const entries = entriesOf(programs, layout, tables(programs, layout, values, n), stackCells);
  return {
    n,
    registers,
    memorySize: memory,
    lines: layout.lines.length,
    instructions: encode(layout, values, n, operations),
    ...(operations.tables.length === 0 ? {} : { tables: operations.tables }),
    get labels() {
      return commonLabels(entries);
    },
    lineLabels: lineLabels(programs, layout),
    comments: layout.lines.map(({ instruction: { comment } }) => comment ?? ""),
    entries,
    initialMemory,
  };
}

function checkSizes(n: number, registers: number, memory: number): void {
  checkWholeNumber("n", n, 2, mostValues);
  checkWholeNumber("registers", registers, 1, mostRegisters);
  checkWholeNumber("memory", memory, 1, Math.min(n, mostMemory));
}

/** A line of an image, and of the program that it was first seen in. */
interface LaidOutLine {
  readonly program: Assembly;
  readonly instruction: AssemblyInstruction;
}

interface Layout {
  readonly lines: readonly LaidOutLine[];
  /** The image's line for each line of each program; where functions are shared, that of the one that stands there. */
  readonly places: ReadonlyMap<Assembly, readonly number[]>;
  /** The lines of each program that no earlier one has. */
  readonly own: ReadonlyMap<Assembly, { readonly start: number; readonly end: number }>;
}

function checkPrograms(programs: readonly Assembly[], registers: number, n: number): void {
  const names = new Set<string>();
  for (const program of programs) {
    const { name, instructions: lines, grid } = program;
    if (names.has(name)) throw new SoftmachineError(`two programs are named "${name}"`);
    names.add(name);
    if (lines.length === 0) throw new SoftmachineError(`program "${name}" has no instructions`);
    if (grid !== undefined && grid.n !== n) {
      throw new SoftmachineError(`program "${name}" is on a grid of ${grid.n} values; n = ${n}`);
    }
    const stray = lines.find(({ op }) => isGridOperation(op));
    if (grid === undefined && stray !== undefined) {
      throw new SoftmachineError(`program "${name}" has no grid, which its instruction "${stray.op}" needs`);
    }
    const needed = registersOf(program);
    if (needed > registers) {
      throw new SoftmachineError(`program "${name}" needs ${needed} registers; the image has ${registers}`);
    }
  }
}

/** Checks that a program's arrays are in memory, and its operands in cells of their own. */
function checkCells({ name, arrays = [], result }: Assembly, memory: number): void {
  const check = (what: string, { address, shape }: ArrayCells): void => {
    const end = address + sizeOf(shape);
    if (end <= memory) return;
    throw new SoftmachineError(
      `program "${name}" has ${what} in the memory cells ${address} to ${end - 1}; memory has ${memory}`,
    );
  };
  if (result !== undefined) check("its result", result);
  for (const array of arrays) check(`the operand "${array.name}"`, array);
  let before: ArrayOperand | undefined;
  for (const array of arrays.toSorted((x, y) => x.address - y.address)) {
    if (before !== undefined && before.address + sizeOf(before.shape) > array.address)
      throw new SoftmachineError(
        `program "${name}" has the operands "${before.name}" and "${array.name}" in the same cells`,
      );
    before = array;
  }
}

/** Lays out all lines but those of functions that another program has already. */
function layOut(programs: readonly Assembly[], shared: SharedFunctions): Layout {
  const lines: LaidOutLine[] = [];
  const places = new Map<Assembly, number[]>();
  const own = new Map<Assembly, { start: number; end: number }>();
  for (const program of programs) {
    const start = lines.length;
    const inPlace: number[] = [];
    places.set(program, inPlace);
    program.instructions.forEach((instruction, line) => {
      const original = shared.get(program)?.get(line);
      if (original === undefined) inPlace.push(lines.push({ program, instruction }) - 1);
      else inPlace.push(places.get(original.program)?.[original.line] ?? 0);
    });
    own.set(program, { start, end: lines.length });
  }
  return { lines, places, own };
}

function entriesOf(
  programs: readonly Assembly[],
  { places, own }: Layout,
  tablesOf: ReadonlyMap<Assembly, Int32Array>,
  stackCells: (program: Assembly) => number,
): Map<string, Entry> {
  return new Map(
    programs.map((program) => {
      const { name, operands, arrays = [], result, grid, stackPointer } = program;
      const first = program.entry === undefined ? 0 : lineOf(program, program.entry);
      const cells = arrays.flatMap(({ address, shape }) =>
        Array.from({ length: sizeOf(shape) }, (_, i) => address + i),
      );
      const entry: Entry = {
        name,
        line: places.get(program)?.[first] ?? 0,
        end: own.get(program)?.end ?? 0,
        operands: [...operands, ...arrays.flatMap((array) => elementNames(array.name, array.shape))],
        ...(cells.length === 0 ? {} : { cells }),
        ...(result === undefined ? {} : { result }),
        ...(grid === undefined ? {} : { grid }),
        ...(stackPointer === undefined ? {} : { stackPointer }),
        stackCells: stackCells(program),
        labels: tablesOf.get(program) ?? new Int32Array(),
      };
      return [name, entry];
    }),
  );
}

/** The names of an array's elements, row by row: `v[0]`, `m[1][2]`. */
export function elementNames(name: string, shape: Shape): string[] {
  const [length, ...rest] = shape;
  if (length === undefined) return [name];
  return Array.from({ length }, (_, i) => elementNames(`${name}[${i}]`, rest)).flat();
}

function lineOf(program: Assembly, label: string): number {
  const line = program.labels.get(label);
  if (line === undefined || line >= program.instructions.length) {
    throw new SoftmachineError(`program "${program.name}" has no line labelled "${label}"`);
  }
  return line;
}

/** The image's line that an immediate names, if it names one. */
function target({ program, instruction: { k } }: LaidOutLine, { places }: Layout): number | undefined {
  return typeof k === "number" ? undefined : places.get(program)?.[lineOf(program, k.label)];
}

/** The image's lines that the immediates of each program name, those of the functions that it shares among them. */
function targets(programs: readonly Assembly[], layout: Layout): Map<Assembly, ReadonlySet<number>> {
  const result = new Map<Assembly, ReadonlySet<number>>();
  for (const program of programs) {
    const named = new Set<number>();
    for (const place of new Set(layout.places.get(program))) {
      const line = target(layout.lines[place], layout);
      if (line !== undefined) named.add(line);
    }
    result.set(program, named);
  }
  return result;
}

/**
 * Line to the value that names it, for every line that an immediate names. Undefined when they do not fit although each
 * program's own would.
 *
 * @throws SoftmachineError when those of one program are more than n.
 */
function labelValues(programs: readonly Assembly[], layout: Layout, n: number): Map<number, number> | undefined {
  const { lines } = layout;
  if (lines.length <= n) return new Map(lines.map((_, line) => [line, line]));
  const named = targets(programs, layout);
  const users = new Map<number, Assembly[]>();
  for (const [program, own] of named) {
    if (own.size > n) {
      throw new SoftmachineError(`program "${program.name}" needs ${own.size} labels; n = ${n} holds ${n}`);
    }
    for (const line of own) users.set(line, [...(users.get(line) ?? []), program]);
  }
  const inOrder = [...users].sort(([x], [y]) => x - y);
  if (inOrder.length <= n) return new Map(inOrder.map(([line], value) => [line, value]));
  // Lines that many programs name come first: they fit into the fewest gaps.
  const values = new Map<number, number>();
  const taken = new Map(programs.map((program) => [program, new Set<number>()]));
  for (const [line, by] of inOrder.sort(([, x], [, y]) => y.length - x.length)) {
    const isTaken = (value: number): boolean => by.some((program) => taken.get(program)?.has(value));
    let value = 0;
    while (value < n && isTaken(value)) value++;
    if (value === n) return undefined;
    values.set(line, value);
    for (const program of by) taken.get(program)?.add(value);
  }
  return values;
}

/** The label table of each program: one for all where the values are different for all lines. */
function tables(
  programs: readonly Assembly[],
  layout: Layout,
  values: ReadonlyMap<number, number>,
  n: number,
): Map<Assembly, Int32Array> {
  const table = (lines: Iterable<number>): Int32Array => {
    const labels = Int32Array.from({ length: Math.min(n, mostLabels) }, (_, value) => value % layout.lines.length);
    for (const line of lines) labels[values.get(line) ?? 0] = line;
    return labels;
  };
  if (new Set(values.values()).size === values.size) {
    const common = table(values.keys());
    return new Map(programs.map((program) => [program, common]));
  }
  return new Map([...targets(programs, layout)].map(([program, lines]) => [program, table(lines)]));
}

function encode(
  layout: Layout,
  values: ReadonlyMap<number, number>,
  n: number,
  operations: Operations,
): InstructionArrays {
  const { length } = layout.lines;
  const arrays = {
    op: new Uint8Array(length),
    a: new Uint8Array(length),
    b: new Uint8Array(length),
    out: new Uint8Array(length),
    k: zeroValues(length, n),
  };
  layout.lines.forEach((line, i) => {
    const { op, a, b, out, k } = line.instruction;
    const { grid } = line.program;
    arrays.op[i] = isGridOperation(op)
      ? instructionCount + (grid === undefined ? 0 : operations.numberOf(grid, op))
      : instructions[op].number;
    arrays.a[i] = a;
    arrays.b[i] = b;
    arrays.out[i] = out;
    arrays.k[i] =
      typeof k === "number"
        ? wrapped(k, n, `program "${line.program.name}" holds the constant`)
        : (values.get(target(line, layout) ?? 0) ?? 0);
  });
  return arrays;
}

const zeroValues = (length: number, n: number): ValueArray =>
  n <= 65536 ? new Uint16Array(length) : new Uint32Array(length);

/** Operations' numbers are bytes. */
const mostTables = 256 - instructionCount;

/** The tables of the operations in use, one for each operation and grid. */
class Operations {
  readonly tables: OperationTable[] = [];
  private readonly numbers = new Map<string, number>();

  numberOf(grid: Grid, operation: GridOperation): number {
    const key = `${operation} ${grid.lo} ${grid.step}`;
    let number = this.numbers.get(key);
    if (number === undefined) {
      if (this.tables.length === mostTables)
        throw new SoftmachineError(`an image holds at most ${mostTables} operations on grids; link fewer programs`);
      number = this.tables.push(operationTable(grid, operation)) - 1;
      this.numbers.set(key, number);
    }
    return number;
  }
}

/** A constant as a value 0..n-1; -1 is n-1. */
function wrapped(value: number, n: number, what: string): number {
  if (!Number.isInteger(value)) throw new SoftmachineError(`${what} ${value}, which is not an integer`);
  if (value >= n || value < -n) {
    const needed = value >= n ? value + 1 : -value;
    throw new SoftmachineError(`${what} ${value}, which needs n of at least ${needed}; n = ${n}`);
  }
  return value < 0 ? value + n : value;
}

function lineLabels(programs: readonly Assembly[], { places }: Layout): Map<number, string> {
  const names = new Map<number, string>();
  for (const program of programs) {
    for (const [label, line] of program.labels) {
      const place = places.get(program)?.[line] ?? 0;
      const name = programs.length === 1 ? label : `${program.name}.${label}`;
      const before = names.get(place);
      names.set(place, before === undefined ? name : `${before} ${name}`);
    }
  }
  return names;
}

function placeData(
  programs: readonly Assembly[],
  n: number,
  memory: number,
): { initialMemory: ValueArray; stackCells: (program: Assembly) => number } {
  const initialMemory = zeroValues(memory, n);
  const owner = new Map<number, string>();
  let end = 0;
  for (const program of programs) {
    const { name, data, reserved = 0 } = program;
    if (reserved > memory) {
      throw new SoftmachineError(`program "${name}" needs ${reserved} memory cells; memory has ${memory}`);
    }
    checkCells(program, memory);
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
  // Programs run one at a time: what others reserve is free while one runs.
  const taken = ({ reserved = 0 }: Assembly) => Math.max(end, reserved);
  const stacked = programs.find((program) => program.stackPointer !== undefined && taken(program) > 0);
  if (stacked !== undefined && n % memory !== 0) {
    throw new SoftmachineError(
      `program "${stacked.name}" keeps a stack, which begins in the last of ${memory} memory cells only when they divide n = ${n}`,
    );
  }
  return { initialMemory, stackCells: (program) => memory - taken(program) };
}
