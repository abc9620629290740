/**
 * The machine as a layer: calls that are read in the middle of the transformer, and whose results go on in its residual
 * stream. After `layers` layers the heads read a call at each question's last position. Where anything comes after it, the
 * distribution of its result is embedded back at that position, and `laterLayers` layers follow: then a second call, which
 * may use the first one's result, or a token head that writes the answer out.
 */
import type * as TensorFlow from "@tensorflow/tfjs";
import { SoftmachineError } from "../scheme/index.js";
import type { TensorFlowModule } from "../tensor/index.js";
import type { Batch } from "./batch.js";
import { rmsNorm } from "./fused-kernels.js";
import { type Distributions, type HeadSizes, headShapes, readHeads } from "./heads.js";
import { encode, Geometry, type Parameters, type TransformerSizes, transformerShapes } from "./transformer.js";

type Tensor = TensorFlow.Tensor;

/** `value`: the call's result is the answer. `text`: a token head writes the answer out besides. */
export const OUTPUTS = ["value", "text"] as const;
export type Output = (typeof OUTPUTS)[number];

/** Whether results and written tokens share the rows of the tokens that are read, or have tables of their own. */
export const EMBEDDINGS = ["tied", "untied"] as const;
export type Embeddings = (typeof EMBEDDINGS)[number];

/** Sizes of a transformer with calls in its middle. */
export interface MachineLayerSizes
  extends TransformerSizes,
    Pick<HeadSizes, "operandHeads" | "programHeads" | "programChoice" | "objective"> {
  /** How many calls a question may take: 1, or 2 of which the second may use the first one's result. */
  readonly calls: number;
  /** Layers after each call whose result is read by what follows. */
  readonly laterLayers: number;
  readonly output: Output;
  readonly embeddings: Embeddings;
}

/** What the layers make of a batch. */
export interface LayerOutputs {
  /** The calls, first to last; none without a library. */
  readonly calls: readonly Distributions[];
  /** The first call's P(y), [size, n], where it is embedded. */
  readonly firstAnswers?: Tensor;
  /** The share of the first call's result in the answer, [size, 1], where there are two calls. */
  readonly gate?: Tensor;
  /** The answer's logits without a library: [size, n]. */
  readonly logits?: Tensor;
  /** Each position's last state, normalized, where a token head reads it: [packed, hidden]. */
  readonly states?: Tensor;
}

/** How many stretches of layers follow calls: one before a second call, one before a token head. */
const laterStretches = ({ calls, output }: MachineLayerSizes) => calls - 1 + (output === "text" ? 1 : 0);

/** Stretches in all. Without a library nothing happens between them, so they are one. */
const stretchesOf = (sizes: MachineLayerSizes) => (sizes.objective === "direct" ? 1 : 1 + laterStretches(sizes));

/** All layers, those after calls counted too. */
export const layersOf = (sizes: MachineLayerSizes): number => sizes.layers + laterStretches(sizes) * sizes.laterLayers;

const normName = (stretch: number) => (stretch === 0 ? "norm" : `norm.${stretch}`);

/** The name of the results' own embedding, [n, hidden]. */
export const RESULT_ROWS = "results.embedding";

/** What the layers are given beside their parameters. */
export interface LayerInputs {
  /** The embedding of each token, [packed, hidden]. */
  readonly embedded: Tensor;
  /** Logits over values for each of the batch's number tokens; free heads have no use for them. */
  readonly numerals: Tensor | undefined;
  /** The embedding of each result, [n, hidden], where results are embedded. */
  readonly results: Tensor | undefined;
  /** P(y) of a call, [size, n]: how its programs are executed. */
  readonly answersOf: (call: Distributions) => Tensor;
}

/** Shapes of the layers' and heads' parameters by name. */
export function machineLayerShapes(sizes: MachineLayerSizes, heads: HeadSizes): Record<string, number[]> {
  const { calls, hidden, objective, embeddings } = sizes;
  const shapes: Record<string, number[]> = {
    ...transformerShapes({ ...sizes, layers: layersOf(sizes) }),
    ...headShapes(heads, calls),
  };
  const stretches = stretchesOf(sizes);
  for (let stretch = 1; stretch < stretches; stretch++) shapes[normName(stretch)] = [hidden];
  if (objective === "direct") return shapes;
  if (stretches > 1 && embeddings === "untied") shapes[RESULT_ROWS] = [heads.n, hidden];
  return shapes;
}

