/**
 * A token head: it writes an answer out, token by token, after the question. Its vocabulary is the tokens that answers are
 * written with; no others have an output row.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import { SoftmachineError } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";
import type { Batch } from "./batch.js";
import type { Tokenizer } from "./tokenizer.js";

type Tensor = TensorFlow.Tensor;

/** An answer in words. */
export const wording = (answer: number): string => `the answer is ${answer}`;

/** What answers of 0..n-1 are written with. */
export class AnswerVocabulary {
  /** The distinct tokens of all answers, ascending; the output after the last of them ends an answer. */
  readonly tokens: Int32Array;
  /** The token of each value 0..n-1. */
  readonly values: Int32Array;
  readonly #tokenizer: Tokenizer;
  readonly #answers: readonly (readonly number[])[];
  readonly #place: ReadonlyMap<number, number>;

  /** @throws SoftmachineError when the tokenizer has no single token for a value. */
  constructor(tokenizer: Tokenizer, n: number) {
    this.#tokenizer = tokenizer;
    this.#answers = Array.from({ length: n }, (_, answer) => continuation(tokenizer, ` ${wording(answer)}`));
    this.values = Int32Array.from(this.#answers, (tokens) => tokens[tokens.length - 1]);
    if (new Set(this.values).size < n) {
      throw new SoftmachineError(
        `tokenizer "${tokenizer.name}" has no token of its own for each number of 0..${n - 1}, which results are read and written as`,
      );
    }
    this.tokens = Int32Array.from(new Set(this.#answers.flat())).sort();
    this.#place = new Map(Array.from(this.tokens, (token, i) => [token, i]));
  }

  /** Output rows: one a token, and the end. */
  get size(): number {
    return this.tokens.length + 1;
  }

  /** The tokens that an answer is written with. */
  written(answer: number): readonly number[] {
    return this.#answers[answer];
  }

  /** The outputs that write an answer, the end last. */
  outputs(answer: number): number[] {
    return [...this.#answers[answer].map((token) => this.#place.get(token) ?? 0), this.tokens.length];
  }

  /** The token of an output, or undefined for the end. */
  token(output: number): number | undefined {
    return this.tokens[output];
  }

  /** Tokens as text. */
  text(tokens: readonly number[]): string {
    return tokens
      .map((token) => this.#tokenizer.tokenText(token))
      .join("")
      .trim();
  }
}

/** The tokens of a text without those that begin and end every text: it goes on from another one. */
function continuation(tokenizer: Tokenizer, text: string): number[] {
  const around = tokenizer.encode("");
  const tokens = tokenizer.encode(text);
  const begins = around.findIndex((token, i) => token !== tokens[i]);
  const before = begins < 0 ? around.length : begins;
  return tokens.slice(before, tokens.length - (around.length - before));
}

/**
 * The mean over texts of Σ -ln P(token) of each answer's tokens and its end, where each text of the batch is a question
 * with its answer after it.
 *
 * @param states normalized states, [packed, hidden]
 * @param rows a row for each output, [vocabulary.size, hidden]
 */
export function writingLoss(
  tf: TensorFlowModule,
  vocabulary: AnswerVocabulary,
  batch: Batch,
  states: Tensor,
  rows: Tensor,
  answers: readonly number[],
): TensorFlow.Scalar {
  const places: number[] = [];
  const outputs: number[] = [];
  answers.forEach((answer, i) => {
    vocabulary.outputs(answer).forEach((output, j) => {
      places.push(batch.lasts[i] + j);
      outputs.push(output);
    });
  });
  const labels = new Float32Array(outputs.length * vocabulary.size);
  outputs.forEach((output, i) => {
    labels[i * vocabulary.size + output] = 1;
  });
  const logits = outputLogits(tf, tf.gather(states, tf.tensor1d(places, "int32")), rows);
  const crossEntropy = tf.sum(tf.mul(tf.logSoftmax(logits), tf.tensor(labels, [outputs.length, vocabulary.size])));
  return tf.div(crossEntropy, -answers.length);
}

/** Logits over outputs, [rows, vocabulary.size], of normalized states, [rows, hidden]. */
export function outputLogits(tf: TensorFlowModule, states: Tensor, rows: Tensor): Tensor {
  return tf.matMul(states, tf.transpose(rows));
}
