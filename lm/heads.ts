/**
 * From the transformer's states to distributions: which program, and which value each operand has. Pointing heads attend
 * over the text's number tokens and read those through a learned numeral table; free heads, as in "Algorithmic Language
 * Models with Neurally Compiled Libraries" (2024), are a softmax over the values.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { TensorFlowModule } from "../tensor/index.js";
import type { Batch } from "./batch.js";
import type { Objective } from "./objectives.js";
import type { Encoded, Parameters } from "./transformer.js";

type Tensor = TensorFlow.Tensor;

export const OPERAND_HEADS = ["pointing", "free"] as const;

/** How operands are found. */
export type OperandHeads = (typeof OPERAND_HEADS)[number];

/** Sizes of the heads. */
export interface HeadSizes {
  readonly hidden: number;
  readonly programs: number;
  /** Operand slots: the most operands that any program takes. */
  readonly slots: number;
  /** Operands are 0..n-1. */
  readonly n: number;
  readonly operandHeads: OperandHeads;
  readonly objective: Objective;
}

/** Distributions for a batch. */
export interface Distributions {
  /** P(program): [size, programs]. */
  readonly choice: Tensor;
  /** P(value) for each slot: [size, slots, n]. */
  readonly operands: Tensor;
  /** The share of an earlier call's result in each slot, where there is one: [size, slots, 1]. */
  readonly fromResult?: Tensor;
}

const MASKED = -1e9;

/**
 * Shapes of the parameters of a call's heads, by names that begin with `name`. The numeral table is not among them: its
 * rows come with the batch.
 *
 * @param withResult whether operands may be an earlier call's result
 */
export function headShapes(
  { hidden, programs, slots, n, operandHeads, objective }: HeadSizes,
  name: string,
  withResult: boolean,
): Record<string, number[]> {
  if (objective === "direct") return { [`${name}.answer`]: [hidden, n] };
  const shapes: Record<string, number[]> = { [`${name}.program`]: [hidden, programs] };
  if (operandHeads === "free") shapes[`${name}.operands`] = [hidden, slots * (withResult ? n + 1 : n)];
  else {
    shapes[`${name}.pointer.query`] = [hidden, slots * hidden];
    shapes[`${name}.pointer.key`] = [hidden, hidden];
    if (withResult) shapes[`${name}.pointer.result`] = [1, hidden];
  }
  return shapes;
}

/**
 * The heads' distributions.
 *
 * @param numerals logits over values for each of the batch's number tokens: [batch.numerals.length, n]; free heads have
 *   no use for them
 * @param name what the parameters' names begin with
 * @param result P(y) of an earlier call, which operands may be too: [size, n]
 */
export function readHeads(
  tf: TensorFlowModule,
  parameters: Parameters,
  sizes: HeadSizes,
  batch: Batch,
  encoded: Encoded,
  numerals: Tensor | undefined,
  name: string,
  result?: Tensor,
): Distributions {
  const { slots, n } = sizes;
  const { size, length } = batch;
  const choice = tf.softmax(tf.matMul(encoded.last, parameters[`${name}.program`]));
  if (numerals === undefined) {
    const logits = tf.matMul(encoded.last, parameters[`${name}.operands`]);
    const values = tf.softmax(tf.reshape(logits, [size, slots, n + (result === undefined ? 0 : 1)]));
    if (result === undefined) return { choice, operands: values };
    const fromResult = tf.slice(values, [0, 0, n], [size, slots, 1]);
    const free = tf.slice(values, [0, 0, 0], [size, slots, n]);
    return { choice, operands: tf.add(free, tf.mul(fromResult, tf.reshape(result, [size, 1, n]))), fromResult };
  }
  const scores = pointerScores(tf, parameters, sizes, batch, encoded, name);
  const values = tf.reshape(tf.gather(tf.softmax(numerals), numeralIndices(tf, batch)), [size, length, n]);
  if (result === undefined) return { choice, operands: tf.matMul(tf.softmax(scores.positions), values) };
  const pointer = tf.softmax(tf.concat([scores.positions, scores.result], 2));
  return {
    choice,
    operands: tf.matMul(pointer, tf.concat([values, tf.reshape(result, [size, 1, n])], 1)),
    fromResult: tf.slice(pointer, [0, 0, length], [size, slots, 1]),
  };
}

/** Scores of each slot for the positions of number tokens, [size, slots, length], and for an earlier result. */
function pointerScores(
  tf: TensorFlowModule,
  parameters: Parameters,
  sizes: HeadSizes,
  batch: Batch,
  encoded: Encoded,
  name: string,
) {
  const { hidden, slots } = sizes;
  const { size, length } = batch;
  const scale = 1 / Math.sqrt(hidden);
  const query = tf.reshape(tf.matMul(encoded.last, parameters[`${name}.pointer.query`]), [size, slots, hidden]);
  const packed = tf.matMul(encoded.context, parameters[`${name}.pointer.key`]);
  const key = tf.reshape(tf.gather(packed, tf.tensor1d(batch.packedAt, "int32")), [size, length, hidden]);
  const scores = tf.mul(tf.matMul(query, tf.transpose(key, [0, 2, 1])), scale);
  // Words are masked out: pointing at one would hide in whatever distribution its row had.
  const mask = Float32Array.from(batch.numeralRows, (row) => (row < 0 ? MASKED : 0));
  const ofResult = parameters[`${name}.pointer.result`];
  return {
    positions: tf.add(scores, tf.tensor(mask, [size, 1, length])),
    get result() {
      const rows = tf.reshape(query, [size * slots, hidden]);
      return tf.reshape(tf.mul(tf.matMul(rows, tf.transpose(ofResult)), scale), [size, slots, 1]);
    },
  };
}

function numeralIndices(tf: TensorFlowModule, batch: Batch): TensorFlow.Tensor1D {
  return tf.tensor1d(
    batch.numeralRows.map((row) => Math.max(0, row)),
    "int32",
  );
}
