import type { LaneType } from "../../kernel/index.js";

/**
 * What a kernel call works with: sizes and addresses, one i32 each, in a block of memory whose address is every
 * kernel's first parameter. A vector holds one number of each machine of a group, so that an array of `count` vectors
 * takes 16 `count` bytes whatever the lanes' type; indices into tables are then the same for all machines of the group.
 */
export const contextFields = [
  // Sizes.
  /** How many numbers encode a value: the values that there are, or the bits of one. */
  "n",
  "registers",
  "memorySize",
  "lines",
  /** |A|: those of the instruction set, and the program's own. */
  "operations",
  /** Numbers of a whole instruction: |A| operations, a, b and out of `registers`, k of n. */
  "choices",
  /** Machines of the batch, groups of them, and groups in a part of the batch that one thread runs. */
  "rows",
  "groups",
  "partGroups",
  /** Steps of a run at most. */
  "steps",
  // Flags, 0 or 1.
  /** The fields are logits, and the fetched mixture of them goes through a softmax. */
  "mixesLogits",
  /** A machine that has halted with certainty does no more. */
  "stops",
  /** States are read out as they halt. */
  "readsOut",
  /** What a step writes is divided by its sum. */
  "renormalises",
  /** Every state is kept for the way back; or those with which a segment of steps begins. */
  "keepsAll",
  "keepsSome",
  "wantsProgram",
  "wantsLabels",
  // The program. Entries are 16 bytes: an i32, and from byte 8 a weight; starts are the addresses of a row's entries.
  /** [lines + 1] -> entries (byte offset into the instruction, weight). */
  "lineStarts",
  /** [n + 1] -> entries (byte offset into the counter, weight). */
  "labelStarts",
  /** [|A|] i32: the operations whose gradient is wanted whatever their weight: those that some line may execute. */
  "present",
  /** [lines] i32: the fields that are trained, a bit each. */
  "trained",
  /** [n, n] u16: a * b mod n. */
  "products",
  // Arrays of the batch, one machine after the other: initial states, results, and the loss's gradient in either; and what
  // stands for the arrays of a machine that there is not.
  "inRegisters",
  "inMemory",
  "inCounter",
  "outRegisters",
  "outMemory",
  "outCounter",
  "outHalted",
  "gOutRegisters",
  "gOutMemory",
  "gOutCounter",
  "gOutHalted",
  "gInRegisters",
  "gInMemory",
  "gInCounter",
  "zeros",
  // One vector for each group: all bits set in the lanes that step; the steps done, and those expected.
  "stepping",
  "outSteps",
  "outExpectedSteps",
  /** [groups] i32: steps done until all lanes had halted. */
  "progress",
  // The states at work, and of those kept: [segment + 1], or one; [groups, segment + 1], or [groups, segments].
  "states",
  "memories",
  "keptStates",
  "keptMemories",
  "segment",
  "segments",
  "stateBytes",
  "memoryBytes",
  // Gradients that are summed over the batch, for each part of it, and their sizes.
  /** [parts, lines, choices] */
  "gPrograms",
  "programVectors",
  /** [parts, n, lines] */
  "gLabelTables",
  "labelVectors",
  /** Of each operation of the program's own, two i32: how many operands it takes, and where its table is. */
  "tables",
  /** The tables: u16, [n] or [n, n]. */
  "tableValues",
  // The instruction fetched, one array of `choices` vectors: op, a, b, out and k one after the other.
  "op",
  "a",
  "b",
  "out",
  "k",
  // Operands, result, and what the ALU makes of them; [n], and one more for what is written at 1 when n is 1.
  "u",
  "v",
  "o",
  /** [memorySize]: the first operand as an address. */
  "address",
  /** [n + 1]: sums before each index, and from each index on. */
  "uBelow",
  "uAbove",
  "vBelow",
  "vAbove",
  /** [n] i32: byte offsets of the operands' entries that are not 0 in all lanes; and how many there are. */
  "uSupport",
  "vSupport",
  "uCount",
  "vCount",
  /** [2 n + 4]: circular arrays written twice. */
  "circle",
  "circleBack",
  /** [n] */
  "scratch",
  "backwards",
  /** [lines] */
  "nextCounter",
  // The read-out, and one vector each: the weight of memory yet to be read out, and the steps done.
  "readRegisters",
  "readMemory",
  "pending",
  "done",
  /** One vector: the sum over steps of the probability of not having halted before. */
  "expectedSteps",
  /** Where the next memory that is recorded goes. */
  "memoryTop",
  // Cotangents of the read-out; rows that are 0 in all lanes are marked by 0 in an i32 each.
  "cotangentRegisters",
  "cotangentMemory",
  "registersMarked",
  "memoryMarked",
  // Gradients on their way back: of the state, and of what a step makes.
  "gRegisters",
  "gMemory",
  "gCounter",
  "gHalted",
  "gPending",
  /** One vector: minus the cotangent of the expected steps. */
  "gRunning",
  "gOp",
  "gA",
  "gB",
  "gOut",
  "gK",
  "gU",
  "gV",
  "gO",
  "gAddress",
  // Of the part of the batch at hand.
  "gProgram",
  "gLabels",
  /** The memory whose part in the loss is in the vector `memoryValue`. */
  "memoryValued",
  "memoryValue",
  // Of values of bits alone.
  /** The table of circuits, and how many there are. */
  "circuits",
  "circuitCount",
  /** The wires of the circuit at work, and their cotangents. */
  "wires",
  "wireCotangents",
  /** How remainders by the memory's size and by the lines are found: see `BitKernels`. */
  "cellLevels",
  "lineLevels",
  /** [lines]: the lines that a value names. */
  "named",
  /** [lines] or [memorySize]: the cotangents of what a value names, on their way back. */
  "gNamed",
  "gNamedBack",
  /** [n] */
  "bitScratch",
  /** Where the program has operations of its own: how many values there are, and whether a line may execute one. */
  "values",
  "ownPresent",
  /** How values are converted to distributions; the operands and the result as these [values], their supports, slopes. */
  "uLevels",
  "vLevels",
  "uValues",
  "vValues",
  "oValues",
  "uValueSupport",
  "vValueSupport",
  "gUValues",
  "gVValues",
  "gOValues",
  "valueScratch",
  /** Values that name other lines than their remainders do, how many, and with `labelStarts` the lines. */
  "labels",
  "labelCount",
] as const;

