import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { useBackend } from "../tensor/index.js";
import { ask } from "./ask.js";
import { type Encoder, openEncoder } from "./encoder.js";
import { evaluate, heldOutSentences } from "./evaluate.js";
import { FrozenStates } from "./frozen-states.js";
import { Model } from "./model.js";
import type { ModelSizes } from "./model-sizes.js";
import { DEFAULT_OPTIONS } from "./options.js";
import { random } from "./random.js";
import { SentenceSource } from "./sentences.js";
import { wordLevel } from "./testing.js";
import { openTokenizer, type Tokenizer } from "./tokenizer.js";

/**
 * A small encoder: each token has a fixed random vector, and a state is the token's vector with a little of its
 * neighbours', so that it knows where it stands, as a pretrained encoder's does.
 */
class NeighbourEncoder implements Encoder {
  readonly name = "neighbours";
  readonly sha256 = "0".repeat(64);
  readonly width = 24;
  /** Sequences that were asked for. */
  readonly asked: (readonly number[])[] = [];

  states(ids: readonly number[]): Float32Array {
    this.asked.push(ids);
    const vectors = ids.map((id) => {
      const next = random(17, id);
      return Array.from({ length: this.width }, () => 2 * next() - 1);
    });
    const at = (token: number, i: number) => vectors[token]?.[i] ?? 0;
    return Float32Array.from({ length: ids.length * this.width }, (_, place) => {
      const [token, i] = [Math.floor(place / this.width), place % this.width];
      return at(token, i) + 0.5 * at(token - 1, i) + 0.25 * at(token + 1, i);
    });
  }
}

const n = 6;
const programs: TabulatedProgram[] = [
  { name: "increment", operands: 1, n, values: Uint16Array.from({ length: n }, (_, a) => (a + 1) % n) },
  {
    name: "max",
    operands: 2,
    n,
    values: Uint16Array.from({ length: n * n }, (_, i) => Math.max(Math.trunc(i / n), i % n)),
  },
];
const sizes: ModelSizes = {
  ...DEFAULT_OPTIONS,
  hidden: 32,
  layers: 1,
  heads: 4,
  keyValueHeads: 2,
  feedForward: 48,
};

let folder = "";
let tokenizer: Tokenizer;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "softmachine-"));
  // Words as sentences have them, and single digits: a number of two digits is two tokens of the encoder's.
  const next = random(1);
  const source = new SentenceSource(programs);
  const drawn = Array.from({ length: 1000 }, () => source.draw(next, "train", programs).text.toLowerCase());
  const words = new Set(drawn.flatMap((text) => text.match(/[a-z]+|[^a-z0-9\s]/g) ?? []));
  const json = wordLevel(["[UNK]", "ab", "cd", "b", ..."0123456789", ...words]);
  const cut = { type: "Split", pattern: { Regex: "[a-z]+|[^a-z\\s]" }, behavior: "Isolated", invert: false };
  const pre_tokenizer = { type: "Sequence", pretokenizers: [{ type: "WhitespaceSplit" }, cut] };
  const file = path.join(folder, "words.json");
  await writeFile(file, JSON.stringify({ ...json, pre_tokenizer }));
  tokenizer = await openTokenizer(file);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const norm = (state: Float32Array) => Math.sqrt(state.reduce((sum, value) => sum + value * value, 0) / state.length);

