/**
 * The instruction set: the one table that the assembly text, the linker, both machines and the documentation derive
 * from. It is that of "Adaptive Neural Compilation" (Bunel et al., 2016) with the `call` and `store` of "Algorithmic
 * Language Models with Neurally Compiled Libraries" (2024), and a few more operations of the ALU.
 */

import { type GridOperation, isGridOperation, operandsOfOperation } from "./grid.js";

/** A field of an instruction: `a` and `b` are registers read, `out` the register written, `k` an immediate value. */
export type Field = "out" | "a" | "b" | "k";

interface InstructionSpec {
  /** The instruction's index in the soft machine's distribution over operations. */
  readonly number: number;
  /** The fields that it uses, in the order of the assembly text. */
  readonly fields: readonly Field[];
  /** What it does, as register transfers. `M[i]` is the memory row i modulo the memory's size, `c` the counter. */
  readonly transfer: string;
  readonly doc: string;
}

export const instructions = {
  halt: { number: 0, fields: [], transfer: "stop", doc: "Ends the run; the result is in r0." },
  zero: { number: 1, fields: ["out"], transfer: "R[out] <- 0", doc: "Writes zero." },
  inc: { number: 2, fields: ["out", "a"], transfer: "R[out] <- (R[a] + 1) mod n", doc: "Adds one." },
  dec: { number: 3, fields: ["out", "a"], transfer: "R[out] <- (R[a] - 1) mod n", doc: "Subtracts one." },
  add: { number: 4, fields: ["out", "a", "b"], transfer: "R[out] <- (R[a] + R[b]) mod n", doc: "Adds." },
  sub: { number: 5, fields: ["out", "a", "b"], transfer: "R[out] <- (R[a] - R[b]) mod n", doc: "Subtracts." },
  mul: { number: 6, fields: ["out", "a", "b"], transfer: "R[out] <- (R[a] * R[b]) mod n", doc: "Multiplies." },
  div: {
    number: 7,
    fields: ["out", "a", "b"],
    transfer: "R[out] <- R[b] = 0 ? 0 : floor(R[a] / R[b])",
    doc: "The quotient; 0 when the divisor is 0.",
  },
  mod: {
    number: 8,
    fields: ["out", "a", "b"],
    transfer: "R[out] <- R[b] = 0 ? 0 : R[a] mod R[b]",
    doc: "The remainder; 0 when the divisor is 0.",
  },
  min: { number: 9, fields: ["out", "a", "b"], transfer: "R[out] <- min(R[a], R[b])", doc: "The smaller value." },
  max: { number: 10, fields: ["out", "a", "b"], transfer: "R[out] <- max(R[a], R[b])", doc: "The larger value." },
  eq: { number: 11, fields: ["out", "a", "b"], transfer: "R[out] <- R[a] = R[b] ? 1 : 0", doc: "Equality." },
  lt: { number: 12, fields: ["out", "a", "b"], transfer: "R[out] <- R[a] < R[b] ? 1 : 0", doc: "Less than." },
  and: {
    number: 13,
    fields: ["out", "a", "b"],
    transfer: "R[out] <- R[a] != 0 and R[b] != 0 ? 1 : 0",
    doc: "Logical and; any value but 0 is true.",
  },
  or: {
    number: 14,
    fields: ["out", "a", "b"],
    transfer: "R[out] <- R[a] != 0 or R[b] != 0 ? 1 : 0",
    doc: "Logical or; any value but 0 is true.",
  },
  not: { number: 15, fields: ["out", "a"], transfer: "R[out] <- R[a] = 0 ? 1 : 0", doc: "Logical not." },
  xor: {
    number: 16,
    fields: ["out", "a", "b"],
    transfer: "R[out] <- (R[a] != 0) != (R[b] != 0) ? 1 : 0",
    doc: "Logical exclusive or.",
  },
  move: { number: 17, fields: ["out", "a"], transfer: "R[out] <- R[a]", doc: "Copies a register." },
  const: { number: 18, fields: ["out", "k"], transfer: "R[out] <- k", doc: "Writes an immediate value." },
  read: { number: 19, fields: ["out", "a"], transfer: "R[out] <- M[R[a]]", doc: "Reads memory." },
  write: { number: 20, fields: ["a", "b"], transfer: "M[R[a]] <- R[b]", doc: "Writes memory." },
  jump: {
    number: 21,
    fields: ["a", "b"],
    transfer: "if R[a] = 1 then c <- label[R[b]]",
    doc: "Jumps to the line that the label table gives for R[b], when the flag R[a] is 1.",
  },
  call: {
    number: 22,
    fields: ["out", "a", "k"],
    transfer: "R[out] <- k; c <- label[R[a]]",
    doc: "Stores the value that names the return line and jumps.",
  },
  store: {
    number: 23,
    fields: ["out", "k"],
    transfer: "R[out] <- k",
    doc: "Stores the value that names a return line, without a jump.",
  },
  ret: {
    number: 24,
    fields: ["a"],
    transfer: "c <- label[R[a]]",
    doc: "Jumps always: a return when R[a] holds a stored return site, else a plain goto or a tail call.",
  },
  jez: {
    number: 25,
    fields: ["a", "b"],
    transfer: "if R[a] = 0 then c <- label[R[b]]",
    doc: "Jumps to the line that the label table gives for R[b], when R[a] is 0: the jump of Bunel et al.",
  },
} as const satisfies Record<string, InstructionSpec>;

export type Mnemonic = keyof typeof instructions;

/** Whether a word is an instruction's name. */
export function isMnemonic(word: string): word is Mnemonic {
  return Object.hasOwn(instructions, word);
}

/** What a line may do: an instruction of the set, or an operation by its table over a grid. */
export type Operation = Mnemonic | GridOperation;

/** Every mnemonic, at the index of its number. */
export const mnemonics: readonly Mnemonic[] = Object.keys(instructions)
  .filter(isMnemonic)
  .sort((x, y) => instructions[x].number - instructions[y].number);

/** The number of instructions, |A|: the width of the soft machine's operation field. */
export const instructionCount = mnemonics.length;

/** The fields that an instruction uses, in the order of the assembly text. */
export function fieldsOf(op: Operation): readonly Field[] {
  if (!isGridOperation(op)) return instructions[op].fields;
  return operandsOfOperation(op) === 1 ? instructions.move.fields : instructions.add.fields;
}
