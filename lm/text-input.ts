/** How a model takes text in: a tokenizer, and a pretrained encoder if one is asked for. */
import { SoftmachineError } from "../scheme/index.js";
import { type Encoder, openEncoder } from "./encoder.js";
import { LLAMA3, openTokenizer, type Tokenizer } from "./tokenizer.js";

/** What asks for no encoder. */
export const NO_ENCODER = "none";

export interface TextInputOptions {
  /** `llama3`, or the place of a `tokenizer.json`. With an encoder it is left alone: the encoder brings its own. */
  readonly tokenizer: string;
  /** The folder of a pretrained model, or `none`. */
  readonly encoder: string;
}

export interface TextInput {
  readonly tokenizer: Tokenizer;
  readonly encoder: Encoder | undefined;
}

/**
 * Checks options against each other.
 *
 * @throws SoftmachineError when both a tokenizer and an encoder, which has its own, are asked for.
 */
export function checkTextInput({ tokenizer, encoder }: TextInputOptions): void {
  if (encoder === NO_ENCODER || tokenizer === LLAMA3) return;
  throw new SoftmachineError(`encoder "${encoder}" reads with its own tokenizer: leave out tokenizer "${tokenizer}"`);
}

/**
 * Opens what the options ask for.
 *
 * @throws SoftmachineError when a file is missing or damaged, or the encoder can't be run.
 */
export async function openTextInput(options: TextInputOptions): Promise<TextInput> {
  checkTextInput(options);
  if (options.encoder === NO_ENCODER) return { tokenizer: await openTokenizer(options.tokenizer), encoder: undefined };
  const encoder = await openEncoder(options.encoder);
  return { encoder, tokenizer: await openTokenizer(options.encoder) };
}
