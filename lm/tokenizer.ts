/** Text to token ids. LLaMA 3's vocabulary by default; any `tokenizer.json` by its place. */
import { SoftmachineError } from "../scheme/index.js";
import { withNumberUnits } from "./number-units.js";
import { readTokenizerFile } from "./tokenizer-file.js";

export interface Tokenizer {
  /** What asked for it: `llama3`, or the place of its file as given. */
  readonly name: string;
  /** SHA-256 of its file, in hexadecimal; empty for LLaMA 3's, which has none. */
  readonly sha256: string;
  /** Ids are below this. */
  readonly vocabularySize: number;
  /** Token ids of a text, at least one, with what the tokenizer puts before and after a text. */
  encode(text: string): number[];
  /** The text of one token. A token that is decimal digits and nothing else is a number, or digits of a long one. */
  tokenText(id: number): string;
  /** The ids that a token has in the vocabulary that an encoder knows: itself, unless it is a unit added for numbers. */
  vocabularyIds(id: number): readonly number[];
}

/** What asks for LLaMA 3's tokenizer. */
export const LLAMA3 = "llama3";

/** LLaMA 3 has 128,000 tokens of text and 256 special ones. */
const LLAMA3_VOCABULARY = 128_256;

let loaded: Tokenizer | undefined;

/** LLaMA 3's tokenizer. It is loaded when first asked for, which takes a moment, and kept. */
export async function llama3Tokenizer(): Promise<Tokenizer> {
  if (loaded === undefined) {
    const { default: llama3 } = await import("llama3-tokenizer-js");
    loaded = {
      name: LLAMA3,
      sha256: "",
      vocabularySize: LLAMA3_VOCABULARY,
      encode: (text) => llama3.encode(text, { bos: true, eos: false }),
      tokenText: (id) => llama3.decode([id]),
      vocabularyIds: (id) => [id],
    };
  }
  return loaded;
}

/**
 * The tokenizer asked for: `llama3`, or a `tokenizer.json`, or a folder that holds one.
 *
 * @throws SoftmachineError when there is no such file, or it is no tokenizer.
 */
export async function openTokenizer(name: string): Promise<Tokenizer> {
  return name === LLAMA3 ? llama3Tokenizer() : withNumberUnits(await readTokenizerFile(name));
}

/**
 * Refuses a tokenizer or an encoder that is not the one that something was made with.
 *
 * @throws SoftmachineError naming both.
 */
export function checkSame(kind: string, made: string, sha256: string, found: { name: string; sha256: string }): void {
  if (found.sha256 === sha256) return;
  const of = (digest: string) => (digest === "" ? "" : ` (SHA-256 ${digest.slice(0, 12)}…)`);
  throw new SoftmachineError(
    `${kind} "${found.name}"${of(found.sha256)} is not the one that training used, "${made}"${of(sha256)}`,
  );
}
