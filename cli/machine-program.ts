import {
  type Assembly,
  assemble,
  type Entry,
  type Grid,
  gridOf,
  type Image,
  isOnGrid,
  lastPoint,
  link,
  nearestOnGrid,
  parseAssembly,
  registersOf,
} from "../assembler/index.js";
import { type ExactResult, entryOf, runExact } from "../machine/index.js";
import {
  aNormalForm,
  checkNames,
  describeShape,
  printNumber,
  readProgram,
  type Shape,
  SoftmachineError,
  shapeOf,
  type Value,
} from "../scheme/index.js";
import { UsageError } from "./failures.js";
import type { GridRange } from "./option-values.js";
import { isAssembly, type ProgramSource } from "./program-source.js";

/** A program as the machines run it. */
export interface MachineProgram {
  readonly assembly: Assembly;
  readonly image: Image;
  readonly entry: Entry;
}

export interface MachineOptions {
  readonly n: number;
  /** Registers of the image. */
  readonly registers?: number;
  /** Memory cells of the image; by default as many as it may have. */
  readonly cells?: number;
  /** The function of a Scheme program that is run. */
  readonly entry?: string;
  /** Shapes of a Scheme program's inputs that are arrays. */
  readonly shapes?: Readonly<Record<string, Shape>>;
  /** The ends of the grid that a Scheme program's numbers are on; without one they are whole numbers modulo n. */
  readonly fixedPoint?: GridRange;
  /** See `AssembleOptions`. */
  readonly checkedIndices?: boolean;
}

/** Reads assembly text, or compiles a Scheme program to assembly: whichever the file or the piped text is. */
export function readMachineSource(
  file: string | undefined,
  source: ProgramSource,
  options: Partial<MachineOptions>,
): Assembly {
  if (!isAssembly(file, source)) return compileToAssembly(source, options);
  if (options.fixedPoint !== undefined)
    throw new UsageError("--fixed-point is for Scheme programs; assembly says its own .grid");
  if (options.entry !== undefined) throw new UsageError("--entry is for Scheme programs; assembly says its own .entry");
  return parseAssembly(source.text, source.name);
}

/** Refuses --shapes beside assembly. */
export function refuseShapes(
  file: string | undefined,
  source: ProgramSource,
  { shapes }: Partial<MachineOptions>,
): void {
  if (shapes !== undefined && isAssembly(file, source))
    throw new UsageError("--shapes is for Scheme programs; assembly says its own .array");
}

/** Compiles a Scheme program to assembly. */
export function compileToAssembly(source: ProgramSource, options: Partial<MachineOptions>): Assembly {
  const { entry, registers, shapes, fixedPoint, n, checkedIndices = false } = options;
  const program = aNormalForm(
    readProgram(source.text, { name: source.name, ...(entry === undefined ? {} : { entry }) }),
  );
  return assemble(program, {
    checkedIndices,
    ...(entry === undefined ? {} : { name: entry }),
    ...(registers === undefined ? {} : { registers }),
    ...(shapes === undefined ? {} : { inputs: shapes }),
    ...(fixedPoint === undefined || n === undefined ? {} : { grid: gridOf({ n, ...fixedPoint }) }),
  });
}

/** Links one program to an image of its own, with the registers that it needs unless told otherwise. */
export function linkAlone(assembly: Assembly, { n, registers, cells }: MachineOptions): MachineProgram {
  const memory = cells === undefined ? {} : { memory: cells };
  const image = link([assembly], { n, registers: registers ?? registersOf(assembly), ...memory });
  return { assembly, image, entry: entryOf(image, assembly.name) };
}

/** How many numbers a state of the soft machine holds, a value being so many: n, or its bits. */
export const softStateSize = ({ n, registers, memorySize, lines }: Image, width = n) =>
  (registers + memorySize) * width + lines;

/**
 * The operands in the order of the program's, from inputs by name: numbers, then the elements of arrays.
 *
 * @throws SoftmachineError for a missing or an unknown name, an array of another shape, or a number outside the grid.
 */
export function orderedOperands(
  { operands, arrays = [], grid }: Assembly,
  inputs: Readonly<Record<string, Value>>,
): number[] {
  const wanted = [...operands.map((name) => ({ name, shape: [] })), ...arrays];
  checkNames(
    wanted.map(({ name }) => name),
    Object.keys(inputs),
  );
  return wanted.flatMap(({ name, shape }) => {
    const { [name]: value } = inputs;
    const given = shapeOf(value);
    if (String(given) !== String(shape))
      throw new SoftmachineError(`input "${name}" must be ${describeShape(shape)}, not ${describeShape(given)}`);
    const numbers = typeof value === "number" ? [value] : value.flat();
    return grid === undefined ? numbers : numbers.map((number) => valueOnGrid(grid, name, number));
  });
}

function valueOnGrid(grid: Grid, name: string, number: number): number {
  if (isOnGrid(grid, number)) return nearestOnGrid(grid, number);
  throw new SoftmachineError(
    `input "${name}" must be from ${printNumber(grid.lo)} to ${printNumber(lastPoint(grid))}, where the grid ends; got ${printNumber(number)}`,
  );
}

/** Runs a program on the exact machine. */
export function runOnMachine(
  { image, entry, assembly }: MachineProgram,
  inputs: Readonly<Record<string, Value>>,
  steps: number | undefined,
): ExactResult {
  return runExact(image, entry.name, orderedOperands(assembly, inputs), steps === undefined ? {} : { steps });
}
