/** Soft programs, whichever way their values are encoded. */
import type { OperationTable } from "../assembler/index.js";
import type { BinaryProgram } from "./binary-program.js";
import type { Encoding } from "./soft-kernel/context.js";
import type { SoftProgram } from "./soft-program.js";

/** A soft program on distributions over values, or on bits. */
export type EncodedProgram = SoftProgram | BinaryProgram;

/** What the arrays of a program's fields and states are laid out by. */
export interface EncodedSizes {
  readonly encoding: Encoding;
  /** How many numbers encode a value: n, or its bits. */
  readonly n: number;
  readonly registers: number;
  readonly memorySize: number;
  readonly lines: number;
  /** The rows of the label table: n, or as many values as are listed. */
  readonly labelRows: number;
  /** Operations of the program's own. */
  readonly tables?: readonly OperationTable[];
}

export const isBinary = (program: EncodedProgram): program is BinaryProgram => "bits" in program;

export function sizesOf(program: EncodedProgram): EncodedSizes {
  const { registers, memorySize, lines } = program;
  const sizes = { registers, memorySize, lines, ...(program.tables && { tables: program.tables }) };
  return isBinary(program)
    ? { ...sizes, encoding: "binary", n: program.bits, labelRows: program.labels.size }
    : {
        ...sizes,
        encoding: "unit",
        n: program.n,
        labelRows: program.n,
      };
}