/** Runs layers and calls. */
export function runMachineLayer(
  tf: TensorFlowModule,
  parameters: Parameters,
  sizes: MachineLayerSizes,
  heads: HeadSizes,
  batch: Batch,
  { embedded, numerals, results, answersOf }: LayerInputs,
): LayerOutputs {
  const stretches = stretchesOf(sizes);
  const geometry = new Geometry(tf, sizes, batch);
  const calls: Distributions[] = [];
  let states = embedded;
  let last = embedded;
  let firstAnswers: Tensor | undefined;
  let gate: Tensor | undefined;
  let words: Tensor | undefined;
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = stretch === 0 ? 0 : sizes.layers + (stretch - 1) * sizes.laterLayers;
    const isLast = stretch === stretches - 1;
    const to = isLast ? layersOf(sizes) : sizes.layers + stretch * sizes.laterLayers;
    const lastOnly = isLast && sizes.output === "value";
    const encoded = encode(tf, parameters, geometry, { from, to, norm: normName(stretch), lastOnly }, states);
    ({ states, last } = encoded);
    words ??= encoded.words ?? encoded.context;
    if (sizes.objective === "direct" || stretch >= sizes.calls) continue;
    const call = readHeads(tf, parameters, heads, batch, { ...encoded, words }, numerals, firstAnswers);
    calls.push(call);
    if (stretch === 1) gate = tf.sigmoid(tf.matMul(last, parameters["heads.gate"]));
    if (isLast || results === undefined) continue;
    const own = answersOf(call);
    // A token head writes what the answer is: that of both calls, as the gate mixes them.
    const known =
      gate === undefined || firstAnswers === undefined
        ? own
        : tf.add(tf.mul(gate, firstAnswers), tf.mul(tf.sub(1, gate), own));
    firstAnswers ??= own;
    states = tf.add(states, atLastPositions(tf, batch, tf.matMul(known, results)));
  }
  return {
    calls,
    ...(firstAnswers === undefined ? {} : { firstAnswers }),
    ...(gate === undefined ? {} : { gate }),
    ...(sizes.objective === "direct" ? { logits: tf.matMul(last, parameters["heads.answer"]) } : {}),
    ...(sizes.output === "text" ? { states: rmsNorm(tf, states, parameters[normName(stretches - 1)]) } : {}),
  };
}

/** Rows [size, hidden] at each question's last position, and zeros elsewhere: [packed, hidden]. */
function atLastPositions(tf: TensorFlowModule, batch: Batch, rows: Tensor): Tensor {
  const places = new Int32Array(batch.rows.length).fill(batch.size);
  batch.lasts.forEach((at, i) => {
    places[at] = i;
  });
  return tf.gather(tf.concat([rows, tf.zeros([1, rows.shape[1] ?? 1])]), tf.tensor1d(places, "int32"));
}

/**
 * Checks that calls, layers and output fit each other.
 *
 * @throws SoftmachineError naming those that do not.
 */
export function checkMachineLayer({ calls, laterLayers, output }: MachineLayerSizes): void {
  if (calls !== 1 && calls !== 2) throw new SoftmachineError(`calls must be 1 or 2, not ${calls}`);
  if (!Number.isInteger(laterLayers) || laterLayers < 0) {
    throw new SoftmachineError(`laterLayers must be a whole number of 0 or more, not ${laterLayers}`);
  }
  const reader = calls === 2 ? "calls 2" : output === "text" ? 'output "text"' : undefined;
  if (reader !== undefined && laterLayers === 0) {
    throw new SoftmachineError(`${reader} needs laterLayers of 1 or more, to read the first call's result`);
  }
  if (reader === undefined && laterLayers > 0) {
    throw new SoftmachineError(
      `laterLayers ${laterLayers} would read a result for nothing: that takes calls 2 or output "text"`,
    );
  }
}
