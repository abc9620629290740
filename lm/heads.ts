/**
 * From the transformer's states to distributions: which program, and which value each operand has. Pointing heads attend
 * over the text's number tokens and read those through a learned numeral table; free heads, as in "Algorithmic Language
 * Models with Neurally Compiled Libraries" (2024), are a softmax over the values.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { TensorFlowModule } from "../tensor/index.js";
import type { Batch } from "./batch.js";
import { readDigits } from "./digit-numbers.js";
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
  /** P(place) for each slot, of pointing heads: [size, slots, length]. */
  readonly pointer?: Tensor;
}

const MASKED = -1e9;

/** Shapes of the heads' parameters by name. The numeral table is not among them: its rows come with the batch. */
export function headShapes({
  hidden,
  programs,
  slots,
  n,
  operandHeads,
  objective,
}: HeadSizes): Record<string, number[]> {
  if (objective === "direct") return { "heads.answer": [hidden, n] };
  const shapes: Record<string, number[]> = { "heads.program": [hidden, programs] };
  if (operandHeads === "free") shapes["heads.operands"] = [hidden, slots * n];
  else {
    shapes["heads.pointer.query"] = [hidden, slots * hidden];
    shapes["heads.pointer.key"] = [hidden, hidden];
  }
  return shapes;
}

/**
 * The heads' distributions.
 *
 * @param numerals logits over values for each of the batch's number tokens, [batch.numerals.length, n], or over 0..9 for
 *   each digit, [10, 10], where numbers are read by those; free heads have no use for them
 */
export function readHeads(
  tf: TensorFlowModule,
  parameters: Parameters,
  sizes: HeadSizes,
  batch: Batch,
  encoded: Encoded,
  numerals: Tensor | undefined,
): Distributions {
  const { slots, n } = sizes;
  const choice = tf.softmax(tf.matMul(encoded.last, parameters["heads.program"]));
  if (numerals === undefined) {
    const logits = tf.matMul(encoded.last, parameters["heads.operands"]);
    return { choice, operands: tf.softmax(tf.reshape(logits, [batch.size, slots, n])) };
  }
  const pointer = point(tf, parameters, sizes, batch, encoded);
  const table = tf.softmax(numerals);
  const rows = batch.numbers === undefined ? table : readDigits(tf, table, batch.numbers, n);
  const values = tf.gather(rows, numeralIndices(tf, batch));
  return { choice, operands: tf.matMul(pointer, tf.reshape(values, [batch.size, batch.length, n])), pointer };
}

/** Attention of each slot over the positions of number tokens: [size, slots, length]. */
function point(tf: TensorFlowModule, parameters: Parameters, sizes: HeadSizes, batch: Batch, encoded: Encoded): Tensor {
  const { hidden, slots } = sizes;
  const query = tf.reshape(tf.matMul(encoded.last, parameters["heads.pointer.query"]), [batch.size, slots, hidden]);
  const packed = tf.matMul(encoded.context, parameters["heads.pointer.key"]);
  const key = tf.reshape(tf.gather(packed, tf.tensor1d(batch.packedAt, "int32")), [batch.size, batch.length, hidden]);
  const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(hidden));
  // Words are masked out: pointing at one would hide in whatever distribution its row had.
  const mask = Float32Array.from(batch.numeralRows, (row) => (row < 0 ? MASKED : 0));
  return tf.softmax(tf.add(scores, tf.tensor(mask, [batch.size, 1, batch.length])));
}

function numeralIndices(tf: TensorFlowModule, batch: Batch): TensorFlow.Tensor1D {
  return tf.tensor1d(
    batch.numeralRows.map((row) => Math.max(0, row)),
    "int32",
  );
}
