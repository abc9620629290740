/** A model: its sizes, its parameters, and what it computes from texts. */
import type * as TensorFlow from "@tensorflow/tfjs";
import { adamStep, type Moments, withMoments } from "../direct/index.js";
import { likeliest, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError, sizeOf } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";
import { AnswerVocabulary, outputLogits, writingLoss } from "./answer-writer.js";
import { type Batch, type BatchAdditions, encodeText, makeBatch } from "./batch.js";
import type { HeadSizes } from "./heads.js";
import {
  checkMachineLayer,
  type LayerOutputs,
  layersOf,
  type MachineLayerSizes,
  machineLayerShapes,
  runMachineLayer,
} from "./machine-layer.js";
import { callLoss, directLoss, twoCallAnswerLoss } from "./objectives.js";
import { normal, PURPOSES, random } from "./random.js";
import { type CallArrays, type Reading, readingOf } from "./reading.js";
import type { Sentence } from "./sentences.js";
import { ADAM, SparseRows } from "./sparse-rows.js";
import { answerLoss, CallTable } from "./tabulated-call.js";
import type { Tokenizer } from "./tokenizer.js";
import { transformerShapes } from "./transformer.js";

export type { CallReading, Reading } from "./reading.js";

export interface ModelSizes extends MachineLayerSizes {
  /** The weight of the objective beside the loss of the words that the answer is written in, where it is written. */
  readonly answerWeight: number;
}

/** The most tokens that are written before an answer is given up on. */
const LONGEST_ANSWER = 16;

/** Deviation of the first embeddings. */
const EMBEDDING_DEVIATION = 0.5;

/** Numbers of up to three digits are one token of LLaMA 3's. */
const MAX_VALUES = 1000;

/** The most parameters beside embedding rows: with gradients and Adam's moments a gigabyte. */
const MAX_PARAMETERS = 2 ** 26;

/** Gradients of the loss: by name of parameter, and row by row for the batch's tokens and number tokens. */
export interface Gradients {
  readonly loss: number;
  readonly batch: Batch;
  readonly dense: ReadonlyMap<string, Float32Array>;
  readonly embedding: Float32Array;
  readonly numerals: Float32Array;
}

/** What a batch comes to: that of the layers, and the rows of the token head. */
interface Outputs extends LayerOutputs {
  readonly outputRows?: TensorFlow.Tensor;
}

/** How one step is taken. */
export interface StepSettings {
  readonly rate: number;
  /** The rate of the numeral table: it learns from one row a number, and wants to be faster than the rest. */
  readonly numeralRate: number;
  /** The gradient is scaled down to this global norm when its own is larger. */
  readonly clipNorm: number;
}

/** A transformer with its heads, and the library it calls. */
export class Model {
  readonly tf: TensorFlowModule;
  readonly tokenizer: Tokenizer;
  readonly table: CallTable;
  readonly sizes: ModelSizes;
  readonly seed: number;
  /** Parameters that every batch uses, by name. */
  readonly dense: ReadonlyMap<string, Moments<Float32Array>>;
  readonly shapes: Record<string, number[]>;
  readonly embedding: SparseRows;
  /** Logits over values for each number token. */
  readonly numerals: SparseRows;
  /** What results are embedded with and answers written in, where they are. */
  readonly vocabulary: AnswerVocabulary | undefined;
  /** Training steps taken. */
  step = 0;

