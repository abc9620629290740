import { type Assembly, link, parseAssembly } from "../assembler/index.js";
import { compileProgram, type LibraryProgram, type PackagedProgram } from "../library/index.js";
import type { Model } from "../lm/index.js";
import { operandsAt, runExact, seededRandom, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { note } from "./output.js";

/** Registers of the machine, which all of the library's programs make do with. */
const registers = 16;

/** Answers that are compared to tell whether two programs of one name are the same. */
const compared = 32;

type Program = LibraryProgram | PackagedProgram;

/**
 * A program for the machine.
 *
 * @throws SoftmachineError when it is of real numbers.
 */
export function assemblyOf(program: Program): Assembly {
  if (!("kind" in program)) return compileProgram(program, registers);
  if (program.kind === "machine") return parseAssembly(program.assembly, `${program.name}.asm`);
  throw new SoftmachineError(
    `program "${program.name}" of the library here is of real numbers, and not for the machine`,
  );
}

/**
 * Those of the programs that answer as the model's tables do: a program of the same name may be another one. What is left
 * out is noted.
 */
export function programsOfModel(model: Model, programs: readonly Program[]): readonly Program[] {
  return programs.filter((program) => {
    const table = model.table.programs.find(({ name }) => name === program.name);
    if (table === undefined || answersAs(program, table)) return true;
    note(
      `the "${program.name}" that is here is not the one that the model learned to call: --library says where its library is`,
    );
    return false;
  });
}

function answersAs(program: Program, table: TabulatedProgram): boolean {
  const { name, operands, n, values } = table;
  if (program.operands.length !== operands) return false;
  const next = seededRandom(1);
  try {
    const image = link([assemblyOf(program)], { n, registers });
    return Array.from({ length: compared }, () => Math.floor(next() * values.length)).every(
      (index) => runExact(image, name, operandsAt(table, index)).result === values[index],
    );
  } catch (error) {
    if (error instanceof SoftmachineError) return false;
    throw error;
  }
}
