import type { DirectModule } from "../../direct/index.js";
import { BudgetError, type CoreProgram } from "../../scheme/index.js";
import type { FuzzCase, Row } from "./cases.js";

/** How often each check compared something, and how often there was nothing to compare, by reason. */
export interface Tally {
  readonly compared: Record<string, number>;
  readonly skipped: Record<string, number>;
}

export const budget = { iterations: 20_000, frames: 2000 };
/** Rows of a batch: enough for a kernel, and no whole number of vectors. */
export const kernelRows = 67;
/** The first rows are of plain numbers: derivatives are taken there. */
export const plainRows = 4;

/** Everything that the checks of one case share. */
export interface Subject {
  readonly fuzzCase: FuzzCase;
  readonly program: CoreProgram;
  readonly double: DirectModule;
  readonly single: DirectModule;
  readonly rows: readonly Row[];
  readonly count: (what: string) => void;
  readonly skip: (why: string) => void;
}

export type Check = (subject: Subject) => void;

/** Whether an error only says that a program is too much for what was asked. */
export const isLimit = (error: Error) =>
  error instanceof BudgetError || /too (large|deep|many)|at most|takes too much/.test(error.message);

/** What a row has for the inputs that the program itself uses. */
export const usedBy = (program: CoreProgram, row: Row): Row =>
  Object.fromEntries(program.inputs.map((name) => [name, row[name]]));
