/**
 * A call of a library program on distributions, exact: P(y) = Σ_k P(k) Σ_operands Π_j p_j(operand_j) [f_k(operands) = y].
 * Its gradient path has length one, however deep the program's own computation is. As supervision is on answers, only
 * the operand tuples in the preimage of the true answer enter the loss: n^(operands-1) of them on average, not n^operands.
 */

import type * as TensorFlow from "@tensorflow/tfjs";
import { oneHot, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";

type Tensor = TensorFlow.Tensor;

/** Added to P(answer) in the loss, so that a probability of zero has a finite loss. */
export const TINY = 1e-20;

/** One-hot distributions over `n` values, in a shape. */
export const oneHotTensor = (tf: TensorFlowModule, values: readonly number[], n: number, shape: number[]): Tensor =>
  tf.tensor(Float32Array.from(oneHot(values, n)), shape);

/** What a probability is left out below, where every answer is summed up. */
const NEGLIGIBLE = 1e-9;

/** Programs as tables, with the preimage of each answer: `tuples` from `starts[y]` to `starts[y+1]`, indices row-major. */
export class CallTable {
  readonly programs: readonly TabulatedProgram[];
  readonly n: number;
  /** The most operands that any program takes. */
  readonly slots: number;
  readonly #values: Uint16Array;
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
    this.#values = Uint16Array.from({ length: this.n }, (_, value) => value);
    this.#preimages = programs.map(preimages);
  }

  /**
   * -ln P(answer) of one example and its gradient, which is written to the two gradient arrays: `choice` holds P(k),
   * `operands` the slots' distributions one after the other, both from the offsets given.
   */
  loss(answer: number, example: Example): number {
    return -Math.log(this.#probability(answer, example, (total) => -1 / (total + TINY)) + TINY);
  }

  /** The same of P(answer) itself. */
  probability(answer: number, example: Example): number {
    return this.#probability(answer, example, () => 1);
  }

  /** P(answer); the gradient that is written is its own times `scaleOf` it. */
  #probability(
    answer: number,
    { choice, choiceAt, operands, operandsAt, choiceGradient, operandsGradient }: Example,
    scaleOf: (total: number) => number,
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
    const scale = scaleOf(total);
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
    return total;
  }

  /** P(y) for every y of one example. Operand values less likely than `negligible` are left out. */
  answers(
    choice: ArrayLike<number>,
    operands: ArrayLike<number>,
    choiceAt = 0,
    operandsAt = 0,
    negligible = NEGLIGIBLE,
  ): Float64Array {
    const { n } = this;
    const answer = new Float64Array(n);
    const support = this.#support(operands, operandsAt, negligible);
    this.programs.forEach(({ operands: arity, values }, k) => {
      const weight = choice[choiceAt + k];
      if (weight <= negligible) return;
      const visit = (slot: number, index: number, before: number): void => {
        const at = operandsAt + slot * n;
        if (slot < arity - 1) {
          for (const value of support[slot]) visit(slot + 1, (index + value) * n, before * operands[at + value]);
          return;
        }
        for (const value of support[slot]) answer[values[index + value]] += before * operands[at + value];
      };
      visit(0, 0, weight);
    });
    return answer;
  }

  /**
   * The gradient of Σ_y g(y) P(y) of one example, written as `loss` writes its own. An operand value less likely than
   * `negligible` gets none: what makes such a value multiplies its gradient by that probability again.
   */
  answersGradient(g: ArrayLike<number>, gAt: number, example: Example, negligible = NEGLIGIBLE): void {
    const { n } = this;
    const { choice, choiceAt, operands, operandsAt, choiceGradient, operandsGradient } = example;
    const support = this.#support(operands, operandsAt, negligible);
    this.programs.forEach(({ operands: arity, values }, k) => {
      /** Σ g(y) Π p over the slots from `slot` on; `before` is the product of those before it. */
      const visit = (slot: number, index: number, before: number): number => {
        const at = operandsAt + slot * n;
        let sum = 0;
        for (const value of support[slot]) {
          const p = operands[at + value];
          const rest =
            slot < arity - 1 ? visit(slot + 1, (index + value) * n, before * p) : g[gAt + values[index + value]];
          operandsGradient[at + value] += before * rest;
          sum += p * rest;
        }
        return sum;
      };
      choiceGradient[choiceAt + k] = visit(0, 0, choice[choiceAt + k]);
    });
  }

  /** For each slot the values that are likelier than `negligible`. */
  #support(operands: ArrayLike<number>, operandsAt: number, negligible: number): Uint16Array[] {
    return Array.from({ length: this.slots }, (_, slot) => {
      const at = operandsAt + slot * this.n;
      return this.#values.filter((value) => operands[at + value] > negligible);
    });
  }
}

