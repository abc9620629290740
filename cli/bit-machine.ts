import { parseAssembly } from "../assembler/index.js";
import { compileProgram, type LibraryProgram, type PackagedProgram } from "../library/index.js";
import { BitMachine, type Model } from "../lm/index.js";
import { SoftmachineError } from "../scheme/index.js";

/** Registers of the machine of bits, which all of the library's programs make do with. */
const registers = 16;

/**
 * What runs the calls of a model that reads numbers by digits, on 32 bits; undefined for a model that does not.
 *
 * @throws SoftmachineError when a program that the model learned is not among those given, or is not for the machine.
 */
export function bitMachineOf(
  model: Model,
  programs: readonly (LibraryProgram | PackagedProgram)[],
): BitMachine | undefined {
  if (model.sizes.numbers !== "digits") return undefined;
  const assemblies = model.table.programs.flatMap(({ name }) => {
    const program = programs.find((candidate) => candidate.name === name);
    if (program === undefined) {
      throw new SoftmachineError(`the library here has no program "${name}", which the model learned to call`);
    }
    if (!("kind" in program)) return compileProgram(program, registers);
    if (program.kind === "machine") return parseAssembly(program.assembly, `${name}.asm`);
    throw new SoftmachineError(`program "${name}" of the library here is of real numbers, and not for the machine`);
  });
  return new BitMachine(assemblies);
}