  constructor(
    tf: TensorFlowModule,
    tokenizer: Tokenizer,
    programs: readonly TabulatedProgram[],
    sizes: ModelSizes,
    seed: number,
  ) {
    this.tf = tf;
    this.tokenizer = tokenizer;
    this.table = new CallTable(programs);
    checkModelSizes(sizes);
    if (this.table.n > MAX_VALUES) {
      throw new SoftmachineError(
        `n is ${this.table.n}; the language model reads numbers of one token, so at most ${MAX_VALUES}`,
      );
    }
    this.sizes = sizes;
    this.seed = seed;
    const reads = sizes.calls > 1 && sizes.objective !== "direct";
    this.vocabulary = reads || sizes.output === "text" ? new AnswerVocabulary(tokenizer, this.table.n) : undefined;
    this.shapes = machineLayerShapes(sizes, this.headSizes);
    if (this.vocabulary !== undefined && sizes.output === "text") {
      // The end of an answer is no token, so it has a row of its own.
      const rows = sizes.embeddings === "tied" ? 1 : this.vocabulary.size;
      this.shapes["writer.rows"] = [rows, sizes.hidden];
    }
    this.dense = new Map(
      Object.entries(this.shapes).map(([name, shape], index) => [
        name,
        withMoments(start(name, shape, layersOf(sizes), seed, index)),
      ]),
    );
    this.embedding = new SparseRows(sizes.hidden, EMBEDDING_DEVIATION, [seed, PURPOSES.embedding]);
    this.numerals = new SparseRows(this.table.n, 0, [seed, PURPOSES.embedding, 1]);
  }

  get headSizes(): HeadSizes {
    return {
      hidden: this.sizes.hidden,
      programs: this.table.programs.length,
      slots: this.table.slots,
      n: this.table.n,
      operandHeads: this.sizes.operandHeads,
      objective: this.sizes.objective,
    };
  }

