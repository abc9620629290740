import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { compileProgram, readPrograms } from "../library/index.js";
import type { TabulatedProgram } from "../machine/index.js";
import { useBackend } from "../tensor/index.js";
import { ask } from "./ask.js";
import { encodeDigitText } from "./batch.js";
import { BitMachine } from "./bit-machine.js";
import { digitTable, readBits } from "./bit-reading.js";
import { evaluateLongNumbers, longNumberSentences } from "./long-numbers.js";
import { Model } from "./model.js";
import { checkNumerals } from "./numeral-check.js";
import { completeOptions, type TrainOptions } from "./options.js";
import { llama3Tokenizer } from "./tokenizer.js";
import { resume, type TrainResult, train } from "./train.js";

const n = 16;
const functions: Record<string, (a: number, b: number) => number> = {
  increment: (a) => a + 1,
  double: (a) => 2 * a,
  add: (a, b) => a + b,
  max: Math.max,
};
const names = Object.keys(functions);
const programs = names.map((name): TabulatedProgram => {
  const f = functions[name];
  const operands = name === "increment" || name === "double" ? 1 : 2;
  const values = Uint16Array.from({ length: n ** operands }, (_, i) =>
    operands === 1 ? f(i, 0) % n : f(Math.floor(i / n), i % n) % n,
  );
  return { name, operands, n, values };
});
const texts = await readPrograms();
const machine = new BitMachine(
  names.flatMap((name) => texts.filter((text) => text.name === name).map((text) => compileProgram(text, 16))),
);
const options: Partial<TrainOptions> = {
  backend: "wasm",
  numbers: "digits",
  hidden: 32,
  heads: 4,
  keyValueHeads: 2,
  feedForward: 64,
  batch: 32,
  steps: 150,
  learningRate: 0.006,
  numeralRateFactor: 60,
  warmUp: 20,
  curriculumSteps: 100,
  evaluateEvery: 50,
  evaluateSentences: 64,
  target: 2,
  seed: 5,
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), "softmachine-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("texts whose numbers are read by digits", async () => {
  const tokenizer = await llama3Tokenizer();

  it("are the same tokens whatever their numbers", () => {
    const { ids, numbers } = encodeDigitText(tokenizer, "Add 1234567890 to 0047.");
    expect(ids).toEqual(encodeDigitText(tokenizer, "add 3 to 4.").ids);
    expect(numbers).toEqual(["1234567890", "47"]);
    expect(encodeDigitText(tokenizer, "12345-6").numbers).toEqual(["12345", "6"]);
  });

  it("need pointing heads and a library", () => {
    for (const wrong of [{ operandHeads: "free" }, { objective: "direct" }] as const) {
      expect(() => completeOptions({ numbers: "digits", ...wrong })).toThrow(
        "numbers read as digits are for pointing heads",
      );
    }
  });
});

describe("a model trained on numbers of two digits", () => {
  let result: TrainResult;
  beforeAll(async () => {
    result = await train({ programs }, options);
  });

  it("has learned its digits", () => {
    expect(checkNumerals(result.model)).toEqual({ numbers: 10, right: 10, wrong: [] });
    digitTable(result.model).forEach((row, digit) => {
      expect(row[digit]).toBeGreaterThan(0.9);
    });
  });

  it.each([2, 5, 10, "mixed"] as const)("answers about numbers of more digits: %s", (length) => {
    const sentences = longNumberSentences(machine, names, { length, sentences: 64, seed: 1, heldOutTemplates: false });
    for (const { answer, program = "", operands = [] } of sentences) {
      expect(answer).toBe(functions[program](operands[0], operands[1]) % 2 ** 32);
      if (length !== "mixed") for (const operand of operands) expect(String(operand).length).toBe(length);
    }
    const { parsed, soft, byProgram } = evaluateLongNumbers(result.model, machine, sentences, { negligible: 0.1 });
    expect(parsed).toBeGreaterThan(0.9);
    expect(soft).toBeGreaterThan(0.9);
    expect(Object.keys(byProgram).sort()).toEqual([...names].sort());
  });

  it("is asked in free text", () => {
    const answer = ask(result.model, "What is 123456 plus 987654?", { machine });
    expect(answer.call).toMatchObject({ program: "add", answer: 1111110 });
    expect(answer.soft.value).toBe(1111110);
    expect(answer.bits?.length).toBe(32);
    expect(answer.doubts.filter((doubt) => doubt.startsWith("n"))).toEqual([]);
    expect(() => ask(result.model, "add 123456 and 3")).toThrow('"123456" can\'t be an operand');
    expect(() => ask(result.model, "add 4294967296 and 3", { machine })).toThrow("whole numbers from 0 to 4294967295");
    expect(() => readBits(result.model, machine, ["add"])).toThrow('there is no number in "add"');
  });

  it("differentiates the reading of digits as central differences do", () => {
    const { model } = result;
    const sentences = [
      { text: "Increment 12", answer: 3 },
      { text: "add 7 and 11", answer: 9 },
    ];
    const { numerals } = model.gradients(sentences);
    const rows = model.numerals.save();
    const loss = (at: number, change: number) => {
      model.numerals.restore({ ...rows, value: rows.value.map((v, i) => (i === at ? v + change : v)) });
      return model.gradients(sentences).loss;
    };
    for (const at of [11, 12, 20, 22, 29, 70, 77]) {
      const numeric = (loss(at, 0.02) - loss(at, -0.02)) / 0.04;
      expect(Math.abs(numerals[at] - numeric), `${at}`).toBeLessThan(2e-3 + 0.02 * Math.abs(numeric));
    }
    model.numerals.restore(rows);
  });
});

describe("a run that reads numbers by digits", () => {
  it("goes on from its checkpoint with the same numbers", async () => {
    const file = path.join(folder, "digits.safetensors");
    const short = { ...options, steps: 8, checkpointEvery: 3, evaluateEvery: 4, evaluateSentences: 8, batch: 8 };
    const numbers = ({ model, history }: TrainResult) => [history.losses, new Map(model.dense), model.numerals.save()];
    const whole = await train({ programs }, short);
    const stop = new AbortController();
    await train({ programs }, short, {
      checkpoint: file,
      signal: stop.signal,
      onProgress: ({ step }) => {
        if (step === 5) stop.abort();
      },
    });
    expect(numbers(await resume(file))).toEqual(numbers(whole));
  });

  it("leaves models of tokens alone", async () => {
    const model = new Model(await useBackend("wasm"), await llama3Tokenizer(), programs, completeOptions({}), 1);
    expect(() => readBits(model, machine, ["add 3 and 4"])).toThrow(/reads a number as one token/);
    expect(() => longNumberSentences(machine, names, { length: 11, sentences: 1, seed: 1 })).toThrow(
      "numbers of 11 digits",
    );
  });
});
