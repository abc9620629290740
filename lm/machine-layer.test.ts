import { describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { useBackend } from "../tensor/index.js";
import { ask } from "./ask.js";
import { evaluate, writtenAccuracy } from "./evaluate.js";
import { Model } from "./model.js";
import type { ModelSizes } from "./model-sizes.js";
import { DEFAULT_OPTIONS } from "./options.js";
import type { Sentence } from "./sentences.js";
import { llama3Tokenizer } from "./tokenizer.js";

const n = 5;
const programs: TabulatedProgram[] = [
  { name: "increment", operands: 1, n, values: Uint16Array.of(1, 2, 3, 4, 0) },
  {
    name: "subtract",
    operands: 2,
    n,
    values: Uint16Array.from({ length: 25 }, (_, i) => (Math.floor(i / n) - (i % n) + n) % n),
  },
];
const sizes: ModelSizes = {
  ...DEFAULT_OPTIONS,
  hidden: 8,
  feedForward: 12,
  calls: 2,
  laterLayers: 1,
};
const sentences: Sentence[] = [
  { text: "Increment 3", answer: 4, program: "increment", operands: [3] },
  {
    text: "Increment 3, then subtract 2 from it.",
    answer: 2,
    steps: [
      { program: "increment", operands: [3] },
      { program: "subtract", operands: [4, 2] },
    ],
  },
  {
    text: "What is 1 minus (4 minus 1)?",
    answer: 3,
    steps: [
      { program: "subtract", operands: [4, 1] },
      { program: "subtract", operands: [1, 3] },
    ],
  },
];
const texts = sentences.map(({ text }) => text);

async function modelOf(given: Partial<ModelSizes>): Promise<Model> {
  return new Model(await useBackend("wasm"), await llama3Tokenizer(), programs, { ...sizes, ...given }, 3);
}

describe.each<[string, Partial<ModelSizes>]>([
  ["two calls", {}],
  ["two calls with a table of results", { embeddings: "untied", laterLayers: 2 }],
  ["two calls with free heads", { operandHeads: "free" }],
  ["two calls whose programs are pointed at", { programHeads: "pointing" }],
  ["a written call of a program that fits the numbers", { calls: 1, output: "text", programChoice: "fitting" }],
  ["a call whose program is pointed at, written", { calls: 1, output: "text", programHeads: "pointing" }],
  ["two labelled calls", { objective: "calls" }],
  ["a written answer", { calls: 1, output: "text" }],
  ["a written answer alone", { calls: 1, output: "text", answerWeight: 0 }],
  ["a written answer of two calls, untied", { output: "text", embeddings: "untied" }],
  ["a written answer without a library", { calls: 1, output: "text", objective: "direct" }],
])("%s", (_, given) => {
  it("has the gradients of central differences", async () => {
    const model = await modelOf(given);
    for (let step = 0; step < 3; step++) model.train(sentences, { rate: 0.05, numeralRate: 0.5, clipNorm: 10 });
    const exact = model.gradients(sentences);
    const loss = () => model.gradients(sentences).loss;
    const h = 1e-2;
    const check = (name: string, value: Float32Array, gradient: ArrayLike<number>, places: readonly number[]) => {
      for (const at of places) {
        const kept = value[at];
        value[at] = kept + h;
        const up = loss();
        value[at] = kept - h;
        const down = loss();
        value[at] = kept;
        const numeric = (up - down) / (2 * h);
        expect(Math.abs(gradient[at] - numeric), `${name}[${at}]: ${gradient[at]} and ${numeric}`).toBeLessThan(
          1e-2 + 0.05 * Math.abs(numeric),
        );
      }
    };
    for (const [name, { value }] of model.dense) {
      // The layers before the first call feel all that comes after it.
      if (/^layers\.(?!0\.attention\.query|[2-9]\.attention\.value)/.test(name)) continue;
      check(name, value, exact.dense.get(name) ?? [], [value.length - 1]);
    }
    // A row that is read, embedded as a result and written, moved through what a checkpoint restores.
    const { tokens } = exact.batch;
    for (const row of [2, tokens.length - 1]) {
      const saved = model.embedding.save();
      const at = saved.tokens.indexOf(tokens[row]) * sizes.hidden;
      const moved = (by: number) => {
        const value = saved.value.slice();
        value[at] += by;
        model.embedding.restore({ ...saved, value });
        return loss();
      };
      const numeric = (moved(h) - moved(-h)) / (2 * h);
      moved(0);
      expect(Math.abs(exact.embedding[row * sizes.hidden] - numeric)).toBeLessThan(1e-2 + 0.05 * Math.abs(numeric));
    }
  });

  it("reads distributions, learns, and leaves no tensors behind", async () => {
    const model = await modelOf(given);
    const before = model.tf.memory().numTensors;
    const start = model.gradients(sentences).loss;
    for (let step = 0; step < 60; step++) model.train(sentences, { rate: 0.02, numeralRate: 0.2, clipNorm: 1 });
    expect(model.gradients(sentences).loss).toBeLessThan(0.5 * start);
    for (const { calls, answers } of model.read(texts)) {
      expect(calls.length).toBe(model.sizes.objective === "direct" ? 0 : model.sizes.calls);
      const weights = calls.map(({ weight }) => weight);
      for (const p of [answers, ...calls.flatMap(({ choice, operands }) => [choice, ...operands])]) {
        expect(Array.from(p).reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 4);
      }
      if (calls.length > 0) expect(weights.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 5);
      for (const share of calls[1]?.fromResult ?? []) expect(share).toBeGreaterThanOrEqual(0);
    }
    if (model.sizes.output === "text") {
      expect(model.write(texts)).toEqual(sentences.map(({ answer }) => `the answer is ${answer}`));
      expect(model.write(texts.slice(1, 2))).toEqual(["the answer is 2"]);
      expect(writtenAccuracy(model, sentences)).toBe(1);
      expect(writtenAccuracy(model, [sentences[0], { ...sentences[1], answer: 3 }])).toBe(0.5);
    } else expect(() => model.write(texts)).toThrow('this model writes nothing: it was trained without output "text"');
    expect(model.tf.memory().numTensors).toBe(before);
  });
});

describe("asking a model of two calls", () => {
  it("shows both, and where the second takes the first one's result", async () => {
    const model = await modelOf({ objective: "calls", hidden: 16 });
    const counting = [0, 1, 2, 4].map((a) => ({
      text: `Increment ${a}`,
      answer: (a + 1) % n,
      program: "increment",
      operands: [a],
    }));
    const shown = [...sentences, ...counting];
    for (let step = 0; step < 60; step++) model.train(shown, { rate: 0.02, numeralRate: 0.2, clipNorm: 1 });
    const answer = ask(model, texts[2]);
    expect(answer.call).toEqual({ program: "subtract", operands: [4, 1], answer: 3 });
    expect(answer.second).toMatchObject({
      program: { value: "subtract" },
      operands: [
        { value: 1, fromResult: false },
        { value: 3, fromResult: true },
      ],
      answer: 3,
    });
    expect(answer.second?.weight).toBeGreaterThan(0.8);
    expect(answer.soft.value).toBe(3);
    expect(answer.doubts.join()).not.toContain("not used");
    expect(ask(model, texts[0])).not.toHaveProperty("second");
    expect(evaluate(model, shown)).toMatchObject({ accuracy: 1, parsedAccuracy: 1 });
  });
});

describe("calls, layers and output that do not fit each other", () => {
  it.each<[Partial<ModelSizes>, string]>([
    [{ laterLayers: 0 }, "calls 2 needs laterLayers of 1 or more"],
    [{ calls: 1, output: "text", laterLayers: 0 }, 'output "text" needs laterLayers of 1 or more'],
    [{ calls: 1 }, "laterLayers 1 would read a result for nothing"],
    [{ calls: 3 }, "calls must be 1 or 2, not 3"],
    [{ laterLayers: -1 }, "laterLayers must be a whole number of 0 or more, not -1"],
  ])("are refused: %j", async (given, message) => {
    await expect(modelOf(given)).rejects.toThrow(message);
  });

  it("are refused with a tokenizer that has no token for each number", async () => {
    const tokenizer = await llama3Tokenizer();
    const tf = await useBackend("wasm");
    const byLetter = {
      ...tokenizer,
      name: "letters",
      encode: (text: string) => Array.from(text, (letter) => letter.codePointAt(0) ?? 0),
    };
    const many = [{ name: "one", operands: 1, n: 12, values: new Uint16Array(12) }];
    expect(() => new Model(tf, byLetter, many, sizes, 1)).toThrow(
      'tokenizer "letters" has no token of its own for each number of 0..11',
    );
  });
});
