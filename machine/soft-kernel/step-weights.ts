/** What a step's kernels find in the instruction fetched and in a state. */
import { instructions, type Mnemonic, mnemonics } from "../../assembler/index.js";
import type { Local } from "../../kernel/index.js";
import { stateOffsets, vectorBytes } from "./context.js";
import type { Emitter, Integer, Value, Vector } from "./emitter.js";

/** Where an operation's weight is in an instruction. */
export const offsetOf = (op: Mnemonic): number => instructions[op].number * vectorBytes;

/** The instructions that write a register. */
export const writers = mnemonics.filter((op) => instructions[op].fields.some((field) => field === "out"));

/** The weight of an operation, or of any of several. */
export function weightOf(k: Emitter, op: Local, ...names: readonly Mnemonic[]): Vector {
  return k.total(names.map((name) => k.load(op, offsetOf(name))));
}

/** Where a state's registers are. */
export function registersOf(k: Emitter, context: Local, state: Integer): Value {
  return k.at(k.plus(state, stateOffsets.counter), k.field(context, "lines"));
}
