import type { LibraryProgram, PackagedProgram } from "../library/index.js";
import { BitMachine, type Model } from "../lm/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { assemblyOf } from "./model-programs.js";

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
  const assemblies = model.table.programs.map(({ name }) => {
    const program = programs.find((candidate) => candidate.name === name);
    if (program === undefined) {
      throw new SoftmachineError(`the library here has no program "${name}", which the model learned to call`);
    }
    return assemblyOf(program);
  });
  return new BitMachine(assemblies);
}
