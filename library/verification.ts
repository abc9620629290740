import { printValue, SoftmachineError, type Value } from "../scheme/index.js";
import type { Operand } from "./program-file.js";

/** On how many inputs a check held. */
export interface Coverage {
  /** Values are 0..n-1. */
  readonly n: number;
  readonly inputs: number;
  /** Whether these are all the inputs that there are; otherwise they are a sample. */
  readonly exhaustive: boolean;
  /** Of a sample: all inputs are in it of which each number is one of the first so many of its range. */
  readonly first?: number | undefined;
}

/** What was found when a program of whole numbers passed every check. */
export interface MachineVerification {
  readonly instructions: number;
  /** That the program uses. */
  readonly registers: number;
  /** Cells of memory that a run read or wrote at most, over a sample of the inputs of `exact`. */
  readonly memory: number;
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
  /** Inputs on which the machine on bits does, whose ALU is circuits; absent where n is no power of two. */
  readonly circuit?: number;
  /** Calls, certain ones and soft ones, on which the table of answers equals runs; absent where no table holds them. */
  readonly tabulated?: number;
  /** Slopes of a soft run in its operands' probabilities that central differences confirm. */
  readonly gradient: number;
  /** Inputs on which single runs and batches of the exact path equal the reference, not modulo n. */
  readonly paths: number;
}

/** What was found when a program of real numbers passed every check. */
export interface DirectVerification {
  /** Examples that hold for the reference. */
  readonly examples: number;
  /** Inputs, drawn from the operands' ranges, on which reference, single runs and batches agree. */
  readonly paths: number;
  /** Inputs on which the gradient is the slope that central differences show. */
  readonly gradient: number;
}

/** A program of whole numbers runs on the machine, and on the exact path; one of real numbers on the exact path alone. */
export type Verification =
  | ({ readonly kind: "machine" } & MachineVerification)
  | ({ readonly kind: "direct" } & DirectVerification);

/** The checks, in order; of a program of real numbers there are no others than its examples, `paths` and `gradient`. */
export const stages = [
  "file",
  "assembly",
  "example",
  "exact",
  "soft",
  "circuit",
  "tabulated",
  "paths",
  "gradient",
  "image",
] as const;

export type Stage = (typeof stages)[number];

/** What a check of a program came to; a program that failed is not in the library. */
export type ProgramReport = {
  readonly name: string;
  readonly subject: string;
  /** Time that its checks took. */
  readonly milliseconds: number;
} & (
  | {
      readonly ok: true;
      /** What the program takes up in a package. */
      readonly bytes: number;
      /** That of the manifest. */
      readonly certificate: string;
      readonly verification: Verification;
    }
  | { readonly ok: false; readonly failure: Failure }
);

export interface Failure {
  readonly stage: Stage;
  readonly message: string;
  /** The operands that show it: the smallest, by their sum, that were found. */
  readonly input: readonly Value[] | undefined;
}

/** A check that a program did not pass. */
export class VerificationFailure extends SoftmachineError implements Failure {
  override readonly name = "VerificationFailure";

  constructor(
    readonly stage: Stage,
    message: string,
    readonly input: readonly Value[] | undefined = undefined,
  ) {
    super(message);
  }
}

/** Runs a check; what is wrong with the program by it is a failure of the stage. */
export function inStage<T>(name: Stage, run: () => T): T {
  return attempt(run, (message) => {
    throw new VerificationFailure(name, message);
  });
}

/** Runs something; `failed` is told what is wrong where it is the program's fault. */
export function attempt<T>(run: () => T, failed: (message: string, error: SoftmachineError) => never): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof SoftmachineError)) throw error;
    return failed(error.message, error);
  }
}

/** `"gcd" with a = 1, b = 2`. */
export function withOperands(name: string, operands: readonly Operand[], values: readonly Value[]): string {
  const given = operands.map((operand, i) => `${operand.name} = ${printValue(values[i])}`).join(", ");
  return given === "" ? `"${name}"` : `"${name}" with ${given}`;
}
