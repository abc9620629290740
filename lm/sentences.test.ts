import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { heldOutSentences } from "./evaluate.js";
import { random } from "./random.js";
import { answerOf, dropWords, isHeldOut, leavesOperandsOut, parseSentences, SentenceSource } from "./sentences.js";
import { fill, templatesOf } from "./templates.js";

const n = 16;
const program = (name: string, operands: number, f: (...x: number[]) => number): TabulatedProgram => ({
  name,
  operands,
  n,
  values: Uint16Array.from({ length: n ** operands }, (_, index) =>
    f(...Array.from({ length: operands }, (_, slot) => Math.floor(index / n ** (operands - 1 - slot)) % n)),
  ),
});
const programs = [
  program("increment", 1, (a) => (a + 1) % n),
  program("subtract", 2, (a, b) => (a - b + n) % n),
  program("weigh-three", 3, (a, b, c) => (a + 2 * b + 3 * c) % n),
];

describe("templates", () => {
  it("come from the name of a program without words of its own", () => {
    const texts = templatesOf("weigh-three", 3).map(({ text }) => fill(text, [1, 2, 3]));
    expect(texts).toContain("What is weigh-three(1, 2, 3)?");
    expect(texts).toContain("Apply weigh three to 1, 2 and 3.");
    for (const operands of [1, 2, 3]) {
      const templates = templatesOf("weigh", operands);
      const seen = new Set(templates.filter(({ heldOut }) => !heldOut).map(({ text }) => text.toLowerCase()));
      const unseen = templates.filter(({ heldOut }) => heldOut).map(({ text }) => text.toLowerCase());
      expect(unseen.length).toBeGreaterThan(10);
      expect(unseen.filter((text) => seen.has(text))).toEqual([]);
    }
    // A program of the same name with other operands does not mean the same.
    expect(templatesOf("add", 1).every(({ text }) => !text.includes("{b}"))).toBe(true);
  });
});

