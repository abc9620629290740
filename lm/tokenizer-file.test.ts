import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { AnswerVocabulary } from "./answer-writer.js";
import { ask } from "./ask.js";
import { encodeText, isNumeral, makeBatch } from "./batch.js";
import { loadCheckpoint } from "./checkpoint.js";
import { completeOptions, type TrainOptions } from "./options.js";
import { wordLevel } from "./testing.js";
import { openTokenizer } from "./tokenizer.js";
import { resume, train } from "./train.js";

/** Byte-level merges as GPT-2 and LLaMA 3 have them, with bytes for letters, digits and space, and a few merges. */
const bytePair = () => {
  const letters = [..."abcdefghijklmnopqrstuvwxyz0123456789Ġ.?!()*/+-^%,'"];
  const merges = ["1 2", "Ġ 1", "Ġ a", "Ġa d", "Ġad d"];
  const tokens = ["<s>", "</s>", ...letters, ...merges.map((merge) => merge.replace(" ", ""))];
  return {
    version: "1.0",
    added_tokens: ["<s>", "</s>"].map((content, id) => ({ id, content, special: true })),
    normalizer: null,
    pre_tokenizer: { type: "ByteLevel", add_prefix_space: false, trim_offsets: true, use_regex: true },
    post_processor: {
      type: "TemplateProcessing",
      single: [
        { SpecialToken: { id: "<s>", type_id: 0 } },
        { Sequence: { id: "A", type_id: 0 } },
        { SpecialToken: { id: "</s>", type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        "<s>": { id: "<s>", ids: [0], tokens: ["<s>"] },
        "</s>": { id: "</s>", ids: [1], tokens: ["</s>"] },
      },
    },
    decoder: { type: "ByteLevel" },
    model: { type: "BPE", vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
  };
};

/** Every group of up to three digits, as LLaMA 3 has them. */
const groups = [1, 2, 3].flatMap((length) =>
  Array.from({ length: 10 ** length }, (_, value) => String(value).padStart(length, "0")),
);

/** Digits in groups of three from the left, each a token. */
const grouped = () => ({
  ...wordLevel(["[UNK]", ...groups, "add", "and"]),
  pre_tokenizer: {
    type: "Sequence",
    pretokenizers: [
      { type: "WhitespaceSplit" },
      { type: "Split", pattern: { Regex: "[0-9]{1,3}" }, behavior: "Isolated", invert: false },
    ],
  },
});

/** Pieces of words as BERT has them: 12 is "12", and 121 is "12" and "##1". */
const wordPiece = () => {
  const tokens = ["[UNK]", "[CLS]", "[SEP]", ..."0123456789", "12", "##1", "add", "an", "##d", "##2"];
  return {
    added_tokens: [],
    normalizer: { type: "BertNormalizer", clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: "BertPreTokenizer" },
    post_processor: { type: "BertProcessing", sep: ["[SEP]", 2], cls: ["[CLS]", 1] },
    decoder: { type: "WordPiece", prefix: "##", cleanup: true },
    model: {
      type: "WordPiece",
      unk_token: "[UNK]",
      continuing_subword_prefix: "##",
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(tokens.map((token, id) => [token, id])),
    },
  };
};

/** Pieces with scores as SentencePiece has them, and a mark for spaces. */
const unigram = () => ({
  added_tokens: [],
  normalizer: null,
  pre_tokenizer: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
  post_processor: null,
  decoder: { type: "Metaspace", replacement: "▁", prepend_scheme: "always", split: true },
  model: {
    type: "Unigram",
    unk_id: 0,
    vocab: [
      ["<unk>", 0],
      ["▁add", -1],
      ["▁an", -2],
      ["▁", -3],
      ["▁12", -3],
      ..."0123456789d".split("").map((c) => [c, -4]),
    ],
  },
});

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "softmachine-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function written(name: string, contents: unknown): Promise<string> {
  const file = path.join(folder, name);
  await writeFile(file, typeof contents === "string" ? contents : JSON.stringify(contents));
  return file;
}

describe("a tokenizer.json", () => {
  it("that cuts numbers anywhere still gives one token a number, with the tokens around a text", async () => {
    const file = await written("bytes.json", bytePair());
    const tokenizer = await openTokenizer(file);
    const texts = (text: string) => encodeText(tokenizer, text).map((id) => tokenizer.tokenText(id));
    expect(texts("Add 12 and 121")).toEqual(["<s>", " add", "12", " a", "n", "d", "121", "</s>"]);
    expect(texts("(12+7)")).toEqual(["<s>", " ", "(", "12", " ", "+", "7", ")", "</s>"]);
    expect(texts("add 1234567")).toEqual(["<s>", " add", "123", "456", "7", "</s>"]);
    for (let number = 0; number < 1000; number++) {
      const ids = encodeText(tokenizer, `add ${number} a`).filter((id) => isNumeral(tokenizer, id));
      expect(ids.map((id) => tokenizer.tokenText(id))).toEqual([String(number)]);
      expect(ids[0]).toBeLessThan(tokenizer.vocabularySize);
    }
    expect(tokenizer.sha256).toBe(createHash("sha256").update(JSON.stringify(bytePair())).digest("hex"));
  });

  it("gives a number's unit the pieces that its own vocabulary has for it", async () => {
    const tokenizer = await openTokenizer(await written("bytes.json", bytePair()));
    const pieces = encodeText(tokenizer, "add 120").map((id) =>
      tokenizer.vocabularyIds(id).map((piece) => tokenizer.tokenText(piece)),
    );
    expect(pieces).toEqual([["<s>"], [" add"], [" ", "12", "0"], ["</s>"]]);
  });

  it("loses no digit and no letter of any text", async () => {
    const tokenizer = await openTokenizer(await written("bytes.json", bytePair()));
    const words = fc.stringMatching(/^[a-z0-9 ()+*-]{0,40}$/);
    fc.assert(
      fc.property(words, (text) => {
        const read = tokenizer
          .encode(text)
          .slice(1, -1)
          .map((id) => tokenizer.tokenText(id));
        expect(read.join("").replaceAll(" ", "")).toBe(text.replaceAll(" ", ""));
      }),
      { numRuns: 200 },
    );
  });

  it.each([
    ["of BERT's kind", wordPiece(), ["[CLS]", "add", "121", "an", "##d", "12", "[SEP]"]],
    ["of SentencePiece's kind", unigram(), ["", "add", "121", "an", "d", "12"]],
  ])("%s has units for numbers too", async (_, contents, tokens) => {
    const tokenizer = await openTokenizer(await written("kind.json", contents));
    const ids = encodeText(tokenizer, "Add 121 and 12");
    expect(ids.map((id) => tokenizer.tokenText(id))).toEqual(tokens);
    expect(ids.filter((id) => isNumeral(tokenizer, id)).length).toBe(2);
  });

  it("that has a token for every number is left alone", async () => {
    const tokenizer = await openTokenizer(await written("grouped.json", grouped()));
    // Only the token that begins a text is added: this one has none.
    expect(tokenizer.vocabularySize).toBe(1 + groups.length + 2 + 1);
    expect(encodeText(tokenizer, "add 12 and 7")).toEqual([
      tokenizer.vocabularySize - 1,
      ...["add", "12", "and", "7"].map((word) => ["[UNK]", ...groups, "add", "and"].indexOf(word)),
    ]);
    expect(tokenizer.vocabularyIds(3)).toEqual([3]);
  });

  it("that knows words alone takes others for its unknown word, and has units for numbers", async () => {
    const tokenizer = await openTokenizer(await written("words.json", wordLevel(["[UNK]", "add", "and", "3"])));
    const texts = (text: string) => encodeText(tokenizer, text).map((id) => tokenizer.tokenText(id));
    expect(texts("add 3 to 44")).toEqual(["", "add", "3", "[UNK]", "44"]);
    expect(texts("")).toEqual([""]);
    const { numerals } = makeBatch(tokenizer, [encodeText(tokenizer, "add 3 and 44")]);
    expect(Array.from(numerals, (id) => tokenizer.tokenText(id))).toEqual(["3", "44"]);
  });

  it("that puts tokens before and after a text writes answers without them", async () => {
    const tokenizer = await openTokenizer(await written("both.json", wordPiece()));
    const vocabulary = new AnswerVocabulary(tokenizer, 4);
    expect(vocabulary.written(3).map((id) => tokenizer.tokenText(id))).toEqual(["[UNK]", "[UNK]", "[UNK]", "3"]);
    expect(new Set(vocabulary.values).size).toBe(4);
  });

  it("without an unknown word says which word it doesn't know", async () => {
    const { unk_token: _, ...model } = wordLevel(["add"]).model;
    const tokenizer = await openTokenizer(await written("strict.json", { ...wordLevel([]), model }));
    expect(() => encodeText(tokenizer, "add 3 to 4")).toThrow(/strict.json" has no token for "to", and none for what/);
  });

  it.each([
    ["no JSON", "{", /is not a tokenizer: it is not JSON/],
    ["a list", [], /is not a tokenizer: its contents: /],
    ["no model", { version: "1.0" }, /is not a tokenizer: model: /],
    ["no vocabulary", { model: { type: "BPE" } }, /is not a tokenizer: model\.vocab: /],
    ["an empty vocabulary", wordLevel([]), /is not a tokenizer: its vocabulary is empty/],
    ["merges missing", { ...bytePair(), model: { ...bytePair().model, merges: undefined } }, /is not a tokenizer: /],
    ["an unknown part", { ...bytePair(), pre_tokenizer: { type: "Tarot" } }, /is not a tokenizer: .*Tarot/],
  ])("that is damaged is refused: %s", async (_, contents, message) => {
    await expect(openTokenizer(await written("damaged.json", contents))).rejects.toThrow(message);
  });

  it("that is missing is refused", async () => {
    await expect(openTokenizer(path.join(folder, "none.json"))).rejects.toThrow(/there is no tokenizer ".*none.json"/);
    await expect(openTokenizer(folder)).rejects.toThrow(/there is no tokenizer/);
  });
});

describe("a model with a tokenizer from a file", () => {
  const n = 6;
  const programs: TabulatedProgram[] = [
    { name: "increment", operands: 1, n, values: Uint16Array.from({ length: n }, (_, a) => (a + 1) % n) },
    {
      name: "max",
      operands: 2,
      n,
      values: Uint16Array.from({ length: n * n }, (_, i) => Math.max(Math.floor(i / n), i % n)),
    },
  ];
  const tiny: Partial<TrainOptions> = {
    backend: "wasm",
    hidden: 32,
    heads: 4,
    feedForward: 64,
    batch: 16,
    steps: 300,
    learningRate: 0.006,
    warmUp: 20,
    curriculumSteps: 60,
    evaluateEvery: 25,
    evaluateSentences: 64,
    target: 0.9,
    seed: 5,
  };

  it("learns numbers that its tokenizer cuts up, and is asked", async () => {
    const place = path.join(folder, "cut");
    await mkdir(place);
    // Each digit is a token: 1 and 2 are what 12 is made of.
    await writeFile(path.join(place, "tokenizer.json"), JSON.stringify(bytePair()));
    const { outcome, model } = await train({ programs }, { ...tiny, tokenizer: place });
    expect(outcome).toBe("target reached");
    expect(ask(model, "the larger of 3 and 5").soft.value).toBe(5);
  });

  it("goes on to the same numbers, wherever its file has been moved, and with no other", async () => {
    const first = await written("first.json", bytePair());
    const checkpoint = path.join(folder, "moved.safetensors");
    const options = { ...tiny, steps: 4, evaluateSentences: 8, tokenizer: first };
    const whole = await train({ programs }, options);
    const stop = new AbortController();
    await train({ programs }, options, {
      checkpoint,
      signal: stop.signal,
      onProgress: ({ step }) => {
        if (step === 2) stop.abort();
      },
    });
    expect((await loadCheckpoint(checkpoint)).model.tokenizer.name).toBe(first);
    const second = path.join(folder, "second.json");
    await rename(first, second);
    await expect(loadCheckpoint(checkpoint)).rejects.toThrow(
      /moved.safetensors: there is no tokenizer ".*first.json".*\(option tokenizer says where it is now\)/,
    );
    await expect(loadCheckpoint(checkpoint, { tokenizer: await written("other.json", grouped()) })).rejects.toThrow(
      /tokenizer ".*other.json" \(SHA-256 [0-9a-f]{12}…\) is not the one that training used, ".*first.json" \(SHA-256 /,
    );
    await expect(loadCheckpoint(checkpoint, { tokenizer: "llama3" })).rejects.toThrow(
      /was trained with tokenizer ".*first.json", not "llama3"/,
    );
    const { history, options: kept } = await resume(checkpoint, {}, { tokenizer: second });
    expect(history.losses).toEqual(whole.history.losses);
    expect(kept.tokenizer).toBe(second);
    // It is kept with the checkpoint, which goes on from there.
    expect((await loadCheckpoint(checkpoint)).model.tokenizer.name).toBe(second);
  });

  it.each([
    [{ tokenizer: "" }, '"tokenizer" is ""; it is the place of a file or folder'],
    [{ encoder: 3 }, '"encoder" is 3'],
    [{ tokenizer: "a.json", encoder: "b" }, 'encoder "b" reads with its own tokenizer: leave out tokenizer "a.json"'],
  ])("refuses options that can't be: %j", (options, message) => {
    expect(() => completeOptions(options)).toThrow(message);
  });
});