describe("states of a frozen encoder", () => {
  it("are one a token, a number's the mean over its pieces, of one size", () => {
    const encoder = new NeighbourEncoder();
    const ids = tokenizer.encode("ab 12");
    const number = ids.length - 1;
    const states = new FrozenStates(encoder, tokenizer).of([ids]);
    // What begins the text is ours, and nothing to the encoder; "12" is "1" and "2" to it.
    const pieces = ids.map((id) => tokenizer.vocabularyIds(id).length);
    expect(pieces).toEqual([0, 1, 2]);
    const raw = encoder.states(ids.flatMap((id) => tokenizer.vocabularyIds(id)));
    const { width } = encoder;
    expect(norm(states.subarray(0, width))).toBe(0);
    for (let token = 1; token < ids.length; token++) {
      expect(norm(states.subarray(token * width, (token + 1) * width))).toBeCloseTo(1, 5);
    }
    const mean = Float32Array.from({ length: width }, (_, i) => (raw[width + i] + raw[2 * width + i]) / 2);
    mean.forEach((value, i) => {
      expect(states[number * width + i]).toBeCloseTo(value / norm(mean), 5);
    });
  });

  it("are computed once for each text, as long as there is room for them", () => {
    const encoder = new NeighbourEncoder();
    const texts = ["ab 12", "b", "cd 3"].map((text) => tokenizer.encode(text));
    const states = new FrozenStates(encoder, tokenizer);
    const together = states.of(texts);
    expect(states.of(texts)).toEqual(together);
    expect(encoder.asked.length).toBe(3);
    const narrow = new FrozenStates(encoder, tokenizer, 4 * encoder.width * (texts[1].length + texts[2].length));
    expect(narrow.of(texts)).toEqual(together);
    expect(narrow.of(texts.slice(1))).toEqual(together.subarray(texts[0].length * encoder.width));
    expect(encoder.asked.length).toBe(3 + 3);
    expect(narrow.of(texts.slice(0, 1))).toEqual(together.subarray(0, texts[0].length * encoder.width));
    expect(encoder.asked.length).toBe(3 + 3 + 1);
  });
});

describe("a model with a frozen encoder", () => {
  it("learns to point and to choose from its states alone", async () => {
    const encoder = new NeighbourEncoder();
    const model = new Model(await useBackend("wasm"), tokenizer, programs, sizes, 3, { encoder });
    expect(model.shapes["encoder.projection"]).toEqual([encoder.width, sizes.hidden]);
    const source = new SentenceSource(programs);
    for (let step = 0; step < 150; step++) {
      const next = random(9, step);
      const about = [...source.oneOperandPrograms, ...(step < 30 ? [] : source.severalOperandPrograms)];
      const sentences = Array.from({ length: 24 }, () => source.draw(next, "train", about));
      model.train(sentences, { rate: 0.006, numeralRate: 0.18, clipNorm: 1 });
    }
    expect(evaluate(model, heldOutSentences(programs, "held-out operands", 64, { seed: 4 })).accuracy).toBeGreaterThan(
      0.9,
    );
    // No embedding is trained, but which tokens were seen is known.
    expect(model.parameterCount.embedding).toBe(0);
    expect(ask(model, "increment 3").doubts.join()).not.toContain("never seen");
    expect(ask(model, "increment § 3").doubts.join()).toContain("never seen");
  });
});

describe("an encoder's folder", () => {
  const made = async (name: string, files: readonly string[]) => {
    const place = path.join(folder, name);
    await mkdir(path.join(place, "onnx"), { recursive: true });
    for (const file of files) await writeFile(path.join(place, file), "{}");
    return place;
  };

  it("is refused when it is missing, or lacks a part", async () => {
    await expect(openEncoder(path.join(folder, "none"))).rejects.toThrow(
      /there is no encoder ".*none": .*none is downloaded/,
    );
    await expect(openEncoder(await made("bare", []))).rejects.toThrow(/bare" has no config.json/);
    await expect(openEncoder(await made("weightless", ["config.json"]))).rejects.toThrow(
      /weightless" has no onnx\/model.onnx or onnx\/model_quantized.onnx/,
    );
  });

  it("needs an optional package, and says in a line how to get it", async () => {
    const place = await made("whole", ["config.json", "onnx/model.onnx"]);
    await expect(openEncoder(place, ["@softmachine/not-there", "@softmachine/nor-this"])).rejects.toThrow(
      /^an encoder needs an optional package: npm install @softmachine\/not-there \(or @softmachine\/nor-this\)$/,
    );
  });
});
