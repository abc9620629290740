import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TabulatedProgram } from "../machine/index.js";
import { PHRASES } from "./phrases/phrases.js";
import { random } from "./random.js";
import { isHeldOut, SentenceSource } from "./sentences.js";
import { phrasesFor } from "./templates.js";
import { CONTINUATIONS, isHeldOutPair, TwoStepSource } from "./two-step-sentences.js";

const n = 32;
const program = (name: string, operands: number, f: (a: number, b: number) => number): TabulatedProgram => ({
  name,
  operands,
  n,
  values: Uint16Array.from({ length: n ** operands }, (_, i) =>
    operands === 1 ? f(i, 0) : f(Math.floor(i / n), i % n),
  ),
});
const programs = [
  program("add", 2, (a, b) => (a + b) % n),
  program("subtract", 2, (a, b) => (a - b + n) % n),
  program("max", 2, Math.max),
  program("multiply", 2, (a, b) => (a * b) % n),
  program("increment", 1, (a) => (a + 1) % n),
  program("double", 1, (a) => (2 * a) % n),
];
const source = new TwoStepSource(programs);

describe("two-step questions", () => {
  it("carry the composition's answer, name every number, and keep the splits apart", () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.constantFrom("train", "held-out operands", "held-out templates", "held-out compositions"),
        (seed, split) => {
          const { text, answer, steps = [] } = source.draw(random(seed), split);
          const [first, second] = steps;
          const table = (name: string) => programs.find((candidate) => candidate.name === name) ?? programs[0];
          const run = ({ program: name, operands }: typeof first) =>
            table(name).values[operands.reduce((index, operand) => index * n + operand, 0)];
          expect(second.operands).toContain(run(first));
          expect(run(second)).toBe(answer);
          const numbers = Array.from(text.matchAll(/[0-9]+/g), ([digits]) => Number(digits));
          const rest = [...second.operands];
          rest.splice(rest.indexOf(run(first)), 1);
          expect([...numbers].sort()).toEqual([...first.operands, ...rest].sort());
          expect(isHeldOutPair(first.program, second.program)).toBe(split === "held-out compositions");
          if (split === "held-out operands") expect(numbers.length).toBeGreaterThan(1);
          if (split === "train") expect([first, second].some(({ operands }) => isHeldOut(operands))).toBe(false);
          const tuple = [...first.operands, ...rest];
          if (rest.length <= 1 && first.operands.length > 1) expect(isHeldOut(tuple)).toBe(split !== "train");
        },
      ),
    );
  });

  it("tell the order of their programs more often where operands are drawn again", () => {
    const ofMax = new TwoStepSource([programs[2], programs[4]]);
    const tellingShare = (redraws: number) => {
      const sentences = Array.from({ length: 600 }, (_, seed) => ofMax.draw(random(seed), "train", redraws));
      const incremented = sentences.filter(({ program }) => program === "increment, then max");
      const telling = incremented.filter(({ text, answer }) => {
        const numbers = Array.from(text.matchAll(/[0-9]+/g), ([digits]) => Number(digits));
        return (Math.max(...numbers) + 1) % n !== answer;
      });
      return telling.length / incremented.length;
    };
    expect(tellingShare(0)).toBeLessThan(0.7);
    expect(tellingShare(8)).toBeGreaterThan(0.95);
  });

  it("are worded one after the other and one within the other, without ambiguity", () => {
    const texts = Array.from({ length: 600 }, (_, seed) => source.draw(random(seed), "train").text);
    expect(texts.some((text) => /, then .*(the result|the answer|it|that)/.test(text))).toBe(true);
    expect(
      texts.some((text) =>
        /the [a-z]+ of [0-9]+ and [0-9]+, (times|plus|minus|multiplied by|added to) [0-9]+/i.test(text),
      ),
    ).toBe(true);
    expect(texts.some((text) => /\([0-9]+ plus [0-9]+\)/.test(text))).toBe(true);
    // An operator never stands between three numbers without parentheses.
    for (const text of texts)
      expect(text).not.toMatch(/[0-9]+ (plus|minus|times|[-+*]) [0-9]+ (plus|minus|times|[-+*])/);
  });

  it("are of each composition as often, whatever the numbers that it takes", () => {
    for (const split of ["train", "held-out templates", "held-out compositions"] as const) {
      const counts = new Map<string, number>();
      for (let seed = 0; seed < 3000; seed++) {
        const { program = "" } = source.draw(random(seed), split);
        counts.set(program, (counts.get(program) ?? 0) + 1);
      }
      const each = 3000 / counts.size;
      for (const count of counts.values()) expect(Math.abs(count - each)).toBeLessThan(5 * Math.sqrt(each));
    }
  });

  it("to calibrate on and to test on share no held-out phrase of a program that has one for each", () => {
    const commands = phrasesFor("double", 1).heldOutCommands;
    const uses = (split: "calibration templates" | "test templates") => {
      const texts = Array.from({ length: 2000 }, (_, seed) => source.draw(random(seed), split).text.toLowerCase());
      return commands.filter((phrase) => {
        const words = phrase
          .replace(/the number (?=\{)/, "")
          .split("{a}")[0]
          .trim();
        return texts.some((text) => text.includes(`${words} `));
      });
    };
    const [calibrated, tested] = [uses("calibration templates"), uses("test templates")];
    expect([...calibrated, ...tested].length).toBeGreaterThan(0);
    expect(calibrated.filter((phrase) => tested.includes(phrase))).toEqual([]);
  });

  it("are put together from the templates of their sentences alone", () => {
    const few = new SentenceSource(programs, { templates: 1, seed: 3 });
    const words = (name: string) =>
      few.templates(name, "train").flatMap(({ phrase }) => phrase.split(/(?:the (?:number|value) )?\{[ab]\}/));
    const ofFew = new TwoStepSource(programs, few);
    for (let seed = 0; seed < 200; seed++) {
      const { text, steps = [] } = ofFew.draw(random(seed), "train");
      for (const { program: name } of steps) {
        for (const part of words(name)) expect(text.toLowerCase()).toContain(part.trim());
      }
    }
  });

  it("never begin as a held-out command does: with a frame's words before an expression", () => {
    const verbs = CONTINUATIONS.train.map((frame) => frame.slice(0, frame.indexOf("{")));
    for (const { expressions, heldOutCommands } of Object.values(PHRASES)) {
      const begun = expressions.flatMap((expression) => verbs.map((verb) => verb + expression));
      expect(begun.filter((text) => heldOutCommands.includes(text))).toEqual([]);
    }
  });

  it("use held-out phrases in held-out templates only", () => {
    const held = phrasesFor("double", 1).heldOutCommands.map((phrase) => phrase.replace("{a}", ""));
    const texts = (split: "train" | "held-out templates") =>
      Array.from({ length: 600 }, (_, seed) => source.draw(random(seed), split).text.toLowerCase());
    const uses = (text: string) => held.some((phrase) => text.includes(phrase));
    expect(texts("train").some(uses)).toBe(false);
    expect(texts("held-out templates").some(uses)).toBe(true);
  });
});
