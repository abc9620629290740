import type { Shape } from "../scheme/index.js";
import type { Grid } from "./grid.js";
import type { Operation } from "./instructions.js";

/** An immediate: a number, which the linker wraps into 0..n-1 when it is negative, or the value that names a label. */
export type Immediate = number | { readonly label: string };

/** One line of assembly. Fields that the instruction does not use are register 0 and k 0. */
export interface AssemblyInstruction {
  readonly op: Operation;
  readonly a: number;
  readonly b: number;
  readonly out: number;
  readonly k: Immediate;
  /** What the line is for: printed behind it. One line, without spaces at its ends. */
  readonly comment?: string;
}

/** Values that memory holds when a run begins. */
export interface DataDirective {
  readonly address: number;
  readonly values: readonly number[];
}

/** Cells of memory, from `address` on, that hold a vector or a matrix row by row. */
export interface ArrayCells {
  readonly address: number;
  readonly shape: Shape;
}

/** An operand that is an array. */
export interface ArrayOperand extends ArrayCells {
  readonly name: string;
}

/** A program of the register machine, before it is linked. Its result is in r0. */
export interface Assembly {
  readonly name: string;
  /** Names of the operands: the first is in r0 when a run begins, the next in r1, and so on. */
  readonly operands: readonly string[];
  /** The operands that are in memory when a run begins. */
  readonly arrays?: readonly ArrayOperand[];
  /** Where the result is, when it is an array; r0 then holds its address. */
  readonly result?: ArrayCells;
  /** The labels where functions begin; each ends where the next begins, or with the program. None when absent. */
  readonly functions?: readonly string[];
  /** Cells from address 0 on that the program uses, operands and result among them; none when absent. */
  readonly reserved?: number;
  /** The grid that operands, result and constants are on; absent where values stand for themselves. */
  readonly grid?: Grid;
  /** The label where a run begins; the first line when absent. */
  readonly entry?: string;
  /** The register that points at the top of the stack, 0 when a run begins; absent when the program keeps no stack. */
  readonly stackPointer?: number;
  readonly data: readonly DataDirective[];
  /** Label to line, counted from 0. */
  readonly labels: ReadonlyMap<string, number>;
  readonly instructions: readonly AssemblyInstruction[];
}

/** What a label or a program is called: no space and none of `; , : @ #`. */
export const symbolPattern = /^[^\s;,:@#]+$/;

/** What an operand is called: no space and none of `; ,`. */
export const operandPattern = /^[^\s;,]+$/;

/** A register's name, `r0`, `r1`, … */
export const registerPattern = /^r(0|[1-9][0-9]*)$/;

/** The most values that an image may have: those of 32 bits. */
export const mostValues = 2 ** 32;

/** The most memory rows that an image may have. */
export const mostMemory = 65536;

/** The most registers that an image may have. */
export const mostRegisters = 256;

/** How many registers a program needs: one more than the highest that it names, and at least one for the result. */
export function registersOf(assembly: Assembly): number {
  let most = Math.max(1, assembly.operands.length, (assembly.stackPointer ?? 0) + 1);
  for (const { a, b, out } of assembly.instructions) most = Math.max(most, a + 1, b + 1, out + 1);
  return most;
}
