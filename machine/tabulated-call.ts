import { SoftmachineError } from "../scheme/index.js";
import type { TabulatedProgram } from "./tabulate.js";

export type Floats = Float32Array | Float64Array;

/**
 * The distribution of a program's answer when its operands are independent random values, exactly:
 * P(y) = sum over a, b, … of p(a) p(b) … [f(a, b, …) = y]. One lookup, however many steps the program takes.
 *
 * @param distributions [batch, operands, n].
 * @returns answers [batch, n].
 */
export function tabulatedCall(table: TabulatedProgram, distributions: Floats, batch: number): Float64Array {
  checkShape(table, distributions, batch);
  const { operands, n, values } = table;
  const answers = new Float64Array(batch * n);
  for (let row = 0; row < batch; row++) {
    scatter(values, distributions, answers, n, row * operands * n, row * n, operands, 1, 0);
  }
  return answers;
}

/**
 * The gradient of a loss with respect to the operands' distributions.
 *
 * @param cotangent [batch, n]: the gradient of the loss with respect to the answers of `tabulatedCall`.
 * @returns [batch, operands, n].
 */
export function tabulatedCallGradient(
  table: TabulatedProgram,
  distributions: Floats,
  cotangent: Floats,
  batch: number,
): Float64Array {
  checkShape(table, distributions, batch);
  const { operands, n, values } = table;
  if (cotangent.length !== batch * n) {
    throw new SoftmachineError(`the cotangent has ${cotangent.length} numbers; [${batch}, ${n}] needs ${batch * n}`);
  }
  const gradient = new Float64Array(batch * operands * n);
  for (let row = 0; row < batch; row++) {
    gather(values, distributions, cotangent, gradient, n, row * operands * n, row * n, operands, 1, 0);
  }
  return gradient;
}

function checkShape({ name, operands, n }: TabulatedProgram, distributions: Floats, batch: number): void {
  if (!Number.isInteger(batch) || batch < 0 || distributions.length !== batch * operands * n) {
    throw new SoftmachineError(
      `"${name}" takes distributions [${batch}, ${operands}, ${n}]; got ${distributions.length} numbers`,
    );
  }
}

/** Adds weight times the distribution over the remaining operands' answers. `index` is the table row so far. */
function scatter(
  values: Uint16Array,
  p: Floats,
  answers: Float64Array,
  n: number,
  at: number,
  to: number,
  remaining: number,
  weight: number,
  index: number,
): void {
  if (remaining === 0) {
    answers[to + values[index]] += weight;
  } else if (remaining === 1) {
    const first = index * n;
    for (let i = 0; i < n; i++) answers[to + values[first + i]] += weight * p[at + i];
  } else {
    for (let i = 0; i < n; i++) {
      const w = weight * p[at + i];
      if (w !== 0) scatter(values, p, answers, n, at + n, to, remaining - 1, w, index * n + i);
    }
  }
}

/** Returns the expected cotangent over the remaining operands, and adds weight times its gradient. */
function gather(
  values: Uint16Array,
  p: Floats,
  cotangent: Floats,
  gradient: Float64Array,
  n: number,
  at: number,
  from: number,
  remaining: number,
  weight: number,
  index: number,
): number {
  if (remaining === 0) return cotangent[from + values[index]];
  let expected = 0;
  if (remaining === 1) {
    const first = index * n;
    for (let i = 0; i < n; i++) {
      const g = cotangent[from + values[first + i]];
      gradient[at + i] += weight * g;
      expected += p[at + i] * g;
    }
    return expected;
  }
  for (let i = 0; i < n; i++) {
    const w = weight * p[at + i];
    const g = gather(values, p, cotangent, gradient, n, at + n, from, remaining - 1, w, index * n + i);
    gradient[at + i] += weight * g;
    expected += p[at + i] * g;
  }
  return expected;
}
