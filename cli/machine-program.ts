import {
  type Assembly,
  assemble,
  type Entry,
  type Image,
  link,
  parseAssembly,
  registersOf,
} from "../assembler/index.js";
import { type ExactResult, entryOf, runExact } from "../machine/index.js";
import { aNormalForm, checkNames, readProgram } from "../scheme/index.js";
import { UsageError } from "./failures.js";
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
  /** The function of a Scheme program that is run. */
  readonly entry?: string;
}

/** Reads assembly text, or compiles a Scheme program to assembly: whichever the file or the piped text is. */
export function readMachineSource(
  file: string | undefined,
  source: ProgramSource,
  options: Partial<MachineOptions>,
): Assembly {
  if (!isAssembly(file, source)) return compileToAssembly(source, options);
  if (options.entry !== undefined) throw new UsageError("--entry is for Scheme programs; assembly says its own .entry");
  return parseAssembly(source.text, source.name);
}

/** Compiles a Scheme program to assembly. */
export function compileToAssembly(source: ProgramSource, options: Partial<MachineOptions>): Assembly {
  const { entry, registers } = options;
  const program = aNormalForm(
    readProgram(source.text, { name: source.name, ...(entry === undefined ? {} : { entry }) }),
  );
  return assemble(program, {
    ...(entry === undefined ? {} : { name: entry }),
    ...(registers === undefined ? {} : { registers }),
  });
}

/** Links one program to an image of its own, with the registers that it needs unless told otherwise. */
export function linkAlone(assembly: Assembly, { n, registers }: MachineOptions): MachineProgram {
  const image = link([assembly], { n, registers: registers ?? registersOf(assembly) });
  return { assembly, image, entry: entryOf(image, assembly.name) };
}

/** How many numbers a state of the soft machine holds. */
export const softStateSize = ({ n, registers, memorySize, lines }: Image) => (registers + memorySize) * n + lines;

/**
 * The operands in the order of the program's, from inputs by name.
 *
 * @throws SoftmachineError for a missing or an unknown name.
 */
export function orderedOperands(entry: Entry, inputs: Readonly<Record<string, number>>): number[] {
  checkNames(entry.operands, Object.keys(inputs));
  return entry.operands.map((name) => inputs[name]);
}

/** Runs a program on the exact machine. */
export function runOnMachine(
  { image, entry }: MachineProgram,
  inputs: Readonly<Record<string, number>>,
  steps: number | undefined,
): ExactResult {
  return runExact(image, entry.name, orderedOperands(entry, inputs), steps === undefined ? {} : { steps });
}
