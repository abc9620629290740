/**
 * A call of a library program on distributions, exact: P(y) = Σ_k P(k) Σ_operands Π_j p_j(operand_j) [f_k(operands) = y].
 * Its gradient path has length one, however deep the program's own computation is. As supervision is on answers, only
 * the operand tuples in the preimage of the true answer enter the loss: n^(operands-1) of them on average, not n^operands.
 */

import type * as TensorFlow from "@tensorflow/tfjs";
import type { TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";

/** Added to P(answer) in the loss, so that a probability of zero has a finite loss. */
const TINY = 1e-20;

/** Programs as tables, with the preimage of each answer: `tuples` from `starts[y]` to `starts[y+1]`, indices row-major. */
export class CallTable {
  readonly programs: readonly TabulatedProgram[];
  readonly n: number;
  /** The most operands that any program takes. */
  readonly slots: number;
  readonly #preimages: readonly { starts: Uint32Array; tuples: Uint32Array }[];

  /** @throws SoftmachineError when the programs are none, differ in n, repeat a name, or a table is damaged. */
  constructor(programs: readonly TabulatedProgram[]) {
    if (programs.length === 0) throw new SoftmachineError("there are no programs to call");
    this.programs = programs;
    this.n = programs[0].n;
    this.slots = Math.max(...programs.map(({ operands }) => operands));
    const names = new Set<string>();
    for (const program of programs) {
      checkProgram(program, this.n);
      if (names.has(program.name)) throw new SoftmachineError(`two programs are named "${program.name}"`);
      names.add(program.name);
    }
    this.#preimages = programs.map(preimages);
  }

  /**
   * -ln P(answer) of one example and its gradient, which is added to the two gradient arrays times `scale`.
   * `choice` holds P(k), `operands` the slots' distributions one after the other, both from the offsets given.
   */
  loss(
    answer: number,
    choice: Float32Array,
    choiceAt: number,
    operands: Float32Array,
    operandsAt: number,
    choiceGradient: Float32Array,
    operandsGradient: Float32Array,
  ): number {
    const { n } = this;
    let total = 0;
    const perProgram = new Float64Array(this.programs.length);
    for (let k = 0; k < this.programs.length; k++) {
      const { starts, tuples } = this.#preimages[k];
      perProgram[k] = sumOverTuples(
        this.programs[k].operands,
        n,
        tuples,
        starts[answer],
        starts[answer + 1],
        operands,
        operandsAt,
      );
      total += choice[choiceAt + k] * perProgram[k];
    }
    const scale = -1 / (total + TINY);
    for (let k = 0; k < this.programs.length; k++) {
      choiceGradient[choiceAt + k] = scale * perProgram[k];
      const weight = scale * choice[choiceAt + k];
      if (weight === 0) continue;
      const { starts, tuples } = this.#preimages[k];
      addGradient(
        this.programs[k].operands,
        n,
        tuples,
        starts[answer],
        starts[answer + 1],
        operands,
        operandsAt,
        weight,
        operandsGradient,
      );
    }
    return -Math.log(total + TINY);
  }

  /** P(y) for every y of one example. Operand values less likely than `negligible` are left out. */
  answers(
    choice: ArrayLike<number>,
    operands: ArrayLike<number>,
    choiceAt = 0,
    operandsAt = 0,
    negligible = 1e-9,
  ): Float64Array {
    const { n } = this;
    const answer = new Float64Array(n);
    const support = Array.from({ length: this.slots }, (_, slot) => {
      const at = operandsAt + slot * n;
      return Array.from({ length: n }, (_, value) => value).filter((value) => operands[at + value] > negligible);
    });
    this.programs.forEach((program, k) => {
      const weight = choice[choiceAt + k];
      if (weight <= negligible) return;
      const { values, operands: count } = program;
      const visit = (slot: number, index: number, p: number): void => {
        const at = operandsAt + slot * n;
        // The last operand has the most visits, so it makes no calls.
        if (slot === count - 1)
          for (const value of support[slot]) answer[values[index * n + value]] += p * operands[at + value];
        else for (const value of support[slot]) visit(slot + 1, index * n + value, p * operands[at + value]);
      };
      visit(0, 0, weight);
    });
    return answer;
  }
}

/**
 * The mean of -ln P(answer) over a batch, as a TensorFlow.js op with a custom gradient.
 *
 * @param choice P(k), [batch, programs]
 * @param operands the slots' distributions, [batch, slots, n]
 * @param answers the true answers, batch of them
 */
export function answerLoss(
  tf: TensorFlowModule,
  table: CallTable,
  choice: TensorFlow.Tensor,
  operands: TensorFlow.Tensor,
  answers: ArrayLike<number>,
): TensorFlow.Scalar {
  const op = tf.customGrad((choiceTensor, operandsTensor) => {
    const p = (choiceTensor as TensorFlow.Tensor).dataSync<"float32">();
    const q = (operandsTensor as TensorFlow.Tensor).dataSync<"float32">();
    const choiceGradient = new Float32Array(p.length);
    const operandsGradient = new Float32Array(q.length);
    const batch = answers.length;
    let loss = 0;
    for (let i = 0; i < batch; i++) {
      loss += table.loss(
        answers[i],
        p,
        i * table.programs.length,
        q,
        i * table.slots * table.n,
        choiceGradient,
        operandsGradient,
      );
    }
    return {
      value: tf.scalar(loss / batch),
      gradFunc: (dy: TensorFlow.Tensor) => {
        const scale = tf.div(dy, batch);
        return [
          tf.mul(tf.tensor(choiceGradient, choice.shape), scale),
          tf.mul(tf.tensor(operandsGradient, operands.shape), scale),
        ];
      },
    };
  });
  return op(choice, operands) as TensorFlow.Scalar;
}

function checkProgram({ name, operands, n, values }: TabulatedProgram, expected: number): void {
  if (n !== expected)
    throw new SoftmachineError(`program "${name}" is tabulated modulo ${n}, others modulo ${expected}`);
  if (!(operands >= 1 && operands <= 3)) {
    throw new SoftmachineError(`program "${name}" takes ${operands} operands; a call can take 1, 2 or 3`);
  }
  if (values.length !== n ** operands) {
    throw new SoftmachineError(`the table of "${name}" has ${values.length} answers, and ${n}^${operands} are needed`);
  }
  const outside = values.findIndex((value) => value >= n);
  if (outside >= 0)
    throw new SoftmachineError(`the table of "${name}" has answer ${values[outside]}, outside 0..${n - 1}`);
}

/** Operand tuples sorted by their answer: a counting sort. */
function preimages({ n, values }: TabulatedProgram) {
  const starts = new Uint32Array(n + 1);
  for (const value of values) starts[value + 1]++;
  for (let y = 0; y < n; y++) starts[y + 1] += starts[y];
  const next = starts.slice(0, n);
  const tuples = new Uint32Array(values.length);
  for (let index = 0; index < values.length; index++) tuples[next[values[index]]++] = index;
  return { starts, tuples };
}

/** Σ over the tuples of the product of their operands' probabilities. */
function sumOverTuples(
  arity: number,
  n: number,
  tuples: Uint32Array,
  from: number,
  to: number,
  p: Float32Array,
  at: number,
): number {
  let sum = 0;
  if (arity === 1) {
    for (let i = from; i < to; i++) sum += p[at + tuples[i]];
  } else if (arity === 2) {
    for (let i = from; i < to; i++) {
      const a = (tuples[i] / n) | 0;
      sum += p[at + a] * p[at + n + tuples[i] - a * n];
    }
  } else {
    for (let i = from; i < to; i++) {
      const ab = (tuples[i] / n) | 0;
      const a = (ab / n) | 0;
      sum += p[at + a] * p[at + n + ab - a * n] * p[at + 2 * n + tuples[i] - ab * n];
    }
  }
  return sum;
}

/** Adds `weight` times the gradient of `sumOverTuples` with respect to p. */
function addGradient(
  arity: number,
  n: number,
  tuples: Uint32Array,
  from: number,
  to: number,
  p: Float32Array,
  at: number,
  weight: number,
  gradient: Float32Array,
): void {
  if (arity === 1) {
    for (let i = from; i < to; i++) gradient[at + tuples[i]] += weight;
  } else if (arity === 2) {
    for (let i = from; i < to; i++) {
      const a = (tuples[i] / n) | 0;
      const ia = at + a;
      const ib = at + n + tuples[i] - a * n;
      gradient[ia] += weight * p[ib];
      gradient[ib] += weight * p[ia];
    }
  } else {
    for (let i = from; i < to; i++) {
      const ab = (tuples[i] / n) | 0;
      const a = (ab / n) | 0;
      const ia = at + a;
      const ib = at + n + ab - a * n;
      const ic = at + 2 * n + tuples[i] - ab * n;
      gradient[ia] += weight * p[ib] * p[ic];
      gradient[ib] += weight * p[ia] * p[ic];
      gradient[ic] += weight * p[ia] * p[ib];
    }
  }
}
