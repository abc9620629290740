import { beforeAll, describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { useBackend } from "../tensor/index.js";
import { Model } from "./model.js";
import type { ModelSizes } from "./model-sizes.js";
import type { Reading } from "./reading.js";
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
  hidden: 8,
  layers: 2,
  heads: 4,
  keyValueHeads: 2,
  feedForward: 12,
  operandHeads: "pointing",
  programHeads: "last",
  programChoice: "any",
  objective: "answers",
  calls: 1,
  laterLayers: 0,
  output: "value",
  embeddings: "tied",
  answerWeight: 1,
  numbers: "tokens",
  numerals: "learned",
  numeralSharpness: 12,
};
const sentences: Sentence[] = [
  { text: "Increment 3", answer: 4, program: "increment", operands: [3] },
  { text: "What is 4 minus 1?", answer: 3, program: "subtract", operands: [4, 1] },
  { text: "Please subtract 2 from 3.", answer: 1, program: "subtract", operands: [3, 2] },
];
const texts = sentences.map(({ text }) => text);

describe.each([
  ["wasm", "pointing", "answers", "tokens"],
  ["cpu", "pointing", "answers", "tokens"],
  ["wasm", "free", "answers", "tokens"],
  ["wasm", "pointing", "calls", "tokens"],
  ["wasm", "pointing", "direct", "tokens"],
  ["wasm", "pointing", "answers", "placeholders"],
] as const)(
  "a model on %s with %s heads, learning from %s, numbers as %s",
  (backend, operandHeads, objective, numbers) => {
    let model: Model;

    beforeAll(async () => {
      model = new Model(
        await useBackend(backend),
        await llama3Tokenizer(),
        programs,
        { ...sizes, operandHeads, objective, numbers },
        3,
      );
      // A few steps away from where the numeral table is zero and everything symmetric.
      for (let step = 0; step < 3; step++) model.train(sentences, { rate: 0.05, numeralRate: 0.5, clipNorm: 10 });
    });

    it("reads distributions", () => {
      for (const { calls, answers } of model.read(texts)) {
        expect(calls.length).toBe(objective === "direct" ? 0 : 1);
        expect(answers.length).toBe(n);
        for (const { choice, operands } of calls) {
          expect(choice.length).toBe(2);
          expect(operands.length).toBe(2);
        }
        for (const distribution of [answers, ...calls.flatMap(({ choice, operands }) => [choice, ...operands])]) {
          expect(Array.from(distribution).reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
        }
      }
    });

    it("reads a text the same alone as beside longer ones", () => {
      const together = model.read(texts);
      texts.forEach((text, i) => {
        const [alone] = model.read([text]);
        const numbers = ({ calls, answers }: Reading) =>
          [answers, ...calls.flatMap(({ choice, operands }) => [choice, ...operands])].flatMap((p) => Array.from(p));
        const beside = numbers(together[i]);
        numbers(alone).forEach((p, j) => {
          expect(p).toBeCloseTo(beside[j], 4);
        });
      });
    });

    it("differentiates its loss as central differences do", () => {
      const exact = model.gradients(sentences);
      const loss = () => model.gradients(sentences).loss;
      // Single precision: a wide step, several entries of every parameter, and a tolerance to match.
      const h = 1e-2;
      for (const [name, { value }] of model.dense) {
        const gradient = exact.dense.get(name) ?? new Float32Array();
        expect(gradient.length).toBe(value.length);
        for (const at of [0, Math.floor(value.length / 2), value.length - 1]) {
          const kept = value[at];
          value[at] = kept + h;
          const up = loss();
          value[at] = kept - h;
          const down = loss();
          value[at] = kept;
          const numeric = (up - down) / (2 * h);
          expect(Math.abs(gradient[at] - numeric), `${name}[${at}]: ${gradient[at]} and ${numeric}`).toBeLessThan(
            5e-3 + 0.05 * Math.abs(numeric),
          );
        }
      }
    });

    it("learns the texts it is shown", () => {
      const before = model.gradients(sentences).loss;
      for (let step = 0; step < 40; step++) model.train(sentences, { rate: 0.02, numeralRate: 0.2, clipNorm: 1 });
      expect(model.gradients(sentences).loss).toBeLessThan(Math.min(0.1, before));
    });

    it("leaves no tensors behind", () => {
      const { tf } = model;
      model.read(texts);
      const before = tf.memory().numTensors;
      model.train(sentences, { rate: 0, numeralRate: 0, clipNorm: 1 });
      model.read(texts);
      expect(tf.memory().numTensors).toBe(before);
    });
  },
);

describe("numbers as placeholders", () => {
  it("are read without the transformer seeing their values", async () => {
    const placed: ModelSizes = { ...sizes, numbers: "placeholders" };
    const model = new Model(await useBackend("wasm"), await llama3Tokenizer(), programs, placed, 3);
    for (let step = 0; step < 3; step++) model.train(sentences, { rate: 0.05, numeralRate: 0.5, clipNorm: 10 });
    const [three, one] = model.read(["Increment 3", "Increment 1"]).map(({ calls: [call] }) => call);
    expect(three.choice).toEqual(one.choice);
    expect(three.operands[0]).not.toEqual(one.operands[0]);
    expect(model.embedding.tokens).not.toContain(model.encode("3").at(-1));
  });
});

describe("programs that fit", () => {
  it.each<Partial<ModelSizes>>([
    {},
    { numbers: "digits" },
    { numbers: "placeholders" },
    { operandHeads: "free" },
    { output: "text", laterLayers: 1 },
  ])("take no more operands than the text has numbers, unless none does: %j", async (given) => {
    const three: TabulatedProgram = { name: "clamp", operands: 3, n, values: new Uint16Array(n ** 3) };
    const free: ModelSizes = { ...sizes, ...given };
    const fitting: ModelSizes = { ...free, programChoice: "fitting" };
    const all = [...programs, three];
    const [tf, tokenizer] = [await useBackend("wasm"), await llama3Tokenizer()];
    const [model, any] = [fitting, free].map((each) => new Model(tf, tokenizer, all, each, 3));
    const asked = ["Increment 3", "What is 4 minus 1?", "Clamp 2 to 1 and 3", "Increment it", "1 and 1 and 1 and 1"];
    const choices = (of: Model) => of.read(asked).map(({ calls: [{ choice }] }) => Array.from(choice));
    const chosen = choices(model);
    expect(chosen.map((choice) => choice.map((p) => p > 0))).toEqual([
      [true, false, false],
      [true, true, false],
      [true, true, true],
      [true, true, true],
      [true, true, true],
    ]);
    for (const choice of chosen) expect(choice.reduce((sum, p) => sum + p, 0)).toBeCloseTo(1, 5);
    // What fits keeps its odds.
    choices(any).forEach(([increment, subtract], i) => {
      if (i !== 0) expect(chosen[i][1] / chosen[i][0]).toBeCloseTo(subtract / increment, 4);
    });
    expect(model.read([])).toEqual([]);
    if (given.output === "text") expect(model.write(asked)).toHaveLength(asked.length);
  });
});

describe("sizes", () => {
  it.each([
    [{ heads: 3 }, "hidden 8 doesn't divide into 3 heads of an even width"],
    [{ keyValueHeads: 3 }, "4 heads can't share 3 key-value heads"],
    [{ layers: 0 }, "layers must be a whole number above 0, not 0"],
  ])("that can't be are refused: %j", async (wrong, message) => {
    const tf = await useBackend("cpu");
    const tokenizer = await llama3Tokenizer();
    expect(() => new Model(tf, tokenizer, programs, { ...sizes, ...wrong }, 1)).toThrow(message);
  });

  it("of the answers must be numbers of one token", async () => {
    const values = new Uint16Array(1001);
    const tf = await useBackend("cpu");
    const tokenizer = await llama3Tokenizer();
    expect(() => new Model(tf, tokenizer, [{ name: "a", operands: 1, n: 1001, values }], sizes, 1)).toThrow(
      /at most 1000/,
    );
  });
});
