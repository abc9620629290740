/**
 * What a model learns from: answers alone, through the library; or, to compare with that, labelled calls of the library, or
 * answers alone without any library.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import { SoftmachineError } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";
import type { Distributions } from "./heads.js";
import type { Sentence } from "./sentences.js";
import type { CallTable } from "./tabulated-call.js";

type Tensor = TensorFlow.Tensor;

export const OBJECTIVES = ["answers", "calls", "direct"] as const;

/**
 * - `answers`: -ln P(answer), where the answer is that of a call of the library.
 * - `calls`: the cross-entropy of the program and of each operand, as a sentence's labels have them.
 * - `direct`: -ln P(answer), where a softmax over the values is the answer: no library.
 */
export type Objective = (typeof OBJECTIVES)[number];

/** Added to probabilities in a loss, so that a probability of zero has a finite loss. */
const TINY = 1e-20;

/**
 * The mean of -ln P(program) - Σ ln P(operand) over labelled sentences.
 *
 * @throws SoftmachineError when a sentence has no labels.
 */
export function callLoss(
  tf: TensorFlowModule,
  table: CallTable,
  { choice, operands }: Distributions,
  sentences: readonly Sentence[],
): TensorFlow.Scalar {
  const { n, slots } = table;
  const programs = table.programs.length;
  const chosen = new Float32Array(sentences.length * programs);
  const values = new Float32Array(sentences.length * slots * n);
  sentences.forEach((sentence, i) => {
    const k = table.programs.findIndex(({ name }) => name === sentence.program);
    if (k < 0 || sentence.operands === undefined) {
      throw new SoftmachineError(
        `"${sentence.text}" has no labelled call to learn from; objective "answers" needs none`,
      );
    }
    chosen[i * programs + k] = 1;
    sentence.operands.forEach((operand, slot) => {
      values[(i * slots + slot) * n + operand] = 1;
    });
  });
  const crossEntropy = (p: Tensor, labels: Float32Array) =>
    tf.sum(tf.mul(tf.log(tf.add(p, TINY)), tf.tensor(labels, p.shape)));
  return tf.div(tf.add(crossEntropy(choice, chosen), crossEntropy(operands, values)), -sentences.length);
}

/** The mean cross-entropy of answers under `logits`, [size, n]. */
export function directLoss(tf: TensorFlowModule, logits: Tensor, answers: readonly number[]): TensorFlow.Scalar {
  const labels = new Float32Array(logits.size);
  const [, n] = logits.shape;
  answers.forEach((answer, i) => {
    labels[i * n + answer] = 1;
  });
  return tf.div(tf.sum(tf.mul(tf.logSoftmax(logits), tf.tensor(labels, logits.shape))), -answers.length);
}
