/** Sentences with their answers: generated from templates, split into training and held-out, or read from JSON lines. */

import { operandsAt, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { phrasesOf } from "./phrases/phrases.js";
import type { Place } from "./phrases/program-phrases.js";
import { hash, integer, PURPOSES, type Random, random } from "./random.js";
import { fill, type Template, templatesOf } from "./templates.js";

/** A labelled call: a program and the values of its operands. */
export interface Step {
  readonly program: string;
  readonly operands: readonly number[];
}

/** A question with its answer. Training sees `text` and `answer` alone; `program` and `operands` serve evaluation. */
export interface Sentence {
  readonly text: string;
  readonly answer: number;
  readonly program?: string;
  readonly operands?: readonly number[];
  /** The calls of a question that takes two, the second with the first one's result among its operands. */
  readonly steps?: readonly Step[];
}

/**
 * Which sentences to draw: `train`, or unseen operand tuples in known templates, or unseen templates. The phrases of
 * unseen templates are dealt out to two parts, so that what is settled on one can be tested on the other.
 */
export type Split = "train" | "held-out operands" | "held-out templates" | "calibration templates" | "test templates";

/** The part of all operand tuples that training never sees. */
export const HELD_OUT_FRACTION = 0.2;

/**
 * Whether an operand tuple is held out, whatever the program: by a hash of the tuple, so that every run and every
 * machine agrees. Single operands are never held out: there is nothing beyond the numeral to generalize to.
 */
export function isHeldOut(operands: readonly number[]): boolean {
  return operands.length > 1 && hash(PURPOSES.split, ...operands) / 4294967296 < HELD_OUT_FRACTION;
}

/** Whether training leaves any operands of these programs out: of one operand it sees all, of very few values perhaps too. */
export function leavesOperandsOut(programs: readonly TabulatedProgram[]): boolean {
  return programs.some((program) => program.values.some((_, index) => isHeldOut(operandsAt(program, index))));
}

/** Which of each program's training templates are trained on. */
export interface TemplateChoice {
  /** The most of each program. */
  readonly templates: number;
  /** What chooses them where there are more. */
  readonly seed: number;
}

const ALL_TEMPLATES: TemplateChoice = { templates: Number.POSITIVE_INFINITY, seed: 0 };

/** Draws sentences about a library's programs. */
export class SentenceSource {
  readonly #templates: Map<string, Readonly<Record<Split, readonly Template[]>>>;
  readonly #programs: readonly TabulatedProgram[];

  constructor(programs: readonly TabulatedProgram[], { templates: most, seed }: TemplateChoice = ALL_TEMPLATES) {
    this.#programs = programs;
    this.#templates = new Map(
      programs.map(({ name, operands }, place) => {
        const templates = splitTemplates(templatesOf(name, operands));
        const next = random(seed, PURPOSES.templates, place);
        while (templates.train.length > most) templates.train.splice(integer(next, templates.train.length), 1);
        return [name, templates];
      }),
    );
  }

  /** Programs with exactly one operand, which teach numerals. */
  get oneOperandPrograms(): readonly TabulatedProgram[] {
    return this.#programs.filter(({ operands }) => operands === 1);
  }

  /** Programs whose operand tuples are split into seen and unseen. */
  get severalOperandPrograms(): readonly TabulatedProgram[] {
    return this.#programs.filter(({ operands }) => operands > 1);
  }

  /** A program's templates of a split. */
  templates(program: string, split: Split): readonly Template[] {
    const templates = this.#templates.get(program);
    if (templates === undefined) throw new SoftmachineError(`no sentences are known about program "${program}"`);
    return templates[split];
  }

  /** One sentence about one of `programs`, of the split asked for. `word` may give a template other words around its phrase. */
  draw(
    next: Random,
    split: Split,
    programs: readonly TabulatedProgram[] = this.#programs,
    word: (template: Template) => string = ({ text }) => text,
  ): Sentence {
    const program = programs[integer(next, programs.length)];
    const pool = this.templates(program.name, split);
    const template = pool[integer(next, pool.length)];
    // Unseen templates are asked with unseen operands too, where there are any.
    const operands = drawOperands(next, program, split !== "train");
    return {
      text: fill(word(template), operands),
      answer: answerOf(program, operands),
      program: program.name,
      operands,
    };
  }
}

