/** What tests of this room share. */

/** A tokenizer.json of words between spaces, the first of which stands for all others. */
export const wordLevel = (words: readonly string[]) => ({
  version: "1.0",
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: "WhitespaceSplit" },
  post_processor: null,
  decoder: null,
  model: { type: "WordLevel", vocab: Object.fromEntries(words.map((word, id) => [word, id])), unk_token: "[UNK]" },
});
