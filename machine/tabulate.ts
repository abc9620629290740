import type { Entry, Image } from "../assembler/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { checkBudget, defaultStepBudget, ExactMachine, entryOf, runToHalt } from "./exact.js";

/** A program's answers on all operands: the index table of a function of `operands` values 0..n-1. */
export interface TabulatedProgram {
  readonly name: string;
  readonly operands: number;
  readonly n: number;
  /** n^operands answers, row-major, the first operand slowest. */
  readonly values: Uint16Array;
}

/** The operands whose answer is at a place of a program's values. */
export function operandsAt({ operands, n }: Pick<TabulatedProgram, "operands" | "n">, index: number): number[] {
  return Array.from({ length: operands }, (_, slot) => Math.floor(index / n ** (operands - 1 - slot)) % n);
}

/** The most answers that a table may hold: 128 MiB of them. */
export const mostAnswers = 2 ** 26;

/** The most values that 16 bits tell apart. */
const mostValues = 65536;

export interface TabulateOptions {
  /** Steps that the run on each tuple of operands may take. Default 1,000,000. */
  readonly steps?: number;
}

/** Answers on the tuples that begin with the same operands, by the last operand, which of them are known. */
export interface AnswerRow {
  /** [n], or [1] of a program without operands. */
  readonly values: Uint16Array;
  /** Of the same length: 1 where the value is known. */
  readonly known: Uint8Array;
}

/** A program's answers, each found on the exact machine when it is first asked for. */
export class LazyTable {
  readonly name: string;
  readonly operands: number;
  readonly n: number;
  /** How many answers are known. */
  known = 0;
  /** By all operands but the last, in row-major order. */
  private readonly held = new Map<number, AnswerRow>();
  private readonly entry: Entry;
  private readonly machine: ExactMachine;
  private readonly steps: number;

  /**
   * @throws SoftmachineError for an unknown program, values of more than 16 bits, an array for a result, or more tuples of
   * operands than can be counted.
   */
  constructor(image: Image, name: string, options: TabulateOptions = {}) {
    const { steps = defaultStepBudget } = options;
    checkBudget(steps);
    this.entry = entryOf(image, name);
    if (image.n > mostValues) {
      throw new SoftmachineError(`a table of "${name}" holds values of n up to ${mostValues}, not ${image.n}`);
    }
    if (this.entry.result !== undefined)
      throw new SoftmachineError(`a table holds answers that are numbers; the result of "${name}" is an array`);
    const { length } = this.entry.operands;
    if (image.n ** length > Number.MAX_SAFE_INTEGER) {
      throw new SoftmachineError(
        `a table of "${name}" would have ${image.n}^${length} answers, more than can be counted`,
      );
    }
    this.machine = new ExactMachine(image);
    this.steps = steps;
    this.name = name;
    this.operands = this.entry.operands.length;
    this.n = image.n;
  }

  /** The rows in which an answer is known, by all operands but the last, in row-major order. */
  get rows(): ReadonlyMap<number, AnswerRow> {
    return this.held;
  }

  /** Takes over answers known from before. */
  restore(rows: Iterable<readonly [number, AnswerRow]>): void {
    for (const [prefix, { values, known }] of rows) {
      const row = this.rowAt(prefix);
      known.forEach((flag, last) => {
        if (flag === 1) this.keep(row, last, values[last]);
      });
    }
  }

  /**
   * The answers by the last operand, where the others are given: at least those for which `wanted` is not 0.
   *
   * @param prefix all operands but the last, in row-major order.
   * @param wanted read from `at` on; all are wanted when absent.
   * @throws BudgetError naming the operands on which a run does not end or overflows its stack; SoftmachineError when the
   * table would hold too many answers.
   */
  row(prefix: number, wanted?: ArrayLike<number>, at = 0): Uint16Array {
    const row = this.rowAt(prefix);
    const { values, known } = row;
    for (let last = 0; last < values.length; last++) {
      if (known[last] === 1 || (wanted !== undefined && wanted[at + last] === 0)) continue;
      runToHalt(this.machine, this.entry, this.tuple(prefix, last), this.steps);
      this.keep(row, last, this.machine.registers[0]);
    }
    return values;
  }

  /** All answers, those not yet known found now; the same failures as `row`. */
  complete(): TabulatedProgram {
    const { name, operands, n } = this;
    const size = n ** operands;
    if (size > mostAnswers) {
      throw new SoftmachineError(
        `a table of "${name}" needs ${n}^${operands} answers, more than ${mostAnswers.toLocaleString("en-US")}`,
      );
    }
    const values = new Uint16Array(size);
    const width = operands === 0 ? 1 : n;
    for (let prefix = 0; prefix * width < size; prefix++) values.set(this.row(prefix), prefix * width);
    return { name, operands, n, values };
  }

  private rowAt(prefix: number): AnswerRow {
    const held = this.held.get(prefix);
    if (held !== undefined) return held;
    const width = this.operands === 0 ? 1 : this.n;
    if ((this.held.size + 1) * width > mostAnswers) {
      throw new SoftmachineError(
        `the answers of "${this.name}" that are asked for are more than ${mostAnswers.toLocaleString("en-US")}; fewer values of its operands may have weight`,
      );
    }
    const row = { values: new Uint16Array(width), known: new Uint8Array(width) };
    this.held.set(prefix, row);
    return row;
  }

  private keep({ values, known }: AnswerRow, last: number, value: number): void {
    this.known += 1 - known[last];
    known[last] = 1;
    values[last] = value;
  }

  private tuple(prefix: number, last: number): number[] {
    if (this.operands === 0) return [];
    const tuple = [last];
    let rest = prefix;
    for (let i = 1; i < this.operands; i++) {
      tuple.unshift(rest % this.n);
      rest = Math.floor(rest / this.n);
    }
    return tuple;
  }
}

/**
 * Runs a program on the exact machine for every tuple of operands.
 *
 * @throws SoftmachineError when the table would be too large; BudgetError naming the operands on which a run does not
 * end or overflows its stack.
 */
export function tabulate(image: Image, name: string, options: TabulateOptions = {}): TabulatedProgram {
  return new LazyTable(image, name, options).complete();
}