  /** Whether anything reads the numeral table: free heads do not, nor does a model without a library. */
  get #readsNumerals(): boolean {
    return this.sizes.operandHeads === "pointing" && this.sizes.objective !== "direct";
  }

  /** Texts as the transformer takes them, with what is written of their answers, if anything is. */
  batch(texts: readonly string[], answers?: BatchAdditions["answers"]): Batch {
    return makeBatch(
      this.tokenizer,
      texts.map((text) => encodeText(this.tokenizer, text)),
      {
        ...(answers === undefined ? {} : { answers }),
        ...(this.vocabulary !== undefined && this.sizes.embeddings === "tied"
          ? { tokens: this.vocabulary.tokens }
          : {}),
      },
    );
  }

  /** How many parameters the model has: those every batch uses, and the rows met so far. */
  get parameterCount(): { dense: number; embedding: number; numerals: number } {
    return {
      dense: Object.values(this.shapes).reduce((sum, shape) => sum + sizeOf(shape), 0),
      embedding: this.embedding.tokens.length * this.embedding.width,
      numerals: this.numerals.tokens.length * this.numerals.width,
    };
  }

  /** One step of training, on texts and answers alone unless the objective asks for calls. Returns the loss. */
  train(sentences: readonly Sentence[], { rate, numeralRate, clipNorm }: StepSettings): number {
    const { loss, batch, dense, embedding, numerals } = this.gradients(sentences);
    if (!Number.isFinite(loss)) {
      throw new SoftmachineError(
        `training diverged at step ${this.step + 1}: the loss is ${loss}; a lower rate may help`,
      );
    }
    let squares = 0;
    for (const gradient of [...dense.values(), embedding, numerals]) {
      for (let i = 0; i < gradient.length; i++) squares += gradient[i] * gradient[i];
    }
    const norm = Math.sqrt(squares);
    const scale = norm > clipNorm ? clipNorm / norm : 1;
    this.step++;
    for (const [name, moments] of this.dense) {
      const gradient = dense.get(name);
      if (gradient !== undefined) adamStep(moments, gradient, rate, this.step, ADAM, scale);
    }
    this.embedding.step(batch.tokens, embedding, scale, rate);
    // A batch without numbers still carries one row, which is not a number's.
    if (batch.hasNumerals && numerals.length > 0) this.numerals.step(batch.numerals, numerals, scale, numeralRate);
    return loss;
  }

  /** The objective's loss, and its gradient by parameter and by row of the batch's tokens and number tokens. */
  gradients(sentences: readonly Sentence[]): Gradients {
    const { tf } = this;
    const { vocabulary } = this;
    const writes = vocabulary !== undefined && this.sizes.output === "text";
    const batch = this.batch(
      sentences.map(({ text }) => text),
      writes ? sentences.map(({ answer }) => vocabulary.written(answer)) : undefined,
    );
    const names = [...this.dense.keys()];
    const [loss, ...arrays] = this.#arrays(() => {
      const { value, grads } = tf.valueAndGrads((...tensors: TensorFlow.Tensor[]) =>
        this.#loss(this.#forward(batch, tensors), batch, sentences),
      )(this.#inputs(batch));
      return [value, ...grads];
    });
    return {
      loss: loss[0],
      batch,
      dense: new Map(names.map((name, i) => [name, arrays[i]])),
      embedding: arrays[names.length],
      numerals: arrays[names.length + 1] ?? new Float32Array(0),
    };
  }

  /** Reads texts. */
  read(texts: readonly string[]): Reading[] {
    const batch = this.batch(texts);
    const { n } = this.table;
    let count = 0;
    const [gates, ...arrays] = this.#arrays(() => {
      const { calls, logits, gate } = this.#forward(batch, this.#inputs(batch));
      count = calls.length;
      return [
        gate ?? this.tf.ones([texts.length, 1]),
        ...(logits === undefined ? [] : [this.tf.softmax(logits)]),
        ...calls.flatMap(({ choice, operands, fromResult }) => [choice, operands, fromResult ?? []].flat()),
      ];
    });
    if (count === 0) return texts.map((_, i) => ({ calls: [], answers: arrays[0].slice(i * n, (i + 1) * n) }));
    const [choice, operands, secondChoice, secondOperands, fromResult] = arrays;
    const calls: CallArrays[] = [{ choice, operands }];
    if (count > 1) calls.push({ choice: secondChoice, operands: secondOperands, fromResult });
    return texts.map((_, i) => readingOf(this.table, calls, i, gates[i]));
  }

  /**
   * The answers that the token head writes to texts, each token the likeliest after those before it.
   *
   * @throws SoftmachineError when the model has no token head.
   */
  write(texts: readonly string[]): string[] {
    const { tf, vocabulary } = this;
    if (vocabulary === undefined || this.sizes.output !== "text") {
      throw new SoftmachineError('this model writes nothing: it was trained without output "text"');
    }
    const written = texts.map((): number[] => []);
    const ended = new Set<number>();
    for (let length = 0; length <= LONGEST_ANSWER && ended.size < texts.length; length++) {
      const batch = this.batch(texts, written);
      const [logits] = this.#arrays(() => {
        const { states, outputRows } = this.#forward(batch, this.#inputs(batch));
        if (states === undefined || outputRows === undefined) return [];
        const ends = batch.lasts.map((last, i) => last + written[i].length);
        return [outputLogits(tf, tf.gather(states, tf.tensor1d(ends, "int32")), outputRows)];
      });
      texts.forEach((_, i) => {
        if (ended.has(i)) return;
        const token = vocabulary.token(likeliest(logits.subarray(i * vocabulary.size, (i + 1) * vocabulary.size)));
        if (token === undefined) ended.add(i);
        else written[i].push(token);
      });
    }
    return written.map((tokens) => vocabulary.text(tokens));
  }

  /** The values of the tensors that `compute` makes, all of which are disposed of. */
  #arrays(compute: () => TensorFlow.Tensor[]): Float32Array[] {
    // The arrays are not what `tidy` returns: it would look through every number in them for tensors.
    let arrays: Float32Array[] = [];
    this.tf.tidy(() => {
      arrays = compute().map((tensor) => tensor.dataSync<"float32">());
    });
    return arrays;
  }

  /** Parameters as tensors: the dense ones in the order of `shapes`, the batch's embedding rows, its numeral rows. */
  #inputs(batch: Batch): TensorFlow.Tensor[] {
    const { tf } = this;
    const dense = Array.from(this.dense, ([name, { value }]) => tf.tensor(value, this.shapes[name]));
    return [
      ...dense,
      tf.tensor(this.embedding.gather(batch.tokens), [batch.tokens.length, this.sizes.hidden]),
      ...(this.#readsNumerals
        ? [tf.tensor(this.numerals.gather(batch.numerals), [batch.numerals.length, this.table.n])]
        : []),
    ];
  }

  #loss(outputs: Outputs, batch: Batch, sentences: readonly Sentence[]): TensorFlow.Scalar {
    const { tf, vocabulary } = this;
    const { states, outputRows } = outputs;
    const { answerWeight } = this.sizes;
    if (states === undefined || outputRows === undefined || vocabulary === undefined) {
      return this.#objectiveLoss(outputs, sentences);
    }
    const answers = sentences.map(({ answer }) => answer);
    const written = writingLoss(tf, vocabulary, batch, states, outputRows, answers);
    return tf.add(written, tf.mul(answerWeight, this.#objectiveLoss(outputs, sentences)));
  }

  #objectiveLoss(outputs: Outputs, sentences: readonly Sentence[]): TensorFlow.Scalar {
    const { tf, table } = this;
    const answers = sentences.map(({ answer }) => answer);
    const { calls, logits } = outputs;
    if (logits !== undefined) return directLoss(tf, logits, answers);
    if (this.sizes.objective === "calls") return callLoss(tf, table, outputs, sentences);
    if (calls.length > 1) return twoCallAnswerLoss(tf, table, outputs, answers);
    return answerLoss(tf, table, calls[0].choice, calls[0].operands, answers);
  }

  #forward(batch: Batch, tensors: readonly TensorFlow.Tensor[]): Outputs {
    const { tf, vocabulary, sizes } = this;
    const names = [...this.dense.keys()];
    const parameters = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
    const rows = tensors[names.length];
    const embedded = tf.gather(rows, tf.tensor1d(batch.rows, "int32"));
    const rowsOf = (tokens: Int32Array) => {
      const place = new Map(Array.from(batch.tokens, (token, i) => [token, i]));
      return tf.gather(
        rows,
        tf.tensor1d(
          tokens.map((token) => place.get(token) ?? 0),
          "int32",
        ),
      );
    };
    const tied = vocabulary !== undefined && sizes.embeddings === "tied";
    const results = tied ? rowsOf(vocabulary.values) : parameters["results.embedding"];
    const outputs = runMachineLayer(
      tf,
      parameters,
      sizes,
      this.headSizes,
      this.table,
      batch,
      embedded,
      tensors[names.length + 1],
      results,
    );
    const own = parameters["writer.rows"];
    if (own === undefined) return outputs;
    return { ...outputs, outputRows: tied ? tf.concat([rowsOf(vocabulary.tokens), own]) : own };
  }
}

