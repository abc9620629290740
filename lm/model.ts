/** A model: its sizes, its parameters, and what it computes from texts. */
import type * as TensorFlow from "@tensorflow/tfjs";
import { AdamArrays, type Moments } from "../direct/index.js";
import { likeliest, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError, sizeOf } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";
import { AnswerVocabulary, outputLogits, writingLoss } from "./answer-writer.js";
import {
  type Batch,
  type BatchAdditions,
  encodeDigitText,
  encodeText,
  isNumeral,
  makeBatch,
  makeDigitBatch,
  placeholder,
} from "./batch.js";
import { flashedRow } from "./compiled-numerals.js";
import { firstValues, partsOf, squaresOf } from "./dense-parameters.js";
import { DIGITS } from "./digit-numbers.js";
import type { Encoder } from "./encoder.js";
import { FrozenStates } from "./frozen-states.js";
import type { HeadSizes } from "./heads.js";
import { type LayerOutputs, layersOf, machineLayerShapes, RESULT_ROWS, runMachineLayer } from "./machine-layer.js";
import { checkBesideEncoder, checkModelSizes, type ModelSizes } from "./model-sizes.js";
import { callLoss, directLoss, twoCallAnswerLoss } from "./objectives.js";
import { PURPOSES } from "./random.js";
import { type CallArrays, type Reading, readingOf } from "./reading.js";
import type { Sentence } from "./sentences.js";
import { ADAM, SparseRows } from "./sparse-rows.js";
import { type SuperposedCall, superposedLoss } from "./superposed-call.js";
import { answerLoss, CallTable, callAnswers } from "./tabulated-call.js";
import type { Tokenizer } from "./tokenizer.js";
import { Divergence, type Gradients, type StepReport, type StepSettings } from "./training-step.js";
import type { Parameters } from "./transformer.js";

/** The most tokens that are written before an answer is given up on. */
const LONGEST_ANSWER = 16;

/** Deviation of the first embeddings. */
const EMBEDDING_DEVIATION = 0.5;

/** The matrix from an encoder's states to the residual stream. */
const PROJECTION = "encoder.projection";

/** The name of the token head's own rows. */
const WRITER_ROWS = "writer.rows";

/** Numbers of up to three digits are one token. */
const MAX_VALUES = 1000;

/** What a batch comes to: that of the layers, and the rows of the token head. */
interface Outputs extends LayerOutputs {
  readonly outputRows?: TensorFlow.Tensor;
}

/** What a model has beside its parameters, where options ask for it. */
export interface ModelParts {
  /** A frozen pretrained model, whose states take the place of the embedding. */
  readonly encoder?: Encoder | undefined;
  /** The library's programs on the soft machine, where answers are not looked up. */
  readonly superposed?: SuperposedCall | undefined;
}

/** A transformer with its heads, and the library it calls. */
export class Model {
  readonly tf: TensorFlowModule;
  readonly tokenizer: Tokenizer;
  readonly table: CallTable;
  readonly sizes: ModelSizes;
  readonly seed: number;
  /** What runs the programs in superposition; undefined where their tables answer. */
  readonly superposed: SuperposedCall | undefined;
  /** Parameters that every batch uses, by name. */
  readonly dense: ReadonlyMap<string, Moments<Float32Array>>;
  readonly shapes: Record<string, number[]>;
  /** All of `dense`, one after the other. */
  readonly #adam: AdamArrays;
  /** With an encoder, whose states take their place, rows have no width, and say which tokens were trained on. */
  readonly embedding: SparseRows;
  readonly frozen: FrozenStates | undefined;
  /** Logits over values for each number token; where numbers are read by digits, over 0..9 for each digit. */
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
    { encoder, superposed }: ModelParts = {},
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
    this.superposed = superposed;
    this.frozen = encoder && new FrozenStates(encoder, tokenizer);
    const readsResults = sizes.calls > 1 && sizes.objective !== "direct";
    const writes = sizes.output === "text";
    this.vocabulary = readsResults || writes ? new AnswerVocabulary(tokenizer, this.table.n) : undefined;
    if (encoder !== undefined) checkBesideEncoder(sizes, this.vocabulary !== undefined);
    this.shapes = {
      ...machineLayerShapes(sizes, this.headSizes),
      ...(encoder && { [PROJECTION]: [encoder.width, sizes.hidden] }),
    };
    // The end of an answer is no token, so it has a row of its own.
    if (this.vocabulary !== undefined && writes) {
      this.shapes[WRITER_ROWS] = [sizes.embeddings === "tied" ? 1 : this.vocabulary.size, sizes.hidden];
    }
    this.#adam = new AdamArrays(Object.values(this.shapes).reduce((sum, shape) => sum + sizeOf(shape), 0));
    this.dense = partsOf(this.#adam, this.shapes);
    for (const [index, [name, { value }]] of [...this.dense].entries())
      value.set(firstValues(name, this.shapes[name], layersOf(sizes), seed, index));
    this.embedding = new SparseRows(encoder ? 0 : sizes.hidden, EMBEDDING_DEVIATION, [seed, PURPOSES.embedding]);
    const byDigits = sizes.numbers === "digits";
    const width = byDigits ? DIGITS : this.table.n;
    const textOf = (row: number) => (byDigits ? String(row) : tokenizer.tokenText(row));
    const compiled = (row: number) => flashedRow(textOf(row), width, sizes.numeralSharpness);
    this.numerals = new SparseRows(
      width,
      0,
      [seed, PURPOSES.embedding, 1],
      sizes.numerals === "learned" ? undefined : compiled,
    );
  }

