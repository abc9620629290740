/** Text to token ids. LLaMA 3's vocabulary by default; anything with this interface serves. */

export interface Tokenizer {
  readonly name: string;
  readonly vocabularySize: number;
  /** Token ids of a text, with the token that begins a text in front. */
  encode(text: string): number[];
  /** The text of one token. */
  tokenText(id: number): string;
}

/** LLaMA 3 has 128,000 tokens of text and 256 special ones. */
const LLAMA3_VOCABULARY = 128_256;

let loaded: Tokenizer | undefined;

/** LLaMA 3's tokenizer. It is loaded when first asked for, which takes a moment, and kept. */
export async function llama3Tokenizer(): Promise<Tokenizer> {
  if (loaded === undefined) {
    const { default: llama3 } = await import("llama3-tokenizer-js");
    loaded = {
      name: "llama3",
      vocabularySize: LLAMA3_VOCABULARY,
      encode: (text) => llama3.encode(text, { bos: true, eos: false }),
      tokenText: (id) => llama3.decode([id]),
    };
  }
  return loaded;
}
