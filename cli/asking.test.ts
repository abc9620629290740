import { beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_OPTIONS, llama3Tokenizer, Model, type ModelSizes, type Sentence } from "../lm/index.js";
import { useBackend } from "../tensor/index.js";
import { answerJson, answerText, askFully, type FullAnswer } from "./asking.js";

const n = 5;
const tables = [
  { name: "increment", operands: 1, n, values: Uint16Array.of(1, 2, 3, 4, 0) },
  {
    name: "subtract",
    operands: 2,
    n,
    values: Uint16Array.from({ length: n * n }, (_, i) => (Math.floor(i / n) - (i % n) + n) % n),
  },
];
const programs = [
  { name: "increment", source: "(define (increment a) (+ a 1))", operands: [{ name: "a" }] },
  { name: "subtract", source: "(define (subtract a b) (- a b))", operands: [{ name: "a" }, { name: "b" }] },
];
const nested: Sentence = {
  text: "What is 1 minus (4 minus 1)?",
  answer: 3,
  steps: [
    { program: "subtract", operands: [4, 1] },
    { program: "subtract", operands: [1, 3] },
  ],
};
const shown: Sentence[] = [
  nested,
  ...[0, 1, 2, 3, 4].map((a) => ({
    text: `Increment ${a}`,
    answer: (a + 1) % n,
    program: "increment",
    operands: [a],
  })),
];

describe("a question of two steps", () => {
  let answer: FullAnswer;

  beforeAll(async () => {
    const sizes: ModelSizes = {
      ...DEFAULT_OPTIONS,
      hidden: 16,
      layers: 2,
      heads: 4,
      feedForward: 12,
      objective: "calls",
      calls: 2,
      laterLayers: 1,
      output: "text",
    };
    const model = new Model(await useBackend("wasm"), await llama3Tokenizer(), tables, sizes, 3);
    for (let step = 0; step < 60; step++) model.train(shown, { rate: 0.02, numeralRate: 0.2, clipNorm: 1 });
    answer = askFully({ model, sentences: [] }, nested.text, programs);
  });

  it("is answered exactly by the composition of both calls, not modulo n", () => {
    expect(answer).toMatchObject({ exact: 3, modulo: 3, second: { exact: -2, modulo: 3 } });
    const text = answerText(answer, n).replace(/ \([0-9.]+ ?%\).*$/gm, "");
    expect(text.split("\n").slice(0, 7)).toEqual([
      nested.text,
      "  program   subtract",
      "  operands  a = 4",
      "  result    3",
      "  then      subtract",
      "  operands  a = 1",
      "  exact     -2, 3 modulo 5",
    ]);
    expect(answerText(answer, n)).toMatch(/operands {2}a = 1 \(.*\), b = the result \(/);
    expect(text).toContain("  written   the answer is 3");
  });

  it("is data with both calls", () => {
    expect(answerJson(answer, n)).toMatchObject({
      answer: { value: -2, modulo: 3 },
      program: { name: "subtract" },
      exact: { value: 3, modulo: 3 },
      second: {
        program: { name: "subtract" },
        operands: [
          { name: "a", value: 1, fromResult: false },
          { name: "b", value: 3, fromResult: true },
        ],
        exact: { value: -2, modulo: 3 },
      },
      written: "the answer is 3",
      soft: { value: 3 },
    });
  });
});
