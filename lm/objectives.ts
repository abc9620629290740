/**
 * What a model learns from: answers alone, through the library; or, to compare with that, labelled calls of the library, or
 * answers alone without any library.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import { SoftmachineError } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";
import type { LayerOutputs } from "./machine-layer.js";
import type { Sentence } from "./sentences.js";
import type { SuperposedCall } from "./superposed-call.js";
import { answerProbability, type CallTable, oneHotTensor, TINY } from "./tabulated-call.js";

type Tensor = TensorFlow.Tensor;

export const OBJECTIVES = ["answers", "calls", "direct"] as const;

/**
 * - `answers`: -ln P(answer), where the answer is that of a call of the library.
 * - `calls`: the cross-entropy of the program and of each operand, as a sentence's labels have them.
 * - `direct`: -ln P(answer), where a softmax over the values is the answer: no library.
 */
export type Objective = (typeof OBJECTIVES)[number];

/**
 * The mean of -ln P(answer) where two calls are read: P(y) = g P₁(y) + (1 - g) P₂(y), with g the gate. The second call
 * enters by the preimage of the answer; the first one's whole distribution is known, because the second may use it.
 */
export function twoCallAnswerLoss(
  tf: TensorFlowModule,
  table: CallTable,
  superposed: SuperposedCall | undefined,
  { calls: [, second], firstAnswers, gate }: LayerOutputs,
  answers: readonly number[],
): TensorFlow.Scalar {
  if (firstAnswers === undefined || gate === undefined) throw new SoftmachineError("there are no two calls to learn");
  const g = tf.reshape(gate, [answers.length]);
  const { choice, operands } = second;
  const ofAnswer = (p: Tensor) => tf.sum(tf.mul(p, oneHotTensor(tf, answers, table.n, [answers.length, table.n])), 1);
  const first = ofAnswer(firstAnswers);
  const last = superposed
    ? ofAnswer(superposed.answers(tf, choice, operands))
    : answerProbability(tf, table, choice, operands, answers);
  const p = tf.add(tf.mul(g, first), tf.mul(tf.sub(1, g), last));
  return tf.neg(tf.mean(tf.log(tf.add(p, TINY))));
}

/**
 * The mean of -ln P(program) - Σ ln P(operand) over labelled sentences, of all their calls and of how many those are.
 *
 * @throws SoftmachineError when a sentence has no labels.
 */
export function callLoss(
  tf: TensorFlowModule,
  table: CallTable,
  { calls, gate }: LayerOutputs,
  sentences: readonly Sentence[],
): TensorFlow.Scalar {
  const { n, slots } = table;
  const programs = table.programs.length;
  const steps = sentences.map((sentence) => {
    if (sentence.steps !== undefined) return sentence.steps;
    const { program, operands } = sentence;
    return program === undefined || operands === undefined ? [] : [{ program, operands }];
  });
  const crossEntropy = (p: Tensor, labels: Float32Array) =>
    tf.sum(tf.mul(tf.log(tf.add(p, TINY)), tf.tensor(labels, p.shape)));
  const terms = calls.flatMap(({ choice, operands }, call) => {
    const chosen = new Float32Array(sentences.length * programs);
    const values = new Float32Array(sentences.length * slots * n);
    steps.forEach((labelled, i) => {
      // A sentence of one step says nothing of a second.
      if (labelled.length > 0 && call >= labelled.length) return;
      const step = labelled[call];
      const k = table.programs.findIndex(({ name }) => name === step?.program);
      if (k < 0) {
        throw new SoftmachineError(
          `"${sentences[i].text}" has no labelled call to learn from; objective "answers" needs none`,
        );
      }
      chosen[i * programs + k] = 1;
      step.operands.forEach((operand, slot) => {
        values[(i * slots + slot) * n + operand] = 1;
      });
    });
    return [crossEntropy(choice, chosen), crossEntropy(operands, values)];
  });
  if (gate !== undefined) {
    const isFirst = Float32Array.from(steps, ({ length }) => (length === 1 ? 1 : 0));
    terms.push(crossEntropy(gate, isFirst));
    terms.push(
      crossEntropy(
        tf.sub(1, gate),
        isFirst.map((one) => 1 - one),
      ),
    );
  }
  return tf.div(tf.addN(terms), -sentences.length);
}

/** The mean cross-entropy of answers under `logits`, [size, n]. */
export function directLoss(tf: TensorFlowModule, logits: Tensor, answers: readonly number[]): TensorFlow.Scalar {
  const n = logits.size / answers.length;
  const labels = oneHotTensor(tf, answers, n, [answers.length, n]);
  return tf.div(tf.sum(tf.mul(tf.logSoftmax(logits), labels)), -answers.length);
}
