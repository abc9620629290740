/** The sizes of a model, and which of them fit together. */
import { SoftmachineError, sizeOf } from "../scheme/index.js";
import type { Numerals } from "./compiled-numerals.js";
import type { Numbers } from "./digit-numbers.js";
import { checkMachineLayer, layersOf, type MachineLayerSizes } from "./machine-layer.js";
import { transformerShapes } from "./transformer.js";

export interface ModelSizes extends MachineLayerSizes {
  /** The weight of the objective beside the loss of the words that the answer is written in, where it is written. */
  readonly answerWeight: number;
  /** Whether a number is one token, or read by its digits. */
  readonly numbers: Numbers;
  /** Where the numeral table comes from. */
  readonly numerals: Numerals;
  /** Of flashed and frozen numerals: the logit of the right value, where the others' is 0. */
  readonly numeralSharpness: number;
}

/** The most parameters beside embedding rows: with gradients and Adam's moments a gigabyte. */
const MAX_PARAMETERS = 2 ** 26;

/**
 * Checks that sizes fit each other, and a machine's memory.
 *
 * @throws SoftmachineError naming those that do not.
 */
export function checkModelSizes(sizes: ModelSizes): void {
  const {
    hidden,
    layers,
    heads,
    keyValueHeads,
    feedForward,
    operandHeads,
    programHeads,
    programChoice,
    objective,
    numerals,
    numbers,
  } = sizes;
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
  if (numbers === "digits" && (sizes.calls > 1 || sizes.output === "text")) {
    throw new SoftmachineError(
      `numbers read by digits are for one call whose result is the answer; calls is ${sizes.calls}, output "${sizes.output}"`,
    );
  }
  if (numerals !== "learned" && operandHeads !== "pointing") {
    throw new SoftmachineError(
      `numerals "${numerals}" are read by pointing heads, and operandHeads is "${operandHeads}", which reads none`,
    );
  }
  if (numbers !== "tokens" && (operandHeads !== "pointing" || objective === "direct")) {
    throw new SoftmachineError(
      `numbers read as ${numbers} are for pointing heads that call a library; operandHeads is "${operandHeads}", objective "${objective}"`,
    );
  }
  if (objective === "direct" && (numerals !== "learned" || programHeads !== "last")) {
    throw new SoftmachineError(
      `objective "direct" calls no library: numerals "${numerals}" and programHeads "${programHeads}" have nothing to read; leave them out`,
    );
  }
  if (programChoice === "fitting" && (sizes.calls > 1 || programHeads !== "last" || objective === "direct")) {
    throw new SoftmachineError(
      `programChoice "fitting" is for one call of a program found by the last state; calls is ${sizes.calls}, programHeads "${programHeads}", objective "${objective}"`,
    );
  }
  const ofLayer = Object.values(transformerShapes({ ...sizes, layers: 1 }));
  const count = layersOf(sizes) * ofLayer.reduce((sum, shape) => sum + sizeOf(shape), 0);
  if (count > MAX_PARAMETERS) {
    const written = count.toLocaleString("en-US");
    throw new SoftmachineError(
      `hidden ${hidden} with layers ${layers} and feedForward ${feedForward} makes ${written} parameters; at most ${MAX_PARAMETERS.toLocaleString("en-US")} fit`,
    );
  }
}

/**
 * Checks that what is embedded or written has rows, and that answers are not read before they are written.
 *
 * @throws SoftmachineError when an encoder stands where the rows would be, or sees the answer.
 */
export function checkBesideEncoder({ output, embeddings, numbers }: ModelSizes, readsOrWrites: boolean): void {
  if (numbers === "placeholders") {
    throw new SoftmachineError('numbers "placeholders" are rows of the embedding, and an encoder has none');
  }
  if (output === "text") {
    throw new SoftmachineError('output "text" takes tokens of its own: an encoder would see the answer in them');
  }
  if (readsOrWrites && embeddings === "tied") {
    throw new SoftmachineError(
      'embeddings "tied" shares rows of the embedding, and an encoder has none: "untied" has its own',
    );
  }
}