describe("sentences", () => {
  it("are of no more templates than asked for, which the seed chooses; held-out ones stay", () => {
    const shapes = (split: "train" | "held-out operands" | "held-out templates", most: number, seed: number) => {
      const source = new SentenceSource(programs, { templates: most, seed });
      const texts = Array.from({ length: 400 }, (_, i) => source.draw(random(i), split, [programs[1]]).text);
      return new Set(texts.map((text) => text.replace(/[0-9]+/g, "#")));
    };
    expect(shapes("train", 3, 1).size).toBe(3);
    expect(shapes("held-out operands", 3, 1)).toEqual(shapes("train", 3, 1));
    expect(shapes("train", 3, 2)).not.toEqual(shapes("train", 3, 1));
    expect(shapes("held-out templates", 3, 1)).toEqual(shapes("held-out templates", 1000, 1));
    expect(shapes("train", 1000, 1)).toEqual(shapes("train", 1000, 2));
  });

  it("carry the program's answer and keep the splits apart", () => {
    const source = new SentenceSource(programs);
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom("train", "held-out operands", "held-out templates"), (seed, split) => {
        const { text, answer, program: name, operands = [] } = source.draw(random(seed), split);
        const table = programs.find((candidate) => candidate.name === name) ?? programs[0];
        expect(answer).toBe(answerOf(table, operands));
        for (const operand of operands) expect(text).toContain(String(operand));
        if (operands.length > 1) expect(isHeldOut(operands)).toBe(split !== "train");
        const seen = templatesOf(table.name, table.operands)
          .filter(({ heldOut }) => heldOut === (split === "held-out templates"))
          .map((template) => fill(template.text, operands));
        expect(seen).toContain(text);
      }),
    );
  });

  it("speak of depths and ranges that make sense", () => {
    const clamp = program("clamp", 3, (a, low, high) => Math.min(Math.max(a, low), high));
    const fibonacci = program("fibonacci", 3, (a) => a);
    const median = program("median-of-three", 3, (a) => a);
    const operandsOf = (drawn: TabulatedProgram, seed: number) =>
      new SentenceSource([drawn]).draw(random(seed), "train").operands ?? [];
    const seeds = Array.from({ length: 300 }, (_, seed) => seed);
    for (const seed of seeds) {
      const [, low, high] = operandsOf(clamp, seed);
      expect(low).toBeLessThanOrEqual(high);
    }
    const thirds = (drawn: TabulatedProgram) => seeds.map((seed) => operandsOf(drawn, seed)[2]);
    expect(Math.max(...thirds(fibonacci))).toBe(10);
    expect(Math.max(...thirds(median))).toBe(n - 1);
  });

  it("ask what is answered by yes or no for either as often, and keep the splits apart", () => {
    const equal = program("is-equal", 2, (a, b) => (a === b ? 1 : 0));
    const source = new SentenceSource([equal]);
    for (const split of ["train", "held-out operands"] as const) {
      const drawn = Array.from({ length: 400 }, (_, seed) => source.draw(random(seed), split));
      const yes = drawn.filter(({ answer }) => answer === 1).length;
      expect(yes).toBeGreaterThan(150);
      expect(yes).toBeLessThan(250);
      expect(drawn.every(({ operands = [] }) => isHeldOut(operands) === (split !== "train"))).toBe(true);
    }
    const never = new SentenceSource([program("is-equal", 2, () => 0)]).draw(random(1), "train");
    expect([never.answer, isHeldOut(never.operands ?? [])]).toEqual([0, false]);
  });

  it("hold out a fifth of all pairs, and no single operand", () => {
    let heldOut = 0;
    for (let a = 0; a < 64; a++) {
      expect(isHeldOut([a])).toBe(false);
      for (let b = 0; b < 64; b++) heldOut += isHeldOut([a, b]) ? 1 : 0;
    }
    expect(heldOut / 4096).toBeGreaterThan(0.17);
    expect(heldOut / 4096).toBeLessThan(0.23);
  });

  it("are the same whenever they are drawn with the same seed", () => {
    const draw = (seed: number) => heldOutSentences(programs, "held-out operands", 20, { seed });
    expect(draw(3)).toEqual(draw(3));
    expect(draw(4)).not.toEqual(draw(3));
    expect(draw(3).every(({ operands }) => operands !== undefined && operands.length > 1)).toBe(true);
  });

  it("lose words at the rate asked for, and never a number", () => {
    const text = "Please take 3 away from 14, now.";
    expect(dropWords(random(1), text, 0)).toBe(text);
    expect(dropWords(random(1), text, 1)).toBe("3 14,");
    let words = 0;
    for (let seed = 0; seed < 2000; seed++) words += dropWords(random(seed), text, 0.1).split(" ").length;
    expect(words / 2000).toBeGreaterThan(2 + 5 * 0.87);
    expect(words / 2000).toBeLessThan(2 + 5 * 0.93);
  });

  it("leave operands out where there are several of them, and enough values", () => {
    expect(leavesOperandsOut(programs)).toBe(true);
    expect(leavesOperandsOut([programs[0]])).toBe(false);
    const tiny: TabulatedProgram = { name: "add", operands: 2, n: 1, values: new Uint16Array(1) };
    expect(leavesOperandsOut([tiny])).toBe(isHeldOut([0, 0]));
  });

  it("of one's own are read from JSON lines", () => {
    expect(parseSentences('{"text": "add 1 and 2", "answer": 3}\n\n{"text":"x 1","answer":0}')).toEqual([
      { text: "add 1 and 2", answer: 3 },
      { text: "x 1", answer: 0 },
    ]);
  });

  it.each([
    ["{", "own.jsonl:2: not JSON"],
    ["7", "own.jsonl:2: not a JSON object"],
    ['{"answer": 3}', 'own.jsonl:2: "text" is not a sentence'],
    ['{"text": "x", "answer": "3"}', 'own.jsonl:2: "answer" is not a whole number'],
    ['{"text": "x", "answer": -1}', 'own.jsonl:2: "answer" is not a whole number'],
  ])("are refused with their line: %s", (line, message) => {
    expect(() => parseSentences(`{"text": "a 1", "answer": 1}\n${line}`, "own.jsonl")).toThrow(message);
    expect(() => parseSentences("\n \n", "own.jsonl")).toThrow("own.jsonl has no sentences");
  });
});
