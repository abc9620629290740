import { SoftmachineError } from "../scheme/index.js";
import type { ArrayCells } from "./assembly.js";
import type { Grid, OperationTable } from "./grid.js";
import { instructionCount, mnemonics, type Operation } from "./instructions.js";

/** Where and how one program of an image is run. */
export interface Entry {
  readonly name: string;
  /** The line where a run begins. */
  readonly line: number;
  /** The lines of the program, `end` excluded. Functions that it has in common with an earlier one are among that one's. */
  readonly end: number;
  /**
   * The operands' names; the first is given in r0, the next in r1, and so on, the last ones in `cells`. An array's are
   * `v[0]`, `v[1]`, … The result is in r0.
   */
  readonly operands: readonly string[];
  /** The addresses of the operands that are given in memory: the last ones. Absent when there are none. */
  readonly cells?: readonly number[];
  /** Where the result is, when it is an array; r0 then holds its address. */
  readonly result?: ArrayCells;
  /** The grid that operands and result are on; absent where values stand for themselves. */
  readonly grid?: Grid;
  /** The label table, [n]: the line that each value names when the program jumps to it. */
  readonly labels: Int32Array;
  /** The register that points at the top of the stack, 0 at the start; absent when the program keeps no stack. */
  readonly stackPointer?: number;
  /** Memory cells that the stack may use: those above what the program reserves and the initial data. */
  readonly stackCells: number;
}

/** Values of an image: of 16 bits where n allows, else of 32. */
export type ValueArray = Uint16Array | Uint32Array;

/** The fields of an image's instructions, one typed array for each, all as long as the image has lines. */
export interface InstructionArrays {
  readonly op: Uint8Array;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly out: Uint8Array;
  readonly k: ValueArray;
}

/** One or more linked programs, as both machines run them. */
export interface Image {
  /** Values are 0..n-1. */
  readonly n: number;
  readonly registers: number;
  /** Memory rows; an address is taken modulo this. */
  readonly memorySize: number;
  /** The number of instructions. The counter wraps from the last line to the first. */
  readonly lines: number;
  readonly instructions: InstructionArrays;
  /** Operations of the image's own: their numbers follow those of the instruction set. Absent when there are none. */
  readonly tables?: readonly OperationTable[];
  /**
   * The label table that the programs have in common: the line that each value names when it is jumped to. Values without
   * a label, and those beyond the table's 65,536 entries, name the line `value mod lines`, so that a jump is always defined.
   *
   * @throws SoftmachineError on access when each program has a table of its own: then `imageOf` gives one program's view.
   */
  readonly labels: Int32Array;
  /** The labels that each line carries in the text, for listings; `program.label` where programs share a name. */
  readonly lineLabels: ReadonlyMap<number, string>;
  /** The comment of each line, empty when it has none. */
  readonly comments: readonly string[];
  /** Program name to entry, in the order linked. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Memory when a run begins, as long as the memory has rows. */
  readonly initialMemory: ValueArray;
}

/** How many operations an image has: those of the instruction set and its own. */
export const operationCount = ({ tables = [] }: Pick<Image, "tables">): number => instructionCount + tables.length;

/** The operation that has a number in an image. */
export const operationNumbered = ({ tables = [] }: Pick<Image, "tables">, number: number): Operation =>
  number < instructionCount ? mnemonics[number] : tables[number - instructionCount].name;

/**
 * An image as one of its programs sees it: the same lines, memory and registers, with that program's label table and no
 * other entry.
 */
export function imageOf(image: Image, entry: Entry): Image {
  const { n, registers, memorySize, lines, instructions, lineLabels, comments, initialMemory } = image;
  return {
    ...(image.tables === undefined ? {} : { tables: image.tables }),
    n,
    registers,
    memorySize,
    lines,
    instructions,
    labels: entry.labels,
    lineLabels,
    comments,
    entries: new Map([[entry.name, entry]]),
    initialMemory,
  };
}

/** The one label table of some entries. */
export function commonLabels(entries: ReadonlyMap<string, Entry>): Int32Array {
  const [labels, ...others] = new Set([...entries.values()].map((entry) => entry.labels));
  if (others.length === 0) return labels;
  throw new SoftmachineError(
    `the ${entries.size} programs of this image have more labels than n holds, so that each has a label table of its own; take the image of one program`,
  );
}
