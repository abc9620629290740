import type { Immediate } from "./assembly.js";
import type { Mnemonic } from "./instructions.js";

/**
 * A register before allocation. Numbers below `firstVirtual` are the machine's own registers, which calls and returns
 * speak of; the others stand for one variable or temporary each.
 */
export type VirtualRegister = number;

/** The first number that is not a machine register. */
export const firstVirtual = 256;

/** What a move or an operation takes: a register or a constant. */
export type VirtualOperand =
  | { readonly kind: "register"; readonly register: VirtualRegister }
  | { readonly kind: "constant"; readonly value: number };

/** Code over virtual registers: machine instructions, and the few pseudo-instructions that allocation expands. */
export type VirtualInstruction =
  | {
      readonly kind: "operation";
      readonly op: Mnemonic;
      readonly out?: VirtualRegister;
      readonly a?: VirtualRegister;
      readonly b?: VirtualRegister;
      readonly k?: Immediate;
      readonly comment?: string;
    }
  | { readonly kind: "label"; readonly label: string }
  /** To the line whose value `target` holds: always, or when the flag `test` is 1. */
  | {
      readonly kind: "jump";
      readonly test?: VirtualRegister;
      readonly target: VirtualRegister;
      readonly label: string;
      readonly comment?: string;
    }
  /** All at once: every `from` is read before any `to` is written. */
  | { readonly kind: "moves"; readonly moves: readonly Move[]; readonly comment?: string }
  /** Passes arguments in r0, r1, … and the return address in the register after them; the result is in r0. */
  | {
      readonly kind: "call";
      readonly callee: string;
      readonly label: string;
      readonly args: readonly VirtualOperand[];
      readonly result: VirtualRegister;
      readonly comment?: string;
    }
  /** A jump to a function with arguments and return address in place; the register after them holds the target. */
  | {
      readonly kind: "tailCall";
      readonly callee: string;
      readonly label: string;
      readonly args: readonly VirtualOperand[];
      readonly address: VirtualRegister;
      readonly comment?: string;
    }
  /** Ends a function: r0 holds the result. Without an address, the program: `halt`. */
  | { readonly kind: "return"; readonly address?: VirtualRegister };

export interface Move {
  readonly to: VirtualRegister;
  readonly from: VirtualOperand;
}

/** A function's code, or the program's body when `name` is undefined. */
export interface VirtualFunction {
  readonly name: string | undefined;
  readonly label: string;
  readonly code: readonly VirtualInstruction[];
}

const registersIn = (operands: readonly VirtualOperand[]): VirtualRegister[] =>
  operands.flatMap((operand) => (operand.kind === "register" ? [operand.register] : []));

const present = (registers: readonly (VirtualRegister | undefined)[]): VirtualRegister[] =>
  registers.filter((register) => register !== undefined);

/** The registers 0..last. */
const upTo = (last: number): VirtualRegister[] => Array.from({ length: last + 1 }, (_, i) => i);

/** Registers that an instruction reads. */
export function usesOf(instruction: VirtualInstruction): VirtualRegister[] {
  switch (instruction.kind) {
    case "operation":
      return present([instruction.a, instruction.b]);
    case "label":
      return [];
    case "jump":
      return present([instruction.test, instruction.target]);
    case "moves":
      return registersIn(instruction.moves.map(({ from }) => from));
    case "call":
      return registersIn(instruction.args);
    case "tailCall":
      return [...registersIn(instruction.args), instruction.address];
    case "return":
      return present([0, instruction.address]);
  }
}

/** Registers that an instruction writes, apart from those that a called function writes. */
export function definitionsOf(instruction: VirtualInstruction): VirtualRegister[] {
  switch (instruction.kind) {
    case "operation":
      return present([instruction.out]);
    case "moves":
      return instruction.moves.map(({ to }) => to);
    case "call":
      return [instruction.result, ...upTo(instruction.args.length)];
    case "tailCall":
      return upTo(instruction.args.length + 1);
    default:
      return [];
  }
}

/** Whether an instruction that computes nothing of use must stay nevertheless. */
export function hasEffect(instruction: VirtualInstruction): boolean {
  return instruction.kind !== "operation" || instruction.out === undefined;
}
