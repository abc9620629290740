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
import { type Encoded, MASKED, type Parameters } from "./transformer.js";

type Tensor = TensorFlow.Tensor;

export const OPERAND_HEADS = ["pointing", "free"] as const;

/** How operands are found. */
export type OperandHeads = (typeof OPERAND_HEADS)[number];

export const PROGRAM_HEADS = ["last", "pointing"] as const;

/**
 * How programs are found: by the state at the last position alone, or by the words at places that it points at, where a
 * word, read after the first layer, knows little of what stands around it. That keeps apart what words ask for and which of them comes
 * first, so that what is learned of the order of two programs is true of others.
 */
export type ProgramHeads = (typeof PROGRAM_HEADS)[number];

export const PROGRAM_CHOICES = ["any", "fitting"] as const;

/**
 * Which programs a text may ask for: any, or those that take no more operands than it has number tokens, where there are
 * such. Else a text of two numbers may be read as a call of three operands, one number twice, that is right half the time,
 * such as the median for the larger one, and stay so. What is lost: "the square of 5" by `multiply`, and that a program
 * which wants more numbers than a text has shows that one is missing.
 */
export type ProgramChoice = (typeof PROGRAM_CHOICES)[number];

/** Sizes of the heads. */
export interface HeadSizes {
  readonly hidden: number;
  /** How many operands each program takes: [programs]. */
  readonly operandCounts: readonly number[];
  /** Operand slots: the most operands that any program takes. */
  readonly slots: number;
  /** Operands are 0..n-1. */
  readonly n: number;
  readonly operandHeads: OperandHeads;
  readonly programHeads: ProgramHeads;
  readonly programChoice: ProgramChoice;
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
  /** P(place) for each slot, of pointing heads: [size, slots, length]. */
  readonly pointer?: Tensor;
}

/** What the heads read. */
export interface HeadInputs extends Encoded {
  /** Each position's state after the first layer, normalized: [packed, hidden]. A word knows its phrase there, and no more. */
  readonly words: Tensor;
}

/**
 * Shapes of the heads' parameters by name. The numeral table is not among them: its rows come with the batch.
 *
 * @param calls how many calls are read; the same heads read all of them, and a second one's operands may be the first
 *   one's result
 */
export function headShapes(
  { hidden, operandCounts, slots, n, operandHeads, programHeads, objective }: HeadSizes,
  calls: number,
): Record<string, number[]> {
  if (objective === "direct") return { "heads.answer": [hidden, n] };
  const programs = operandCounts.length;
  const shapes: Record<string, number[]> = { "heads.program": [hidden, programs] };
  if (programHeads === "pointing") {
    shapes["heads.program.query"] = [hidden, hidden];
    shapes["heads.program.key"] = [hidden, hidden];
  }
  if (operandHeads === "free") shapes["heads.operands"] = [hidden, slots * n];
  else {
    shapes["heads.pointer.query"] = [hidden, slots * hidden];
    shapes["heads.pointer.key"] = [hidden, hidden];
  }
  if (calls > 1) {
    if (operandHeads === "free") shapes["heads.operands.result"] = [hidden, slots];
    else shapes["heads.pointer.result"] = [1, hidden];
    shapes["heads.gate"] = [hidden, 1];
  }
  return shapes;
}

/**
 * The heads' distributions.
 *
 * @param numerals logits over values for each of the batch's number tokens, [batch.numerals.length, n], or over 0..9 for
 *   each digit, [10, 10], where numbers are read by those; free heads have no use for them
 * @param result P(y) of an earlier call, which operands may be too: [size, n]
 */
export function readHeads(
  tf: TensorFlowModule,
  parameters: Parameters,
  sizes: HeadSizes,
  batch: Batch,
  encoded: HeadInputs,
  numerals: Tensor | undefined,
  result?: Tensor,
): Distributions {
  const { slots, n } = sizes;
  const { size, length } = batch;
  const choice =
    sizes.programHeads === "pointing"
      ? pointedPrograms(tf, parameters, sizes, batch, encoded)
      : tf.softmax(programScores(tf, parameters, sizes, batch, encoded.last));
  const ofResult = result === undefined ? undefined : tf.reshape(result, [size, 1, n]);
  if (numerals === undefined) {
    const logits = tf.reshape(tf.matMul(encoded.last, parameters["heads.operands"]), [size, slots, n]);
    if (ofResult === undefined) return { choice, operands: tf.softmax(logits) };
    const resultLogits = tf.reshape(tf.matMul(encoded.last, parameters["heads.operands.result"]), [size, slots, 1]);
    const shares = tf.softmax(tf.concat([logits, resultLogits], 2));
    const fromResult = tf.slice(shares, [0, 0, n], [size, slots, 1]);
    const free = tf.slice(shares, [0, 0, 0], [size, slots, n]);
    return { choice, operands: tf.add(free, tf.mul(fromResult, ofResult)), fromResult };
  }
  const shares = tf.softmax(pointerScores(tf, parameters, sizes, batch, encoded, ofResult !== undefined));
  const table = tf.softmax(numerals);
  const ofNumbers = batch.numbers === undefined ? table : readDigits(tf, table, batch.numbers, n);
  const rows = tf.concat([ofNumbers, tf.fill([1, n], 1 / n)], 0);
  const values = tf.reshape(tf.gather(rows, numeralIndices(tf, batch, rows.shape[0] - 1)), [size, length, n]);
  if (ofResult === undefined) return { choice, operands: tf.matMul(shares, values), pointer: shares };
  return {
    choice,
    operands: tf.matMul(shares, tf.concat([values, ofResult], 1)),
    pointer: tf.slice(shares, [0, 0, 0], [size, slots, length]),
    fromResult: tf.slice(shares, [0, 0, length], [size, slots, 1]),
  };
}

