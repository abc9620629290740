import type { Immediate } from "./assembly.js";
import type { Operation } from "./instructions.js";

/**
 * A register before allocation. Numbers below `firstVirtual` are the machine's own registers, which calls and returns
 * speak of; the others stand for one variable or temporary each.
 */
export type VirtualRegister = number;

/** The first number that is not a machine register. */
export const firstVirtual = 256;

/** Cells of memory with one lifetime: those of an array, or the one of a register that was spilled. */
export interface Location {
  readonly size: number;
  /** The first cell, where that is known; the others are given a place in their function's frame. */
  readonly address?: number;
  /** Holds all of its cells at once or nothing: what a store of one cell may take for a definition. */
  readonly spilled?: boolean;
}

/** What a move or an operation takes: a register, a constant, or a cell of memory. */
export type VirtualOperand =
  | { readonly kind: "register"; readonly register: VirtualRegister }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "cell"; readonly location: Location; readonly offset: number };

/** Code over virtual registers: machine instructions, and the few pseudo-instructions that allocation expands. */
export type VirtualInstruction =
  | {
      readonly kind: "operation";
      readonly op: Operation;
      readonly out?: VirtualRegister;
      readonly a?: VirtualRegister;
      readonly b?: VirtualRegister;
      readonly k?: Immediate;
      readonly comment?: string;
    }
  | { readonly kind: "label"; readonly label: string }
  /** To the line whose value `target` holds: always, or when `test` is 0 or 1, as `is` says. */
  | {
      readonly kind: "jump";
      readonly test?: VirtualRegister;
      readonly is?: 0 | 1;
      readonly target: VirtualRegister;
      readonly label: string;
      readonly comment?: string;
    }
  /** All at once: every `from` is read before any `to` is written. */
  | { readonly kind: "moves"; readonly moves: readonly Move[]; readonly comment?: string }
  /** What the location held is no longer needed. */
  | { readonly kind: "begin"; readonly location: Location }
  /** Reads the cell `offset`, or that many cells past the one that `index` counts from 0. */
  | {
      readonly kind: "load";
      readonly out: VirtualRegister;
      readonly location: Location;
      readonly offset: number;
      readonly index?: VirtualRegister;
      readonly comment?: string;
    }
  /** Writes the cell `offset`, or that many cells past the one that `index` counts from 0; `scratch` is for its address. */
  | {
      readonly kind: "store";
      readonly location: Location;
      readonly offset: number;
      readonly index?: VirtualRegister;
      readonly value: VirtualRegister;
      readonly scratch: VirtualRegister;
      readonly comment?: string;
    }
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
      readonly address: VirtualOperand;
      readonly comment?: string;
    }
  /** Ends a function; r0 holds the result when there is one. Without an address, the program: `halt`. */
  | { readonly kind: "return"; readonly address?: VirtualRegister; readonly result: boolean };

export interface Move {
  readonly to: VirtualRegister;
  readonly from: VirtualOperand;
}

/** A function's code, or the program's body when `name` is undefined. */
export interface VirtualFunction {
  readonly name: string | undefined;
  readonly label: string;
  /** Arguments that come in registers. */
  readonly parameters: number;
  readonly code: readonly VirtualInstruction[];
  /** The first virtual register that the code does not use. */
  readonly next: VirtualRegister;
}

export const inRegister = (register: VirtualRegister): VirtualOperand => ({ kind: "register", register });
export const constantOf = (value: number): VirtualOperand => ({ kind: "constant", value });

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
    case "begin":
      return [];
    case "jump":
      return present([instruction.test, instruction.target]);
    case "moves":
      return registersIn(instruction.moves.map(({ from }) => from));
    case "load":
      return present([instruction.index]);
    case "store":
      return present([instruction.value, instruction.index]);
    case "call":
      return registersIn(instruction.args);
    case "tailCall":
      return registersIn([...instruction.args, instruction.address]);
    case "return":
      return present([instruction.result ? 0 : undefined, instruction.address]);
  }
}

/** Registers that an instruction writes, apart from those that a called function writes. */
export function definitionsOf(instruction: VirtualInstruction): VirtualRegister[] {
  switch (instruction.kind) {
    case "operation":
      return present([instruction.out]);
    case "moves":
      return instruction.moves.map(({ to }) => to);
    case "load":
      return [instruction.out];
    case "store":
      return [instruction.scratch];
    case "call":
      return [instruction.result, ...upTo(instruction.args.length)];
    case "tailCall":
      return upTo(instruction.args.length + 1);
    default:
      return [];
  }
}

/** Operands of an instruction that may be cells of memory. */
export function operandsOf(instruction: VirtualInstruction): readonly VirtualOperand[] {
  switch (instruction.kind) {
    case "moves":
      return instruction.moves.map(({ from }) => from);
    case "call":
      return instruction.args;
    case "tailCall":
      return [...instruction.args, instruction.address];
    default:
      return [];
  }
}

/** Locations whose cells an instruction reads. */
export function locationsRead(instruction: VirtualInstruction): Location[] {
  if (instruction.kind === "load") return [instruction.location];
  return operandsOf(instruction).flatMap((operand) => (operand.kind === "cell" ? [operand.location] : []));
}

/** Whether an instruction that computes nothing of use must stay nevertheless. */
export function hasEffect(instruction: VirtualInstruction): boolean {
  if (instruction.kind === "load") return false;
  return instruction.kind !== "operation" || instruction.out === undefined;
}
