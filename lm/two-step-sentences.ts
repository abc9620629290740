/**
 * Questions that take two calls, of which the second uses the first one's result: one after the other ("add 3 and 4, then
 * double the result") or one within the other ("the maximum of 3 and the product of 2 and 5"). They are put together from
 * the programs' own phrases; only the final answer is supervised.
 */
import type { TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { hash, integer, PURPOSES, type Random } from "./random.js";
import { answerOf, drawableOperand, isHeldOut, type Sentence } from "./sentences.js";
import { capitalized, EXPRESSION_FRAMES, fill, phrasesFor } from "./templates.js";

/** Which questions to draw; held-out compositions are of programs that training never composes. */
export type TwoStepSplit = "train" | "held-out operands" | "held-out templates" | "held-out compositions";

/** The part of all pairs of programs that training never composes. */
const HELD_OUT_PAIRS = 0.15;

/** How two commands follow each other. */
const SEQUENCES = {
  train: [
    "{first}, then {second}",
    "{first} and then {second}",
    "first {first}, then {second}",
    "{first}. then {second}",
    "{first}; after that, {second}",
    "please {first}, and then {second}",
  ],
  heldOut: ["please first {first}, then {second}", "{first}. after that, {second}"],
} as const;

/** How a command follows an expression. */
const CONTINUATIONS = {
  train: [
    "start with {first}, then {second}",
    "begin with {first} and {second}",
    "find {first}, then {second}",
    "compute {first} and {second}",
    "work out {first} and then {second}",
    "take {first}, and {second}",
    "calculate {first}; {second}",
  ],
  heldOut: ["find {first} and then {second}", "start with {first} and {second}"],
} as const;

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
  readonly #trained: readonly Composition[];
  readonly #heldOut: readonly Composition[];

  /** @throws SoftmachineError when every composition of the programs is held out. */
  constructor(programs: readonly TabulatedProgram[]) {
    const all = programs.flatMap((first) =>
      programs.filter((second) => resultSlots(second).length > 0).map((second) => ({ first, second })),
    );
    this.#trained = all.filter(({ first, second }) => !isHeldOutPair(first.name, second.name));
    this.#heldOut = all.filter(({ first, second }) => isHeldOutPair(first.name, second.name));
    if (this.#trained.length === 0) throw new SoftmachineError("these programs have no composition to train on");
  }

  /** Whether there are compositions that training never sees. */
  get hasHeldOutPairs(): boolean {
    return this.#heldOut.length > 0;
  }

  /**
   * One question of the split asked for. Held-out compositions are worded as in training.
   *
   * @param telling how often operands are drawn again where the programs give the same answer in the other order
   */
  draw(next: Random, split: TwoStepSplit, telling = 0): Sentence {
    const pool = split === "held-out compositions" && this.hasHeldOutPairs ? this.#heldOut : this.#trained;
    const draw = () => {
      const composition = pool[integer(next, pool.length)];
      let drawn = this.#drawOf(next, composition, split);
      for (let attempt = 0; attempt < telling && !tellsOrder(composition, drawn); attempt++) {
        drawn = this.#drawOf(next, composition, split);
      }
      return drawn;
    };
    let drawn = draw();
    // Bounded, because tiny programs may have no operands of the split asked for.
    for (let attempt = 0; attempt < 1000 && !fits(drawn, split); attempt++) drawn = draw();
    return drawn.sentence;
  }

  #drawOf(next: Random, { first, second }: Composition, split: TwoStepSplit): Drawn {
    const draw = (program: TabulatedProgram) =>
      Array.from({ length: program.operands }, (_, slot) => integer(next, drawableOperand(program, slot)));
    const inner = draw(first);
    const result = answerOf(first, inner);
    const slots = resultSlots(second);
    const at = slots[integer(next, slots.length)];
    const outer = draw(second).map((operand, slot) => (slot === at ? result : operand));
    const text = wordsOf(next, { first, second }, inner, outer, at, split === "held-out templates");
    const sentence: Sentence = {
      text,
      answer: answerOf(second, outer),
      program: `${first.name}, then ${second.name}`,
      steps: [
        { program: first.name, operands: inner },
        { program: second.name, operands: outer },
      ],
    };
    return { sentence, numbers: [...inner, ...outer.filter((_, slot) => slot !== at)] };
  }
}

/** A question with the numbers in it. */
interface Drawn {
  readonly sentence: Sentence;
  readonly numbers: readonly number[];
}

/** Whether no question of the same numbers, with the same programs in the other order, has the same answer. */
function tellsOrder({ first, second }: Composition, { sentence: { answer }, numbers }: Drawn): boolean {
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
function fits({ numbers, sentence: { steps = [] } }: Drawn, split: TwoStepSplit): boolean {
  if (split === "train") return !isHeldOut(numbers) && !steps.some(({ operands }) => isHeldOut(operands));
  return numbers.length < 2 ? split !== "held-out operands" : isHeldOut(numbers);
}

/** Operands that a result may be: any whose phrases speak of all values. */
function resultSlots(program: TabulatedProgram): number[] {
  const { below = {}, range = [] } = phrasesFor(program.name, program.operands);
  const limited = [...Object.keys(below), ...range];
  return Array.from({ length: program.operands }, (_, slot) => slot).filter((slot) => !limited.includes("abc"[slot]));
}

/** A question in words, of phrases that training sees or of held-out ones. */
function wordsOf(
  next: Random,
  { first, second }: Composition,
  inner: readonly number[],
  outer: readonly number[],
  at: number,
  heldOut: boolean,
): string {
  const of = phrasesFor(first.name, first.operands);
  const then = phrasesFor(second.name, second.operands);
  const pick = <T>(items: readonly T[]): T => items[integer(next, items.length)];
  const either = (train: readonly string[], held: readonly string[]) => (heldOut && held.length > 0 ? held : train);
  const commands = [either(of.commands, of.heldOutCommands), either(then.commands, then.heldOutCommands)];
  const expressions = [
    either(of.expressions, of.heldOutExpressions),
    either(then.expressions, then.heldOutExpressions),
  ];
  const ways = [
    ...(commands[0].length > 0 && commands[1].length > 0 ? ["sequence"] : []),
    ...(expressions[0].length > 0 && commands[1].length > 0 ? ["continuation"] : []),
    ...(expressions[0].length > 0 && expressions[1].length > 0 ? ["nesting", "nesting"] : []),
  ];
  const way = pick(ways);
  if (way === "nesting") {
    const phrase = pick(expressions[1]);
    const text = nested(phrase, outer, at, fill(pick(expressions[0]), inner));
    return capitalized(pick(EXPRESSION_FRAMES).replace("{}", () => text));
  }
  const frames = way === "sequence" ? SEQUENCES : CONTINUATIONS;
  const frame = pick(heldOut ? frames.heldOut : frames.train);
  const begin = fill(pick(way === "sequence" ? commands[0] : expressions[0]), inner);
  const word = pick(RESULT_WORDS);
  // "double the number {a}" is said of a result as "double it".
  const command = pick(commands[1]).replace(/the (number|value) (?=\{)/g, "");
  const end = fill(
    command,
    outer.map((operand, slot) => (slot === at ? word : operand)),
  );
  return `${capitalized(frame.replace(/\{(first|second)\}/g, (_, part) => (part === "first" ? begin : end)))}.`;
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
