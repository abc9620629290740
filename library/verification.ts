import { SoftmachineError } from "../scheme/index.js";
import type { Operand } from "./program-file.js";

/** On how many inputs a check held. */
export interface Coverage {
  /** Values are 0..n-1. */
  readonly n: number;
  readonly inputs: number;
  /** Whether these are all the inputs that there are; otherwise they are a sample. */
  readonly exhaustive: boolean;
}

/** What was found when a program passed every check. */
export interface Verification {
  readonly instructions: number;
  /** That the program uses. */
  readonly registers: number;
  /** Steps of the exact machine over the inputs of `exact`, `halt` included. */
  readonly steps: { readonly worst: number; readonly mean: number };
  /** Examples that hold for the reference and, where its values can hold them, on the machine. */
  readonly examples: number;
  /** Inputs on which the exact machine equals the reference modulo n. */
  readonly exact: Coverage;
  /** The same for the program among the others of the library, with the library's n. */
  readonly image: Coverage;
  /** Inputs on which the soft machine's state at the end equals the exact machine's to the bit. */
  readonly soft: Coverage;
}

/** The checks, in order. */
export const stages = ["file", "assembly", "example", "exact", "soft", "gradient", "image"] as const;

export type Stage = (typeof stages)[number];

/** What a check of a program came to; a program that failed is not in the library. */
export type ProgramReport = {
  readonly name: string;
  readonly subject: string;
  /** Time that its checks took. */
  readonly milliseconds: number;
} & ({ readonly ok: true; readonly verification: Verification } | { readonly ok: false; readonly failure: Failure });

export interface Failure {
  readonly stage: Stage;
  readonly message: string;
  /** The operands that show it: the smallest, by their sum, that were found. */
  readonly input: readonly number[] | undefined;
}

/** A check that a program did not pass. */
export class VerificationFailure extends SoftmachineError implements Failure {
  override readonly name = "VerificationFailure";

  constructor(
    readonly stage: Stage,
    message: string,
    readonly input: readonly number[] | undefined = undefined,
  ) {
    super(message);
  }
}

/** `"gcd" with a = 1, b = 2`. */
export function withOperands(name: string, operands: readonly Operand[], values: readonly number[]): string {
  const given = operands.map((operand, i) => `${operand.name} = ${values[i]}`).join(", ");
  return given === "" ? `"${name}"` : `"${name}" with ${given}`;
}