/** Scores of the programs by the last state: [size, programs]. */
function programScores(
  tf: TensorFlowModule,
  parameters: Parameters,
  { operandCounts, programChoice }: HeadSizes,
  { size, length, numeralRows }: Batch,
  last: Tensor,
): Tensor {
  const scores = tf.matMul(last, parameters["heads.program"]);
  if (programChoice === "any") return scores;
  const programs = operandCounts.length;
  const fewest = Math.min(...operandCounts);
  const mask = new Float32Array(size * programs);
  for (let i = 0; i < size; i++) {
    const numbers = numeralRows.subarray(i * length, (i + 1) * length).filter((row) => row >= 0).length;
    if (numbers < fewest) continue;
    operandCounts.forEach((operands, k) => {
      if (operands > numbers) mask[i * programs + k] = MASKED;
    });
  }
  return tf.add(scores, tf.tensor(mask, [size, programs]));
}

/** P(program), [size, programs]: that of the word at each of a question's places, as much as it is pointed at. */
function pointedPrograms(
  tf: TensorFlowModule,
  parameters: Parameters,
  { hidden, operandCounts }: HeadSizes,
  batch: Batch,
  { last, context, words }: HeadInputs,
): Tensor {
  const { size, length } = batch;
  const programs = operandCounts.length;
  const packedAt = tf.tensor1d(batch.packedAt, "int32");
  const perPlace = (packed: Tensor, width: number) => tf.reshape(tf.gather(packed, packedAt), [size, length, width]);
  const query = tf.reshape(tf.matMul(last, parameters["heads.program.query"]), [size, 1, hidden]);
  const key = perPlace(tf.matMul(context, parameters["heads.program.key"]), hidden);
  const scores = tf.mul(tf.matMul(query, key, false, true), 1 / Math.sqrt(hidden));
  const mask = new Float32Array(size * length).fill(MASKED);
  batch.lasts.forEach((at, i) => {
    mask.fill(0, i * length + batch.padding[i], batch.positions[at] + 1);
  });
  const shares = tf.softmax(tf.add(scores, tf.tensor(mask, [size, 1, length])));
  const programsOf = perPlace(tf.softmax(tf.matMul(words, parameters["heads.program"])), programs);
  return tf.reshape(tf.matMul(shares, programsOf), [size, programs]);
}

/** Scores of each slot for the positions of number tokens, then for an earlier result: [size, slots, length (+ 1)]. */
function pointerScores(
  tf: TensorFlowModule,
  parameters: Parameters,
  sizes: HeadSizes,
  batch: Batch,
  encoded: Encoded,
  withResult: boolean,
): Tensor {
  const { hidden, slots } = sizes;
  const { size, length } = batch;
  const scale = 1 / Math.sqrt(hidden);
  const query = tf.matMul(encoded.last, parameters["heads.pointer.query"]);
  const perSlot = tf.reshape(query, [size, slots, hidden]);
  const packed = tf.matMul(encoded.context, parameters["heads.pointer.key"]);
  const key = tf.reshape(tf.gather(packed, tf.tensor1d(batch.packedAt, "int32")), [size, length, hidden]);
  const scores = tf.mul(tf.matMul(perSlot, key, false, true), scale);
  // Words are masked out: pointing at one would hide in whatever distribution its row had.
  const mask = Float32Array.from(batch.numeralRows, (row) => (row < 0 ? MASKED : 0));
  const ofPositions = tf.add(scores, tf.tensor(mask, [size, 1, length]));
  if (!withResult) return ofPositions;
  const resultKey = tf.transpose(parameters["heads.pointer.result"]);
  const ofResult = tf.mul(tf.matMul(tf.reshape(query, [size * slots, hidden]), resultKey), scale);
  return tf.concat([ofPositions, tf.reshape(ofResult, [size, slots, 1])], 2);
}

/** Each place's row of numerals; that of a word is the last, which knows nothing: a text without numbers reads no other's. */
function numeralIndices(tf: TensorFlowModule, { numeralRows }: Batch, last: number): TensorFlow.Tensor1D {
  return tf.tensor1d(
    numeralRows.map((row) => (row < 0 ? last : row)),
    "int32",
  );
}
