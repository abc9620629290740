/** Where and how one program of an image is run. */
export interface Entry {
  readonly name: string;
  /** The line where a run begins. */
  readonly line: number;
  /** The lines of the program, `end` excluded. */
  readonly end: number;
  /** The operands' names; the first is given in r0, the next in r1, and so on. The result is in r0. */
  readonly operands: readonly string[];
  /** The register that points at the top of the stack, 0 at the start; absent when the program keeps no stack. */
  readonly stackPointer?: number;
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
  /**
   * Label table: the line that each value names when it is jumped to. Values without a label, and those beyond the
   * table's 65,536 entries, name the line `value mod lines`, so that a jump is always defined.
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
  /** Memory cells that a stack may use: those above the initial data. */
  readonly stackCells: number;
}