  get headSizes(): HeadSizes {
    return {
      hidden: this.sizes.hidden,
      operandCounts: this.table.programs.map(({ operands }) => operands),
      slots: this.table.slots,
      n: this.table.n,
      operandHeads: this.sizes.operandHeads,
      programHeads: this.sizes.programHeads,
      programChoice: this.sizes.programChoice,
      objective: this.sizes.objective,
    };
  }

  /** Whether the model knows what a number token stands for, or a digit where numbers are read by those. */
  knowsNumeral(token: number): boolean {
    return this.sizes.numerals !== "learned" || this.numerals.has(token);
  }

  /** Whether anything reads the numeral table: free heads do not, nor does a model without a library. */
  get readsNumerals(): boolean {
    return this.sizes.operandHeads === "pointing" && this.sizes.objective !== "direct";
  }

  /** The tokens of a text as the model reads it: where numbers are read by digits, each is the same token. */
  encode(text: string): readonly number[] {
    const { tokenizer } = this;
    return this.sizes.numbers === "digits" ? encodeDigitText(tokenizer, text).ids : encodeText(tokenizer, text);
  }

  /** Whether a token was trained on, and, if it is a number by itself, what it stands for. */
  knowsToken(token: number): boolean {
    if (this.sizes.numbers === "digits" || !isNumeral(this.tokenizer, token)) return this.embedding.has(token);
    return this.knowsNumeral(token) && (this.sizes.numbers === "placeholders" || this.embedding.has(token));
  }

