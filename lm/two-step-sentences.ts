/**
 * Questions that take two calls, of which the second uses the first one's result: one after the other ("add 3 and 4, then
 * double the result") or one within the other ("the maximum of 3 and the product of 2 and 5"). They are put together from
 * the programs' own phrases; only the final answer is supervised.
 */
import type { TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { hash, integer, PURPOSES, type Random } from "./random.js";
import { answerOf, drawableOperand, isHeldOut, type Sentence, SentenceSource, type Split } from "./sentences.js";
import { capitalized, EXPRESSION_FRAMES, type Form, fill, phrasesFor } from "./templates.js";

/** Which questions to draw; held-out compositions are of programs that training never composes. */
export type TwoStepSplit = Split | "held-out compositions";

/** The part of all pairs of programs that training never composes. */
const HELD_OUT_PAIRS = 0.15;

/** Frames by split. */
interface Frames {
  readonly train: readonly string[];
  readonly calibration: readonly string[];
  readonly test: readonly string[];
}

/** How two commands follow each other. */
const SEQUENCES: Frames = {
  train: [
    "{first}, then {second}",
    "{first} and then {second}",
    "first {first}, then {second}",
    "{first}. then {second}",
    "{first}; after that, {second}",
    "please {first}, and then {second}",
  ],
  calibration: ["please first {first}, then {second}"],
  test: ["{first}. after that, {second}"],
};

/** How a command follows an expression. */
export const CONTINUATIONS: Frames = {
  train: [
    "start with {first}, then {second}",
    "begin with {first} and {second}",
    "find {first}, then {second}",
    "compute {first} and {second}",
    "consider {first} and then {second}",
    "look at {first}, and {second}",
    "calculate {first}; {second}",
  ],
  calibration: ["find {first} and then {second}"],
  test: ["start with {first} and {second}"],
};

/** The frames of a split. */
function framesOf({ train, calibration, test }: Frames, split: TwoStepSplit): readonly string[] {
  if (split === "held-out templates") return [...calibration, ...test];
  if (split === "calibration templates") return calibration;
  return split === "test templates" ? test : train;
}

/** What a second command calls the first one's result. */
const RESULT_WORDS = ["the result", "it", "that", "the answer"] as const;

/** Two programs, one on the result of the other. */
interface Composition {
  readonly first: TabulatedProgram;
  readonly second: TabulatedProgram;
}

/**
 * Whether no training sentence composes these programs, in either order: by a hash of their names. One order alone would
 * teach that these two words never come the other way round.
 */
export function isHeldOutPair(first: string, second: string): boolean {
  const codes = Array.from([first, second].sort().join(" "), (character) => character.codePointAt(0) ?? 0);
  return hash(PURPOSES.split, codes.length, ...codes) / 2 ** 32 < HELD_OUT_PAIRS;
}

/** Draws questions of two steps about a library's programs. */
export class TwoStepSource {
  readonly #sentences: SentenceSource;
  readonly #compositions: readonly Composition[];
  readonly #pools = new Map<TwoStepSplit, readonly Composition[]>();
  readonly #phrases = new Map<string, Phrases>();

  /**
   * @param sentences whose phrases questions are put together from
   * @throws SoftmachineError when no composition of the programs can be trained on.
   */
  constructor(programs: readonly TabulatedProgram[], sentences = new SentenceSource(programs)) {
    this.#sentences = sentences;
    this.#compositions = programs.flatMap((first) =>
      programs.filter((second) => resultSlots(second).length > 0).map((second) => ({ first, second })),
    );
    if (this.#pool("train").length === 0) throw new SoftmachineError("these programs have no composition to train on");
  }

  /**
   * One question of the split asked for, each composition as likely as any other. Held-out compositions are worded as in
   * training. Where no composition has such questions, those of training's compositions are drawn.
   *
   * @param telling how often operands are drawn again where the programs give the same answer in the other order
   */
  draw(next: Random, split: TwoStepSplit, telling = 0): Sentence {
    const pool = this.#pool(split);
    const composition = pool[integer(next, pool.length)];
    let drawn = drawOperands(next, composition);
    let redraws = telling;
    // Bounded, because tiny programs may have no operands of the split asked for.
    for (let attempt = 0; attempt < 1000; attempt++) {
      const candidate = attempt === 0 ? drawn : drawOperands(next, composition);
      if (!fits(candidate, split)) continue;
      drawn = candidate;
      if (redraws === 0 || tellsOrder(composition, drawn)) break;
      redraws--;
    }
    const { first, second } = composition;
    return {
      text: this.#wordsOf(next, composition, drawn, split),
      answer: drawn.answer,
      program: `${first.name}, then ${second.name}`,
      steps: [
        { program: first.name, operands: drawn.inner },
        { program: second.name, operands: drawn.outer },
      ],
    };
  }

  /** The compositions that a split draws from. */
  #pool(split: TwoStepSplit): readonly Composition[] {
    const known = this.#pools.get(split);
    if (known !== undefined) return known;
    const wordable = this.#compositions.filter((composition) => this.#ways(composition, split).length > 0);
    const trained = wordable.filter((composition) => !isHeldOutComposition(composition));
    const wanted =
      split === "held-out compositions"
        ? wordable.filter(isHeldOutComposition)
        : trained.filter(({ first, second }) => split !== "held-out operands" || first.operands + second.operands > 2);
    const pool = wanted.length > 0 ? wanted : trained;
    this.#pools.set(split, pool);
    return pool;
  }

  /** A program's phrases of a form: those of the split, or where it has none, training's. */
  #phrasesOf({ name }: TabulatedProgram, form: Form, split: TwoStepSplit): Phrases {
    const key = `${name} ${form} ${split}`;
    const known = this.#phrases.get(key);
    if (known !== undefined) return known;
    const of = (part: Split) => {
      const templates = this.#sentences.templates(name, part).filter((template) => template.form === form);
      return [...new Set(templates.map(({ phrase }) => phrase))];
    };
    const own = of(split === "held-out compositions" ? "train" : split);
    const phrases = { own: own.length > 0, texts: own.length > 0 ? own : of("train") };
    this.#phrases.set(key, phrases);
    return phrases;
  }

  /** How a composition can be put in words, of which one phrase at least is the split's own, if it has any. */
  #ways({ first, second }: Composition, split: TwoStepSplit): Way[] {
    const phrases = (way: Way) => [
      this.#phrasesOf(first, FORMS[way][0], split),
      this.#phrasesOf(second, FORMS[way][1], split),
    ];
    const ways = WAYS.filter((way) => phrases(way).every(({ texts }) => texts.length > 0));
    const own = ways.filter((way) => phrases(way).some((part) => part.own));
    return own.length > 0 ? own : ways;
  }

  #wordsOf(next: Random, composition: Composition, { inner, outer, at }: Drawn, split: TwoStepSplit): string {
    const { first, second } = composition;
    const pick = <T>(items: readonly T[]): T => items[integer(next, items.length)];
    const way = pick(this.#ways(composition, split));
    const forms = FORMS[way];
    const phrase = (program: TabulatedProgram, form: Form) => pick(this.#phrasesOf(program, form, split).texts);
    const begin = fill(phrase(first, forms[0]), inner);
    const then = phrase(second, forms[1]);
    if (way === "nesting") {
      const text = nested(then, outer, at, begin);
      return capitalized(pick(EXPRESSION_FRAMES).replace("{}", () => text));
    }
    const frame = pick(framesOf(way === "sequence" ? SEQUENCES : CONTINUATIONS, split));
    const word = pick(RESULT_WORDS);
    // "double the number {a}" is said of a result as "double it".
    const command = then.replace(/the (number|value) (?=\{)/g, "");
    const end = fill(
      command,
      outer.map((operand, slot) => (slot === at ? word : operand)),
    );
    return `${capitalized(frame.replace(/\{(first|second)\}/g, (_, part) => (part === "first" ? begin : end)))}.`;
  }
}

/** The forms of both phrases: one command after another, a command after an expression, an expression within another. */
const FORMS = {
  sequence: ["command", "command"],
  continuation: ["expression", "command"],
  nesting: ["expression", "expression"],
} as const satisfies Record<string, readonly [Form, Form]>;

type Way = keyof typeof FORMS;

/** How often each is drawn, beside the others. */
const WAYS: readonly Way[] = ["sequence", "continuation", "nesting", "nesting"];

/** Phrases, and whether they are of the split that they were asked for. */
interface Phrases {
  readonly own: boolean;
  readonly texts: readonly string[];
}

const isHeldOutComposition = ({ first, second }: Composition) => isHeldOutPair(first.name, second.name);

/** The operands of a question of two steps. */
interface Drawn {
  readonly inner: readonly number[];
  /** The second program's, the first one's result at `at` among them. */
  readonly outer: readonly number[];
  readonly at: number;
  readonly answer: number;
  /** The numbers that the question names. */
  readonly numbers: readonly number[];
}

function drawOperands(next: Random, { first, second }: Composition): Drawn {
  const draw = (program: TabulatedProgram) =>
    Array.from({ length: program.operands }, (_, slot) => integer(next, drawableOperand(program, slot)));
  const inner = draw(first);
  const result = answerOf(first, inner);
  const slots = resultSlots(second);
  const at = slots[integer(next, slots.length)];
  const others = draw(second);
  const outer = others.with(at, result);
  return { inner, outer, at, answer: answerOf(second, outer), numbers: [...inner, ...others.toSpliced(at, 1)] };
}

/** Whether no question of the same numbers, with the same programs in the other order, has the same answer. */
function tellsOrder({ first, second }: Composition, { answer, numbers }: Drawn): boolean {
  if (first === second) return true;
  return orders(numbers).every((order) => {
    const result = answerOf(second, order.slice(0, second.operands));
    return resultSlots(first).every((at) => {
      const operands = order.slice(second.operands);
      operands.splice(at, 0, result);
      return answerOf(first, operands) !== answer;
    });
  });
}

/** All orders of some items. */
function orders<T>(items: readonly T[]): T[][] {
  if (items.length === 0) return [[]];
  return items.flatMap((item, at) => orders(items.toSpliced(at, 1)).map((rest) => [item, ...rest]));
}

/**
 * Held-out splits have held-out tuples of numbers, where a question has more than one. Training calls nothing with held-out
 * operands either, so that questions of one step are asked of what neither kind of training sentence had.
 */
function fits({ numbers, inner, outer }: Drawn, split: TwoStepSplit): boolean {
  if (split === "train") return ![numbers, inner, outer].some(isHeldOut);
  return numbers.length < 2 ? split !== "held-out operands" : isHeldOut(numbers);
}

/** Operands that a result may be: any whose phrases speak of all values. */
function resultSlots(program: TabulatedProgram): number[] {
  const { below = {}, range = [] } = phrasesFor(program.name, program.operands);
  const limited = [...Object.keys(below), ...range];
  return Array.from({ length: program.operands }, (_, slot) => slot).filter((slot) => !limited.includes("abc"[slot]));
}

/** An expression with another in the place of an operand, in parentheses or with a comma where it might be misread. */
function nested(phrase: string, operands: readonly number[], at: number, inner: string): string {
  const plain = phrase.replace(/the (number|value) (?=\{)/g, "");
  const closed = /^(the .*[0-9]|[a-z]+\(.*\))$/.test(inner) && !/[-+*/^%]/.test(plain);
  const place = `{${"abc"[at]}}`;
  const after = plain[plain.indexOf(place) + place.length];
  const shown = !closed ? `(${inner})` : after === " " && !inner.endsWith(")") ? `${inner},` : inner;
  return fill(
    plain,
    operands.map((operand, slot) => (slot === at ? shown : operand)),
  );
}
