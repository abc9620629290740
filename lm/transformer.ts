/**
 * A transformer of LLaMA 3's shape ("The Llama 3 Herd of Models", 2024): RMSNorm, rotary embeddings, grouped-query
 * attention, SwiGLU. Pure functions of a record of named parameters. What is done token by token is done on packed
 * tokens, without padding. In the last layer only each text's last token asks: nothing reads the others there.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import type { TensorFlowModule } from "../tensor/index.js";
import type { Batch } from "./batch.js";
import { gatedProduct, rmsNorm, rotated } from "./fused-kernels.js";

type Tensor = TensorFlow.Tensor;

/** Tensors by name. */
export type Parameters = Readonly<Record<string, Tensor>>;

/** Sizes of a transformer. */
export interface TransformerSizes {
  /** Width of the residual stream. */
  readonly hidden: number;
  readonly layers: number;
  /** Query heads; `hidden / heads` is a head's width, an even number. */
  readonly heads: number;
  /** Key and value heads, each shared by `heads / keyValueHeads` query heads. */
  readonly keyValueHeads: number;
  /** Width of the SwiGLU feed-forward part. */
  readonly feedForward: number;
}

const ROTARY_BASE = 10_000;
/** What is added to a score that takes no part. */
export const MASKED = -1e9;

/** Shapes of the transformer's parameters by name. Embeddings are not among them: they come as rows of the batch. */
export function transformerShapes(sizes: TransformerSizes): Record<string, number[]> {
  const { hidden, heads, keyValueHeads, feedForward } = sizes;
  const keyWidth = (hidden / heads) * keyValueHeads;
  const shapes: Record<string, number[]> = {};
  for (let layer = 0; layer < sizes.layers; layer++) {
    const name = `layers.${layer}`;
    shapes[`${name}.attention.norm`] = [hidden];
    shapes[`${name}.attention.query`] = [hidden, hidden];
    shapes[`${name}.attention.key`] = [hidden, keyWidth];
    shapes[`${name}.attention.value`] = [hidden, keyWidth];
    shapes[`${name}.attention.output`] = [hidden, hidden];
    shapes[`${name}.feed-forward.norm`] = [hidden];
    shapes[`${name}.feed-forward.gate`] = [hidden, feedForward];
    shapes[`${name}.feed-forward.up`] = [hidden, feedForward];
    shapes[`${name}.feed-forward.down`] = [feedForward, hidden];
  }
  shapes.norm = [hidden];
  return shapes;
}

/** What a stretch of layers hands to the heads, and to the layers after it. */
export interface Encoded {
  /** Each text's last state after the layers, normalized: [size, hidden]. */
  readonly last: Tensor;
  /** Each position's state before the last of the layers, normalized: [packed, hidden]. */
  readonly context: Tensor;
  /** Each position's state after the first layer of all, normalized, where these layers read it: [packed, hidden]. */
  readonly words: Tensor | undefined;
  /** The residual stream after the layers: [packed, hidden], or [size, hidden] where only last tokens asked. */
  readonly states: Tensor;
}

/** Layers `from` to `to - 1`, with the name of the gain that normalizes what the heads read after them. */
export interface Stretch {
  readonly from: number;
  readonly to: number;
  readonly norm: string;
  /** Whether no position but each text's last is read after the last layer. */
  readonly lastOnly: boolean;
}

/**
 * Runs some layers on a batch.
 *
 * @param x the residual stream before them, [packed, hidden]
 */
export function encode(
  tf: TensorFlowModule,
  parameters: Parameters,
  geometry: Geometry,
  { from, to, norm, lastOnly }: Stretch,
  x: Tensor,
): Encoded {
  let states = x;
  let context = x;
  let words: Tensor | undefined;
  for (let layer = from; layer < to; layer++) {
    const last = layer === to - 1;
    const normed = rmsNorm(tf, states, parameters[`layers.${layer}.attention.norm`]);
    if (last) context = normed;
    if (layer === 1) words = normed;
    states = block(tf, parameters, `layers.${layer}`, geometry, states, normed, last && lastOnly);
  }
  const lastStates = lastOnly ? states : geometry.lastRows(states);
  return { last: rmsNorm(tf, lastStates, parameters[norm]), context, states, words };
}

/** One layer: attention and feed-forward, each on its normalized input (attention's is given) and added to it. */
function block(
  tf: TensorFlowModule,
  parameters: Parameters,
  name: string,
  geometry: Geometry,
  x: Tensor,
  normed: Tensor,
  lastOnly: boolean,
): Tensor {
  const at = (part: string) => parameters[`${name}.${part}`];
  const attended = tf.matMul(
    attention(
      tf,
      geometry,
      tf.matMul(lastOnly ? geometry.lastRows(normed) : normed, at("attention.query")),
      tf.matMul(normed, at("attention.key")),
      tf.matMul(normed, at("attention.value")),
      lastOnly,
    ),
    at("attention.output"),
  );
  const y = tf.add(lastOnly ? geometry.lastRows(x) : x, attended);
  const h = rmsNorm(tf, y, at("feed-forward.norm"));
  const gate = tf.matMul(h, at("feed-forward.gate"));
  const gated = gatedProduct(gate, tf.matMul(h, at("feed-forward.up")));
  return tf.add(y, tf.matMul(gated, at("feed-forward.down")));
}