/** The first values of a parameter: gains at one, matrices normal, smaller where they write to the residual stream. */
function start(name: string, shape: readonly number[], layers: number, seed: number, index: number): Float32Array {
  const size = sizeOf(shape);
  if (shape.length === 1) return new Float32Array(size).fill(1);
  const next = random(seed, PURPOSES.parameters, index);
  const residual = name.endsWith("attention.output") || name.endsWith("feed-forward.down");
  const deviation = 1 / Math.sqrt(shape[0] * (residual ? 2 * layers : 1));
  return Float32Array.from({ length: size }, () => deviation * normal(next));
}

/**
 * Checks that sizes fit each other, and a machine's memory.
 *
 * @throws SoftmachineError naming those that do not.
 */
export function checkModelSizes(sizes: ModelSizes): void {
  const { hidden, layers, heads, keyValueHeads, feedForward } = sizes;
  for (const [name, value] of Object.entries({ hidden, layers, heads, keyValueHeads, feedForward })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new SoftmachineError(`${name} must be a whole number above 0, not ${value}`);
    }
  }
  if (hidden % (2 * heads) !== 0) {
    throw new SoftmachineError(`hidden ${hidden} doesn't divide into ${heads} heads of an even width`);
  }
  if (heads % keyValueHeads !== 0) {
    throw new SoftmachineError(`${heads} heads can't share ${keyValueHeads} key-value heads evenly`);
  }
  checkMachineLayer(sizes);
  const ofLayer = Object.values(transformerShapes({ ...sizes, layers: 1 }));
  const count = layersOf(sizes) * ofLayer.reduce((sum, shape) => sum + sizeOf(shape), 0);
  if (count > MAX_PARAMETERS) {
    const written = count.toLocaleString("en-US");
    throw new SoftmachineError(
      `hidden ${hidden} with layers ${layers} and feedForward ${feedForward} makes ${written} parameters; at most ${MAX_PARAMETERS.toLocaleString("en-US")} fit`,
    );
  }
}