export type ContextField = (typeof contextFields)[number];

/** How a value is written: as a distribution over the values that there are, or as the probability that each bit is 1. */
export type Encoding = "unit" | "binary";

/** Bytes of a vector, and the step from one to the next. */
export const vectorBytes = 16;

/** Machines in a group: lanes of a vector. */
export const laneCounts = { f32x4: 4, f64x2: 2 } as const satisfies Record<LaneType, number>;

/** Byte offsets in a state: what is kept of a group of machines between steps, and for the way back. */
export const stateOffsets = {
  /** i32: the address of its memory, [memorySize, n] */
  memory: 0,
  halted: vectorBytes,
  /** All bits set in the lanes that go on. */
  active: 2 * vectorBytes,
  /** [lines], then registers [registers, n], the result [n + 1], and factors [1 + registers + memorySize] */
  counter: 3 * vectorBytes,
} as const;

/** Bytes of an entry of a sparse row, and where its weight is. */
export const entryBytes = 16;
export const entryWeight = 8;

/** The bits of `trained`, and the first vector of each field in an instruction. */
export const fieldBits = { op: 1, a: 2, b: 4, out: 8, k: 16 } as const;

/** Where each field begins in an instruction, in vectors. */
export function fieldStarts(
  registers: number,
  operations: number,
): { op: number; a: number; b: number; out: number; k: number } {
  const a = operations;
  return { op: 0, a, b: a + registers, out: a + 2 * registers, k: a + 3 * registers };
}
