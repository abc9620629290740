/** Programs to choose from, as text: what it takes to run them together, and can be written down. */
import { type Assembly, type Image, link, parseAssembly, registersOf } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { Library } from "./library.js";

/** The assembly of programs, and the machine that they are for. */
export interface ProgramCode {
  /** Values are 0..n-1. */
  readonly n: number;
  readonly registers: number;
  /** Memory cells. */
  readonly memory: number;
  readonly programs: readonly { readonly name: string; readonly assembly: string }[];
}

/**
 * The code of some of a library's programs, for a machine of no more registers than they take, and of one memory cell where
 * they use none.
 *
 * @param names programs of whole numbers that give a number.
 * @throws SoftmachineError for an unknown program, one of real numbers or with an array as its result.
 */
export function codeOf(library: Library, names: readonly string[]): ProgramCode {
  const { n, memory } = library.manifest;
  let registers = 1;
  let usesMemory = false;
  const programs = names.map((name) => {
    const program = library.program(name);
    if (program.kind === "direct") throw new SoftmachineError(`"${name}" is of real numbers: the machine can't run it`);
    if (program.result.type.shape.length > 0)
      throw new SoftmachineError(`"${name}" gives an array: programs to choose from give numbers`);
    const assembly = parseAssembly(program.assembly, `${name}.asm`);
    registers = Math.max(registers, registersOf(assembly));
    usesMemory ||= touchesMemory(assembly);
    return { name, assembly: program.assembly };
  });
  return { n, registers, memory: usesMemory ? memory : 1, programs };
}

const touchesMemory = ({ instructions, arrays = [], data, reserved = 0 }: Assembly): boolean =>
  arrays.length + data.length + reserved > 0 || instructions.some(({ op }) => op === "read" || op === "write");

/**
 * The programs in one image, linked with one label table.
 *
 * @throws SoftmachineError when they have more labels than one table holds, or their text can't be read.
 */
export function linkCode({ n, registers, memory, programs }: ProgramCode): Image {
  const assemblies = programs.map(({ name, assembly }) => parseAssembly(assembly, `${name}.asm`));
  const image = link(assemblies, { n, registers, memory });
  const { entries, lines } = image;
  if (new Set(Array.from(entries.values(), ({ labels }) => labels)).size > 1)
    throw new SoftmachineError(
      `the ${programs.length} programs, of ${lines} lines together, have more labels than the ${n} values of one table: choose fewer, or build the library with a larger n`,
    );
  return image;
}