/** Templates by split. A program of which one phrase alone is unseen has it in both parts. */
function splitTemplates(all: readonly Template[]): Record<Split, Template[]> {
  const train = all.filter(({ heldOut }) => !heldOut);
  const heldOut = all.filter((template) => template.heldOut);
  const phrases = [...new Set(heldOut.map(({ phrase }) => phrase))];
  const part = (odd: number) => heldOut.filter(({ phrase }) => phrases.indexOf(phrase) % 2 === odd);
  return {
    train,
    "held-out operands": train,
    "held-out templates": heldOut,
    "calibration templates": part(0),
    "test templates": phrases.length > 1 ? part(1) : heldOut,
  };
}

/** A text with each word that has no digit left out with the probability given. */
export function dropWords(next: Random, text: string, probability: number): string {
  if (probability === 0) return text;
  return text
    .split(" ")
    .filter((word) => /[0-9]/.test(word) || next() >= probability)
    .join(" ");
}

/** What a program answers. */
export function answerOf(program: TabulatedProgram, operands: readonly number[]): number {
  return program.values[operands.reduce((index, operand) => index * program.n + operand, 0)];
}

const PLACES: readonly Place[] = ["a", "b", "c"];

/** How many values an operand of a sentence may have: those below its machine's n, or below what its phrases speak of. */
export function drawableOperand(program: TabulatedProgram, slot: number): number {
  return Math.min(program.n, phrasesOf(program.name, program.operands)?.below?.[PLACES[slot]] ?? program.n);
}

/**
 * Operands of a sentence about a program: any values of the machine, but those that its phrases do not speak of. A
 * program that answers yes or no is asked for either as often: else "no" is right nearly always of some, and nothing of
 * what they ask has to be learned.
 */
function drawOperands(next: Random, program: TabulatedProgram, heldOut: boolean): number[] {
  const { range } = phrasesOf(program.name, program.operands) ?? {};
  const [low, high] = range?.map((place) => PLACES.indexOf(place)) ?? [];
  const wanted = answersYesOrNo(program) ? integer(next, 2) : undefined;
  // Bounded, because a tiny n may have no tuple of the split, or none of it with the answer, that is asked for.
  let operands: number[] = [];
  let ofSplit: number[] | undefined;
  for (let attempt = 0; attempt < 1000; attempt++) {
    operands = Array.from({ length: program.operands }, (_, slot) => integer(next, drawableOperand(program, slot)));
    if (operands[low] > operands[high]) [operands[low], operands[high]] = [operands[high], operands[low]];
    if (program.operands > 1 && isHeldOut(operands) !== heldOut) continue;
    ofSplit = operands;
    if (wanted === undefined || answerOf(program, operands) === wanted) break;
  }
  return ofSplit ?? operands;
}

const yesOrNo = new WeakMap<TabulatedProgram, boolean>();

/** Whether a program answers nothing but 0 and 1. */
function answersYesOrNo(program: TabulatedProgram): boolean {
  const known = yesOrNo.get(program) ?? program.values.every((value) => value < 2);
  yesOrNo.set(program, known);
  return known;
}

/**
 * Own sentences from JSON lines, each `{"text": "…", "answer": 7}`; blank lines are passed over.
 *
 * @param where names the text in messages
 * @throws SoftmachineError naming the line that is wrong.
 */
export function parseSentences(lines: string, where = "sentences"): Sentence[] {
  const sentences: Sentence[] = [];
  lines.split(/\r?\n/).forEach((line, index) => {
    if (line.trim() === "") return;
    const wrong = (what: string) => new SoftmachineError(`${where}:${index + 1}: ${what}`);
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      throw wrong('not JSON; a line is {"text": "…", "answer": 7}');
    }
    if (typeof value !== "object" || value === null) throw wrong("not a JSON object");
    const { text, answer } = value as { text?: unknown; answer?: unknown };
    if (typeof text !== "string" || text.trim() === "") throw wrong('"text" is not a sentence');
    if (typeof answer !== "number" || !Number.isInteger(answer) || answer < 0) {
      throw wrong('"answer" is not a whole number of 0 or more');
    }
    sentences.push({ text, answer });
  });
  if (sentences.length === 0) throw new SoftmachineError(`${where} has no sentences`);
  return sentences;
}
