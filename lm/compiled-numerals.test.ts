import { beforeAll, describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { useBackend } from "../tensor/index.js";
import { isNumeral } from "./batch.js";
import { flashedRow, NUMERALS, type Numerals, valueOfDigits } from "./compiled-numerals.js";
import { Model } from "./model.js";
import type { ModelSizes } from "./model-sizes.js";
import { checkNumerals } from "./numeral-check.js";
import { completeOptions } from "./options.js";
import type { Sentence } from "./sentences.js";
import { llama3Tokenizer, type Tokenizer } from "./tokenizer.js";

let tokenizer: Tokenizer;
beforeAll(async () => {
  tokenizer = await llama3Tokenizer();
});

describe("the compiled numeral program", () => {
  it("gives every number token of the tokenizer its value", () => {
    for (let number = 0; number < 1000; number++) {
      const [token] = tokenizer.encode(`${number}`).filter((id) => isNumeral(tokenizer, id));
      expect(valueOfDigits(tokenizer.tokenText(token))).toBe(number);
    }
  });

  it.each([
    ["007", 7],
    ["0000000000000", 0],
    ["4294967295", 4294967295],
    ["4294967296", 0],
    ["9999999999", 9999999999 % 2 ** 32],
    ["10000000000", undefined],
  ])("reads %s as %s, modulo 2^32", (text, value) => {
    expect(valueOfDigits(text)).toBe(value);
  });

  it("favours the value modulo n", () => {
    expect(flashedRow("37", 32, 9)).toEqual(Float32Array.from({ length: 32 }, (_, v) => (v === 5 ? 9 : 0)));
    expect(flashedRow("12345678901", 4, 9)).toEqual(new Float32Array(4));
  });
});

const n = 12;
const programs: TabulatedProgram[] = [
  { name: "increment", operands: 1, n, values: Uint16Array.from({ length: n }, (_, a) => (a + 1) % n) },
];
const sizes: ModelSizes = {
  hidden: 8,
  layers: 1,
  heads: 2,
  keyValueHeads: 1,
  feedForward: 12,
  calls: 1,
  laterLayers: 0,
  output: "value",
  embeddings: "tied",
  answerWeight: 1,
  operandHeads: "pointing",
  programHeads: "last",
  programChoice: "any",
  objective: "answers",
  numbers: "tokens",
  numerals: "learned",
  numeralSharpness: 6,
};
const sentences: Sentence[] = Array.from({ length: n }, (_, a) => ({ text: `Increment ${a}`, answer: (a + 1) % n }));
const modelOf = async (numerals: Numerals) =>
  new Model(await useBackend("wasm"), tokenizer, programs, { ...sizes, numerals }, 3);
const step = { rate: 0.01, numeralRate: 0.3, clipNorm: 1 };

describe("numerals", () => {
  it.each(NUMERALS)("that are %s begin and change as they should", async (numerals) => {
    const model = await modelOf(numerals);
    const rows = () => model.numerals.gather(model.batch(sentences.map(({ text }) => text)).numerals);
    expect(checkNumerals(model)).toMatchObject({ numbers: n, right: numerals === "learned" ? 0 : n });
    const before = rows();
    const numeralGradient = model.gradients(sentences).numerals;
    expect(numeralGradient.length).toBe(numerals === "frozen" ? 0 : n * n);
    for (let i = 0; i < 30; i++) model.train(sentences, step);
    expect(checkNumerals(model)).toEqual({ numbers: n, right: n, wrong: [] });
    const changed = rows().some((value, i) => value !== before[i]);
    expect(changed).toBe(numerals !== "frozen");
    expect(model.parameterCount.numerals).toBe(numerals === "frozen" ? 0 : n * n);
  });

  it("that are read wrong are named", async () => {
    const model = await modelOf("flashed");
    // The answers of "decrement" under the name of "increment" teach another meaning of the numerals.
    const wrong = sentences.map(({ text, answer }) => ({ text, answer: (answer + n - 2) % n }));
    for (let i = 0; i < 60; i++) model.train(wrong, { ...step, numeralRate: 1 });
    const check = checkNumerals(model);
    expect(check?.right).toBe(0);
    expect(check?.wrong[3]).toEqual({ number: 3, readAs: 1 });
  });

  it("that are compiled want heads that read them", () => {
    expect(() => completeOptions({ numerals: "frozen", operandHeads: "free" })).toThrow(
      'numerals "frozen" are read by pointing heads, and operandHeads is "free"',
    );
  });
});
