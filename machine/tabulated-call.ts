import { SoftmachineError } from "../scheme/index.js";
import { LazyTable, type TabulatedProgram } from "./tabulate.js";

export type Floats = Float32Array | Float64Array;

/** What a tabulated call looks answers up in. Of a lazy table, only the operands' support is run. */
export type AnswerTable = TabulatedProgram | LazyTable;

export interface TabulatedGradientOptions {
  /**
   * Compute the gradient for values that have weight alone, and 0 for the others (default false): all that a softmax
   * needs. Else the other values are run too, each beside the support of the other operands.
   */
  readonly supportOnly?: boolean;
}

/**
 * The distribution of a program's answer when its operands are independent random values, exactly:
 * P(y) = sum over a, b, … of p(a) p(b) … [f(a, b, …) = y]. One lookup, however many steps the program takes.
 *
 * @param distributions [batch, operands, n].
 * @returns answers [batch, n].
 * @throws SoftmachineError for arrays of another shape; BudgetError when a run that a lazy table needs does not end.
 */
export function tabulatedCall(table: AnswerTable, distributions: Floats, batch: number): Float64Array {
  checkShape(table, distributions, batch);
  const { operands, n } = table;
  const answers = new Float64Array(batch * n);
  const call: Call = { lookup: lookupOf(table), p: distributions, n, supportOnly: true };
  for (let row = 0; row < batch; row++) scatter(call, answers, row * operands * n, row * n, operands, 1, 0);
  return answers;
}

/**
 * The gradient of a loss with respect to the operands' distributions.
 *
 * @param cotangent [batch, n]: the gradient of the loss with respect to the answers of `tabulatedCall`.
 * @returns [batch, operands, n].
 * @throws as `tabulatedCall`.
 */
export function tabulatedCallGradient(
  table: AnswerTable,
  distributions: Floats,
  cotangent: Floats,
  batch: number,
  { supportOnly = false }: TabulatedGradientOptions = {},
): Float64Array {
  checkShape(table, distributions, batch);
  const { operands, n } = table;
  if (cotangent.length !== batch * n) {
    throw new SoftmachineError(`the cotangent has ${cotangent.length} numbers; [${batch}, ${n}] needs ${batch * n}`);
  }
  const gradient = new Float64Array(batch * operands * n);
  const call: Call = { lookup: lookupOf(table), p: distributions, n, supportOnly };
  for (let row = 0; row < batch; row++) gather(call, cotangent, gradient, row * operands * n, row * n, operands, 1, 0);
  return gradient;
}

function checkShape({ name, operands, n }: AnswerTable, distributions: Floats, batch: number): void {
  if (!Number.isInteger(batch) || batch < 0 || distributions.length !== batch * operands * n) {
    throw new SoftmachineError(
      `"${name}" takes distributions [${batch}, ${operands}, ${n}]; got ${distributions.length} numbers`,
    );
  }
}

/** Rows of answers by the last operand. */
interface Lookup {
  /** An array in which the row of a prefix begins at prefix times `stride`; certain where `wanted` is not 0 from `at`. */
  row(prefix: number, wanted: Floats | undefined, at: number): Uint16Array;
  readonly stride: number;
}

function lookupOf(table: AnswerTable): Lookup {
  if (table instanceof LazyTable) return { row: (prefix, wanted, at) => table.row(prefix, wanted, at), stride: 0 };
  return { row: () => table.values, stride: table.n };
}

interface Call {
  readonly lookup: Lookup;
  /** [batch, operands, n] */
  readonly p: Floats;
  readonly n: number;
  readonly supportOnly: boolean;
}

/** Adds weight times the distribution over the remaining operands' answers. `index` is the table row so far. */
function scatter(
  call: Call,
  answers: Float64Array,
  at: number,
  to: number,
  remaining: number,
  weight: number,
  index: number,
): void {
  const { lookup, p, n } = call;
  if (remaining === 0) {
    answers[to + lookup.row(0, undefined, 0)[0]] += weight;
  } else if (remaining === 1) {
    const values = lookup.row(index, p, at);
    const first = index * lookup.stride;
    for (let i = 0; i < n; i++) if (p[at + i] !== 0) answers[to + values[first + i]] += weight * p[at + i];
  } else {
    for (let i = 0; i < n; i++) {
      const w = weight * p[at + i];
      if (w !== 0) scatter(call, answers, at + n, to, remaining - 1, w, index * n + i);
    }
  }
}

/** Returns the expected cotangent over the remaining operands, and adds weight times its gradient. */
function gather(
  call: Call,
  cotangent: Floats,
  gradient: Float64Array,
  at: number,
  from: number,
  remaining: number,
  weight: number,
  index: number,
): number {
  const { lookup, p, n } = call;
  if (remaining === 0) return cotangent[from + lookup.row(0, undefined, 0)[0]];
  let expected = 0;
  // Beside operands without weight, a value of this one counts only by its own.
  const supportOnly = call.supportOnly || weight === 0;
  if (remaining === 1) {
    const values = lookup.row(index, supportOnly ? p : undefined, at);
    const first = index * lookup.stride;
    for (let i = 0; i < n; i++) {
      if (supportOnly && p[at + i] === 0) continue;
      const g = cotangent[from + values[first + i]];
      gradient[at + i] += weight * g;
      expected += p[at + i] * g;
    }
    return expected;
  }
  for (let i = 0; i < n; i++) {
    if (supportOnly && p[at + i] === 0) continue;
    const w = weight * p[at + i];
    const g = gather(call, cotangent, gradient, at + n, from, remaining - 1, w, index * n + i);
    gradient[at + i] += weight * g;
    expected += p[at + i] * g;
  }
  return expected;
}
