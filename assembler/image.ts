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

/** The fields of an image's instructions, one typed array for each, all as long as the image has lines. */
export interface InstructionArrays {
  readonly op: Uint8Array;
  readonly a: Uint8Array;
  readonly b: Uint8Array;
  readonly out: Uint8Array;
  readonly k: Uint16Array;
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
   * Label table: the line that each of the n values names when it is jumped to. Values without a label name the line
   * `value mod lines`, so that a jump is always defined.
   */
  readonly labels: Int32Array;
  /** The labels that each line carries in the text, for listings; `program.label` where programs share a name. */
  readonly lineLabels: ReadonlyMap<number, string>;
  /** The comment of each line, empty when it has none. */
  readonly comments: readonly string[];
  /** Program name to entry, in the order linked. */
  readonly entries: ReadonlyMap<string, Entry>;
  /** Memory when a run begins, as long as the memory has rows. */
  readonly initialMemory: Uint16Array;
  /** Memory cells that a stack may use: those above the initial data. */
  readonly stackCells: number;
}