/** Grouped-query attention with rotary embeddings: rows in, rows out. With `lastOnly` the queries are one a text. */
function attention(
  tf: TensorFlowModule,
  geometry: Geometry,
  query: Tensor,
  key: Tensor,
  value: Tensor,
  lastOnly: boolean,
): Tensor {
  const { size, length, heads, keyValueHeads, width } = geometry;
  const asked = lastOnly ? 1 : length;
  const group = heads / keyValueHeads;
  const split = (rows: Tensor, count: number): Tensor => {
    const perText = tf.reshape(geometry.toRectangle(rows), [size, length, count, width]);
    return tf.reshape(tf.transpose(perText, [0, 2, 1, 3]), [size * count, length, width]);
  };
  const q = geometry.rotateQuery(
    lastOnly ? tf.reshape(query, [size * heads, 1, width]) : split(query, heads),
    lastOnly,
  );
  const k = geometry.rotateKey(split(key, keyValueHeads));
  const v = split(value, keyValueHeads);
  const scores = tf.matMul(tf.reshape(q, [size * keyValueHeads, group * asked, width]), k, false, true);
  const weights = tf.softmax(tf.add(scores, geometry.mask(lastOnly)));
  const mixed = tf.matMul(weights, v);
  if (lastOnly) return tf.reshape(mixed, [size, heads * width]);
  const perText = tf.transpose(tf.reshape(mixed, [size, heads, length, width]), [0, 2, 1, 3]);
  return geometry.toPacked(tf.reshape(perText, [size * length, heads * width]));
}

/** The shapes of one batch, and the constants that depend on them alone. */
export class Geometry {
  readonly size: number;
  readonly length: number;
  readonly heads: number;
  readonly keyValueHeads: number;
  readonly width: number;
  readonly #tf: TensorFlowModule;
  readonly #padding: Int32Array;
  readonly #positions: TensorFlow.Tensor1D;
  readonly #packedAt: TensorFlow.Tensor1D;
  readonly #lasts: TensorFlow.Tensor1D;
  readonly #cosine: Tensor;
  readonly #sine: Tensor;
  readonly #halfTurn: Tensor;

  constructor(tf: TensorFlowModule, sizes: TransformerSizes, batch: Batch) {
    this.#tf = tf;
    this.#padding = batch.padding;
    this.#positions = tf.tensor1d(batch.positions, "int32");
    this.#packedAt = tf.tensor1d(batch.packedAt, "int32");
    this.#lasts = tf.tensor1d(batch.lasts, "int32");
    this.size = batch.size;
    this.length = batch.length;
    this.heads = sizes.heads;
    this.keyValueHeads = sizes.keyValueHeads;
    this.width = sizes.hidden / sizes.heads;
    const { length, width } = this;
    const half = width / 2;
    const cosine = new Float32Array(length * width);
    const sine = new Float32Array(length * width);
    for (let position = 0; position < length; position++) {
      for (let i = 0; i < width; i++) {
        const angle = position * ROTARY_BASE ** (-(i % half) / half);
        cosine[position * width + i] = Math.cos(angle);
        sine[position * width + i] = Math.sin(angle);
      }
    }
    // (x1, x2) ↦ (-x2, x1) as a product with a constant matrix: cheaper than slices, forward and backward.
    const halfTurn = new Float32Array(width * width);
    for (let i = 0; i < half; i++) {
      halfTurn[(i + half) * width + i] = -1;
      halfTurn[i * width + i + half] = 1;
    }
    this.#cosine = tf.tensor(cosine, [length, width]);
    this.#sine = tf.tensor(sine, [length, width]);
    this.#halfTurn = tf.tensor(halfTurn, [width, width]);
  }

  /** Rows of packed tokens to rows of the rectangle: [packed, ·] to [size · length, ·]. */
  toRectangle(rows: Tensor): Tensor {
    return this.#tf.gather(rows, this.#packedAt);
  }

  /** Rows of the rectangle to rows of packed tokens: [size · length, ·] to [packed, ·]. */
  toPacked(rows: Tensor): Tensor {
    return this.#tf.gather(rows, this.#positions);
  }

  /** The row of each text's last token: [packed, ·] to [size, ·]. */
  lastRows(rows: Tensor): Tensor {
    return this.#tf.gather(rows, this.#lasts);
  }

  /** Rotary embedding ("RoFormer", 2021) of keys [·, length, width]; positions count from the left edge. */
  rotateKey(x: Tensor): Tensor {
    return rotated(x, this.#turned(x), this.#cosine, this.#sine);
  }

  /** The same of queries, which are scaled by 1/√width; with `lastOnly` they are those of the last position. */
  rotateQuery(x: Tensor, lastOnly: boolean): Tensor {
    const tf = this.#tf;
    const { length, width } = this;
    const [cosine, sine] = [this.#cosine, this.#sine].map((all) =>
      tf.mul(lastOnly ? tf.slice(all, [length - 1, 0], [1, width]) : all, 1 / Math.sqrt(width)),
    );
    return rotated(x, this.#turned(x), cosine, sine);
  }

  #turned(x: Tensor): Tensor {
    return this.#tf.matMul(x, this.#halfTurn);
  }

  /** What is added to the scores: [size · keyValueHeads, group · asked, length], 0 where a key may be seen. */
  mask(lastOnly: boolean): Tensor {
    const { size, length, keyValueHeads } = this;
    const group = this.heads / keyValueHeads;
    const asked = lastOnly ? 1 : length;
    const mask = new Float32Array(size * keyValueHeads * group * asked * length);
    const perHead = asked * length;
    const perText = keyValueHeads * group * perHead;
    for (let i = 0; i < size; i++) {
      const start = i * perText;
      for (let query = 0; query < asked; query++) {
        const row = start + query * length;
        mask.fill(MASKED, row, row + this.#padding[i]);
        mask.fill(MASKED, row + length - asked + query + 1, row + length);
      }
      for (let at = perHead; at < perText; at += perHead) mask.copyWithin(start + at, start, start + perHead);
    }
    return this.#tf.tensor(mask, [size * keyValueHeads, group * asked, length]);
  }
}
