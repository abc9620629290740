import { SoftmachineError } from "../../scheme/index.js";
import { entryOf } from "../exact.js";
import { fieldNames, type SoftFields } from "../soft-program.js";
import { beginningAt } from "./parameters.js";
import type { AdaptationTask, HardProgram } from "./task.js";

/** A hard program's numbers, for a file: those of each field, by line, its constants and its first line. */
export interface ProgramNumbers {
  readonly fields: { readonly [Field in keyof SoftFields]: readonly number[] };
  readonly constants: readonly number[];
  /** The line where a run begins. */
  readonly entry: number;
}

export function numbersOf({ program }: AdaptationTask, { image, constants }: HardProgram): ProgramNumbers {
  const { op, a, b, out, k } = image.instructions;
  return {
    fields: { op: [...op], a: [...a], b: [...b], out: [...out], k: [...k] },
    constants,
    entry: entryOf(image, program).line,
  };
}

/** @throws SoftmachineError when the numbers are not of a program like the task's. */
export function programFromNumbers(
  { image, program, constants: own }: AdaptationTask,
  { fields, constants, entry }: ProgramNumbers,
): HardProgram {
  const fits = fieldNames.every((name) => fields[name].length === image.lines) && constants.length === own.length;
  if (!fits || entry >= image.lines)
    throw new SoftmachineError(`these are the numbers of another program than "${program}"`);
  const instructions = {
    op: Uint8Array.from(fields.op),
    a: Uint8Array.from(fields.a),
    b: Uint8Array.from(fields.b),
    out: Uint8Array.from(fields.out),
    k: Uint16Array.from(fields.k),
  };
  const entries = beginningAt(image, program, entry);
  return { image: { ...image, instructions, comments: image.comments.map(() => ""), entries }, constants };
}