  /** Whether rows of the embedding are those of results and written words too. */
  get #isTied(): boolean {
    return this.vocabulary !== undefined && this.sizes.embeddings === "tied";
  }

  /** Texts as the transformer takes them, with what is written of their answers, if anything is. */
  batch(texts: readonly string[], answers?: BatchAdditions["answers"]): Batch {
    const { tokenizer } = this;
    const digitTexts =
      this.sizes.numbers === "digits" ? texts.map((text) => encodeDigitText(tokenizer, text)) : undefined;
    const sequences = digitTexts?.map(({ ids }) => ids) ?? texts.map((text) => encodeText(tokenizer, text));
    const tokens = this.#isTied ? this.vocabulary?.tokens : undefined;
    const additions = {
      ...(answers && { answers }),
      ...(tokens && { tokens }),
      ...(this.sizes.numbers === "placeholders" && { placeholder: placeholder(tokenizer) }),
    };
    const batch = digitTexts ? makeDigitBatch(tokenizer, digitTexts) : makeBatch(tokenizer, sequences, additions);
    return this.frozen ? { ...batch, states: this.frozen.of(sequences) } : batch;
  }

  /** How many parameters the model has: those every batch uses, and the rows met so far. */
  get parameterCount(): { dense: number; embedding: number; numerals: number } {
    return {
      dense: Object.values(this.shapes).reduce((sum, shape) => sum + sizeOf(shape), 0),
      embedding: this.embedding.tokens.length * this.embedding.width,
      numerals: this.numerals.tokens.length * this.numerals.width,
    };
  }

  /** Whether all parameters are finite. */
  get isFinite(): boolean {
    const values = [...this.dense.values()].map(({ value }) => value);
    return [...values, this.embedding.save().value, this.numerals.save().value].every((each) =>
      each.every(Number.isFinite),
    );
  }

  /**
   * One step of training, on texts and answers alone unless the objective asks for calls.
   *
   * @throws Divergence when the loss or its gradient is not finite.
   */
  train(sentences: readonly Sentence[], { rate, numeralRate, clipNorm }: StepSettings): StepReport {
    const { loss, batch, dense, embedding, numerals } = this.gradients(sentences);
    let at = 0;
    for (const gradient of dense.values()) {
      this.#adam.gradient.set(gradient, at);
      at += gradient.length;
    }
    const norm = Math.sqrt([this.#adam.gradient, embedding, numerals].reduce((sum, all) => sum + squaresOf(all), 0));
    if (!Number.isFinite(loss) || !Number.isFinite(norm)) {
      throw new Divergence(
        `training diverged at step ${this.step + 1}: the loss is ${loss}, its gradient's norm ${norm}`,
      );
    }
    const scale = norm > clipNorm ? clipNorm / norm : 1;
    this.step++;
    this.#adam.step(rate, this.step, ADAM, scale);
    this.embedding.step(batch.tokens, embedding, scale, rate);
    // A batch without numbers still carries one row, which is not a number's.
    if (batch.hasNumerals && numerals.length > 0) this.numerals.step(batch.numerals, numerals, scale, numeralRate);
    return { loss, gradientNorm: norm };
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
      embedding: this.frozen ? new Float32Array(0) : arrays[names.length],
      numerals:
        (this.sizes.numerals === "frozen" ? undefined : arrays[names.length + (this.frozen ? 0 : 1)]) ??
        new Float32Array(0),
    };
  }

  /** Reads texts. */
  read(texts: readonly string[]): Reading[] {
    const { tf, superposed } = this;
    const batch = this.batch(texts);
    const { n } = this.table;
    const parts = superposed ? 5 : 4;
    const none = () => tf.tensor1d([]);
    const [gates, ...arrays] = this.#arrays(() => {
      const { calls, logits, gate } = this.#forward(batch, this.#inputs(batch));
      return [
        gate ?? tf.ones([texts.length, 1]),
        ...(logits === undefined ? [] : [tf.softmax(logits)]),
        ...calls.flatMap(({ choice, operands, fromResult, pointer }) => [
          choice,
          operands,
          fromResult ?? none(),
          pointer ?? none(),
          ...(superposed ? [superposed.answers(tf, choice, operands)] : []),
        ]),
      ];
    });
    if (arrays.length === 1) return texts.map((_, i) => ({ calls: [], answers: arrays[0].slice(i * n, (i + 1) * n) }));
    const calls = Array.from({ length: arrays.length / parts }, (_, call): CallArrays => {
      const [choice, operands, fromResult, pointer, answers] = arrays.slice(call * parts, (call + 1) * parts);
      return { choice, operands, pointer, ...(call > 0 && { fromResult }), ...(answers && { answers }) };
    });
    return texts.map((_, i) => readingOf(this.table, batch, calls, i, gates[i]));
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
      ...(this.frozen
        ? []
        : [tf.tensor(this.embedding.gather(batch.tokens), [batch.tokens.length, this.sizes.hidden])]),
      ...(this.readsNumerals
        ? [tf.tensor(this.numerals.gather(batch.numerals), [batch.numerals.length, this.numerals.width])]
        : []),
    ];
  }

  #loss(outputs: Outputs, batch: Batch, sentences: readonly Sentence[]): TensorFlow.Scalar {
    const { tf, vocabulary } = this;
    const { states, outputRows } = outputs;
    const loss = this.#objectiveLoss(outputs, sentences);
    if (states === undefined || outputRows === undefined || vocabulary === undefined) return loss;
    const answers = sentences.map(({ answer }) => answer);
    const written = writingLoss(tf, vocabulary, batch, states, outputRows, answers);
    return tf.add(written, tf.mul(this.sizes.answerWeight, loss));
  }

  #objectiveLoss(outputs: Outputs, sentences: readonly Sentence[]): TensorFlow.Scalar {
    const { tf, table, superposed } = this;
    const answers = sentences.map(({ answer }) => answer);
    const { calls, logits } = outputs;
    if (logits !== undefined) return directLoss(tf, logits, answers);
    if (this.sizes.objective === "calls") return callLoss(tf, table, outputs, sentences);
    if (calls.length > 1) return twoCallAnswerLoss(tf, table, superposed, outputs, answers);
    const [{ choice, operands }] = calls;
    return superposed
      ? superposedLoss(tf, superposed.answers(tf, choice, operands), answers)
      : answerLoss(tf, table, choice, operands, answers);
  }

  /** What goes into the transformer, [packed, hidden]: embedding rows, or an encoder's states, projected. */
  #embedded({ states, rows }: Batch, parameters: Parameters, embedding: TensorFlow.Tensor): TensorFlow.Tensor {
    const { tf } = this;
    if (states === undefined) return tf.gather(embedding, tf.tensor1d(rows, "int32"));
    return tf.matMul(tf.tensor(states, [rows.length, states.length / rows.length]), parameters[PROJECTION]);
  }

  #forward(batch: Batch, tensors: readonly TensorFlow.Tensor[]): Outputs {
    const { tf, vocabulary, sizes, superposed, table } = this;
    const names = [...this.dense.keys()];
    const parameters = Object.fromEntries(names.map((name, i) => [name, tensors[i]]));
    const rows = tensors[names.length];
    const place = new Map(Array.from(batch.tokens, (token, i) => [token, i]));
    const rowsOf = (tokens: Int32Array) =>
      tf.gather(
        rows,
        tf.tensor1d(
          tokens.map((token) => place.get(token) ?? 0),
          "int32",
        ),
      );
    const tied = vocabulary !== undefined && this.#isTied;
    const outputs = runMachineLayer(tf, parameters, sizes, this.headSizes, batch, {
      embedded: this.#embedded(batch, parameters, rows),
      numerals: tensors[names.length + (this.frozen ? 0 : 1)],
      results: tied ? rowsOf(vocabulary.values) : parameters[RESULT_ROWS],
      answersOf: ({ choice, operands }) =>
        superposed ? superposed.answers(tf, choice, operands) : callAnswers(tf, table, choice, operands),
    });
    const own = parameters[WRITER_ROWS];
    if (own === undefined) return outputs;
    return { ...outputs, outputRows: tied ? tf.concat([rowsOf(vocabulary.tokens), own]) : own };
  }
}
