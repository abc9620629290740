import { describe, expect, it } from "vitest";
import { isCallable, readPrograms } from "../../library/index.js";
import { templatesOf } from "../templates.js";
import { BASIC_PROGRAMS, hasPhrases, PHRASES, phrasesOf } from "./phrases.js";

/** The least size of a machine: whatever a program's ranges, if a model can call it at some size, it can at this. */
const leastSize = 2;
const callable = new Map(
  (await readPrograms())
    .filter((program) => isCallable(program, leastSize))
    .map(({ name, operands }) => [name, operands.length]),
);
const names = Object.keys(PHRASES);

const seenOf = ({ expressions, commands, questions = [] }: (typeof PHRASES)[string]) => [
  ...expressions,
  ...commands,
  ...questions,
];
const heldOutOf = ({ heldOutExpressions, heldOutCommands, heldOutQuestions = [] }: (typeof PHRASES)[string]) => [
  ...heldOutExpressions,
  ...heldOutCommands,
  ...heldOutQuestions,
];
const wordsOf = (phrases: readonly string[]) =>
  new Set(
    phrases.flatMap(
      (phrase) =>
        phrase
          .toLowerCase()
          .replace(/\{[abc]\}/g, " ")
          .match(/\p{L}+|[^\s\p{L}]/gu) ?? [],
    ),
  );
/** A text as one reads it without knowing which number is which. */
const shapeOf = (text: string) => text.toLowerCase().replace(/\{[abc]\}/g, "#");

describe("phrases", () => {
  it("are there for every program of the library that a model can call, and for no other", () => {
    expect(names.toSorted()).toEqual([...callable.keys()].toSorted());
    expect(BASIC_PROGRAMS.filter((name) => !callable.has(name))).toEqual([]);
    expect(BASIC_PROGRAMS).toHaveLength(new Set(BASIC_PROGRAMS).size);
  });

  it.each(names)("of %s are ten or more, name each operand once, and two or more are held out", (name) => {
    const operands = callable.get(name) ?? 0;
    const seen = seenOf(PHRASES[name]);
    const heldOut = heldOutOf(PHRASES[name]);
    const distinct = new Set([...seen, ...heldOut].map(shapeOf));
    expect(distinct.size).toBeGreaterThanOrEqual(10);
    expect(new Set(heldOut).size).toBeGreaterThanOrEqual(2);
    for (const phrase of [...seen, ...heldOut]) {
      expect(phrase.match(/\{[abc]\}/g)?.sort(), phrase).toEqual(["{a}", "{b}", "{c}"].slice(0, operands));
      expect(phrase).not.toMatch(/[0-9]|^\s|\s$|\s\s|[?.]$/);
    }
    expect(phrasesOf(name, operands)).toBe(PHRASES[name]);
  });

  it.each(names)("of %s that are held out are new, and of words that the others teach", (name) => {
    const templates = templatesOf(name, callable.get(name) ?? 0);
    const seen = new Set(templates.filter(({ heldOut }) => !heldOut).map(({ text }) => text.toLowerCase()));
    const unseen = templates.filter(({ heldOut }) => heldOut).map(({ text }) => text.toLowerCase());
    expect(unseen.filter((text) => seen.has(text))).toEqual([]);
    expect(unseen).toHaveLength(new Set(unseen).size);
    const known = wordsOf(seenOf(PHRASES[name]));
    expect([...wordsOf(heldOutOf(PHRASES[name]))].filter((word) => !known.has(word))).toEqual([]);
  });

  it("never read the same for two programs", () => {
    const owners = new Map<string, string>();
    for (const [name, operands] of callable) {
      for (const { text } of templatesOf(name, operands)) {
        expect(owners.get(shapeOf(text)) ?? name, text).toBe(name);
        owners.set(shapeOf(text), name);
      }
    }
    expect(owners.size).toBeGreaterThan(60 * callable.size);
  });

  it("of fibonacci to a fixed depth say the depth, and keep two apart", () => {
    const templates = templatesOf("fibonacci-of-depth-10", 2);
    for (const { text } of templates)
      expect(text.match(/\{[abc]\}|[0-9]+/g)?.sort(), text).toEqual(["10", "{a}", "{b}"]);
    expect(new Set(templates.filter(({ heldOut }) => heldOut).map(({ text }) => text)).size).toBeGreaterThan(20);
    expect(templates.map(({ text }) => text)).toContain(
      "Calculate the fibonacci function, starting from inputs {a} and {b}, to a recursion depth of 10.",
    );
    expect(phrasesOf("fibonacci-of-depth-10", 3)).toBeUndefined();
  });

  it("belong to a program of the same operands, under its other names too", () => {
    expect(phrasesOf("modulo", 2)).toBe(PHRASES.remainder);
    expect(phrasesOf("add", 1)).toBeUndefined();
    expect(hasPhrases("weigh-three")).toBe(false);
    expect(hasPhrases("constructor")).toBe(false);
  });
});
