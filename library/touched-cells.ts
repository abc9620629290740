import { type Image, instructions } from "../assembler/index.js";
import { ExactMachine, entryOf } from "../machine/index.js";
import { operandTuples } from "./operand-tuples.js";
import { machineOperands, rangesOf, valuesOf } from "./operands.js";
import type { LibraryProgram } from "./program-file.js";

/** Inputs that are looked at. */
const mostInputs = 64;

/** The most cells of memory that a run reads or writes, those of its operands included, over a sample of inputs. */
export function cellsTouched({ name, operands }: Pick<LibraryProgram, "name" | "operands">, image: Image): number {
  const { memorySize, instructions: lines } = image;
  const machine = new ExactMachine(image);
  const entry = entryOf(image, name);
  let most = 0;
  for (const tuple of operandTuples(rangesOf(operands, image.n), mostInputs).tuples) {
    const touched = new Set(entry.cells);
    machine.start(entry, machineOperands(valuesOf(operands, tuple)));
    while (!machine.halted) {
      const { line } = machine;
      const op = lines.op[line];
      if (op === instructions.read.number || op === instructions.write.number)
        touched.add(machine.registers[lines.a[line]] % memorySize);
      machine.advance(1);
    }
    most = Math.max(most, touched.size);
  }
  return most;
}