/** Where one example's distributions lie in a batch's arrays, and where its gradient goes. */
export interface Example {
  readonly choice: Float32Array;
  readonly choiceAt: number;
  readonly operands: Float32Array;
  readonly operandsAt: number;
  readonly choiceGradient: Float32Array;
  readonly operandsGradient: Float32Array;
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
    const { examples, gradients } = batchOf(table, choiceTensor as Tensor, operandsTensor as Tensor);
    const batch = answers.length;
    const loss = examples.reduce((sum, example, i) => sum + table.loss(answers[i], example), 0);
    return {
      value: tf.scalar(loss / batch),
      gradFunc: (dy: Tensor) => {
        const scale = tf.div(dy, batch);
        return gradients(tf).map((gradient) => tf.mul(gradient, scale));
      },
    };
  });
  return op(choice, operands) as TensorFlow.Scalar;
}

/** P(answer) of each example of a batch, [batch], differentiable, with the arguments of `answerLoss`. */
export function answerProbability(
  tf: TensorFlowModule,
  table: CallTable,
  choice: Tensor,
  operands: Tensor,
  answers: ArrayLike<number>,
): Tensor {
  const op = tf.customGrad((choiceTensor, operandsTensor) => {
    const { examples, gradients } = batchOf(table, choiceTensor as Tensor, operandsTensor as Tensor);
    return {
      value: tf.tensor1d(examples.map((example, i) => table.probability(answers[i], example))),
      gradFunc: (dy: Tensor) => {
        const [ofChoice, ofOperands] = gradients(tf);
        return [tf.mul(ofChoice, tf.reshape(dy, [-1, 1])), tf.mul(ofOperands, tf.reshape(dy, [-1, 1, 1]))];
      },
    };
  });
  return op(choice, operands);
}

/** P(y) for every y of each example of a batch, [batch, n], differentiable. */
export function callAnswers(tf: TensorFlowModule, table: CallTable, choice: Tensor, operands: Tensor): Tensor {
  const op = tf.customGrad((choiceTensor, operandsTensor) => {
    const { examples, gradients } = batchOf(table, choiceTensor as Tensor, operandsTensor as Tensor);
    const { n } = table;
    const values = new Float32Array(examples.length * n);
    examples.forEach((example, i) => {
      values.set(table.answers(example.choice, example.operands, example.choiceAt, example.operandsAt), i * n);
    });
    return {
      value: tf.tensor(values, [examples.length, n]),
      gradFunc: (dy: Tensor) => {
        const g = dy.dataSync<"float32">();
        examples.forEach((example, i) => {
          table.answersGradient(g, i * n, example);
        });
        return gradients(tf);
      },
    };
  });
  return op(choice, operands);
}

/** The examples of a batch, and their gradients as tensors once they are written. */
function batchOf(table: CallTable, choice: Tensor, operands: Tensor) {
  const p = choice.dataSync<"float32">();
  const q = operands.dataSync<"float32">();
  const choiceGradient = new Float32Array(p.length);
  const operandsGradient = new Float32Array(q.length);
  const examples = Array.from(
    { length: choice.shape[0] ?? 0 },
    (_, i): Example => ({
      choice: p,
      choiceAt: i * table.programs.length,
      operands: q,
      operandsAt: i * table.slots * table.n,
      choiceGradient,
      operandsGradient,
    }),
  );
  const shapes = [choice.shape, operands.shape];
  const gradients = (tf: TensorFlowModule) =>
    [choiceGradient, operandsGradient].map((gradient, i) => tf.tensor(gradient, shapes[i]));
  return { examples, gradients };
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
