/** How often a model's answers are right, on sentences whose answers are known. */

import { likeliest, type TabulatedProgram } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { wording } from "./answer-writer.js";
import type { Model } from "./model.js";
import { MAX_EVALUATED } from "./options.js";
import { PURPOSES, random } from "./random.js";
import type { CallReading, Reading } from "./reading.js";
import { parsedAnswer } from "./second-parse.js";
import { answerOf, type Sentence, SentenceSource, type Split, type TemplateChoice } from "./sentences.js";
import type { CallTable } from "./tabulated-call.js";
import { TwoStepSource } from "./two-step-sentences.js";

/** Shares of right answers, from 0 to 1. */
export interface Evaluation {
  readonly sentences: number;
  /** The most probable answer of the whole mixture is right. */
  readonly accuracy: number;
  /** The most probable program on the most probable operands is right, of each call; undefined where no library is used. */
  readonly parsedAccuracy: number | undefined;
  /** By program, where the sentences say which they are about. */
  readonly byProgram: Readonly<Record<string, { readonly sentences: number; readonly accuracy: number }>>;
  /** The sentences that the mixture got wrong. */
  readonly wrong: readonly Sentence[];
}

/** Sentences read at a time. */
const CHUNK = 128;

/** Each split's stream of random numbers. */
const STREAMS = {
  "held-out operands": 1,
  "held-out templates": 2,
  "calibration templates": 3,
  "test templates": 4,
} as const satisfies Record<Exclude<Split, "train">, number>;

/** Asks a model every sentence. */
export function evaluate(model: Model, sentences: readonly Sentence[]): Evaluation {
  if (sentences.length === 0) throw new SoftmachineError("there are no sentences to evaluate on");
  let parsed = 0;
  const wrong: Sentence[] = [];
  const counts = new Map<string, { sentences: number; right: number }>();
  const readings = readInChunks(
    model,
    sentences.map(({ text }) => text),
  );
  readings.forEach((reading, i) => {
    const sentence = sentences[i];
    const right = likeliest(reading.answers) === sentence.answer;
    if (!right) wrong.push(sentence);
    if (parsedAnswer(model.table, reading) === sentence.answer) parsed++;
    if (sentence.program === undefined) return;
    const count = counts.get(sentence.program) ?? { sentences: 0, right: 0 };
    counts.set(sentence.program, { sentences: count.sentences + 1, right: count.right + (right ? 1 : 0) });
  });
  return {
    sentences: sentences.length,
    accuracy: 1 - wrong.length / sentences.length,
    parsedAccuracy: model.sizes.objective === "direct" ? undefined : parsed / sentences.length,
    byProgram: Object.fromEntries(
      Array.from(counts, ([name, count]) => [
        name,
        { sentences: count.sentences, accuracy: count.right / count.sentences },
      ]),
    ),
    wrong,
  };
}

/**
 * The share of sentences whose answer a model with a token head writes out right, word for word.
 *
 * @throws SoftmachineError when it has none, or there are no sentences.
 */
export function writtenAccuracy(model: Model, sentences: readonly Sentence[]): number {
  if (sentences.length === 0) throw new SoftmachineError("there are no sentences to evaluate on");
  let right = 0;
  for (let from = 0; from < sentences.length; from += CHUNK) {
    const chunk = sentences.slice(from, from + CHUNK);
    const written = model.write(chunk.map(({ text }) => text));
    right += chunk.filter(({ answer }, i) => written[i] === wording(answer)).length;
  }
  return right / sentences.length;
}

/** Reads any number of texts, some at a time. */
export function readInChunks(model: Model, texts: readonly string[]): Reading[] {
  const readings: Reading[] = [];
  for (let from = 0; from < texts.length; from += CHUNK) readings.push(...model.read(texts.slice(from, from + CHUNK)));
  return readings;
}

/** Which held-out sentences are drawn. */
export interface HeldOutOptions {
  /** Of the draws. */
  readonly seed?: number;
  /** How many calls a question may take: where it may take two, every other question does. */
  readonly calls?: number;
  /** The templates that training had, in which unseen operands are asked; without it, all that it can have. */
  readonly trainedTemplates?: TemplateChoice;
}

/**
 * Sentences that training never sees, the same for the same arguments. Unseen operands are of the programs with several:
 * a program of one operand has seen them all.
 *
 * @throws SoftmachineError when `count` is no number of sentences, or too large.
 */
export function heldOutSentences(
  programs: readonly TabulatedProgram[],
  split: Exclude<Split, "train">,
  count: number,
  { seed = 0, calls = 1, trainedTemplates }: HeldOutOptions = {},
): Sentence[] {
  if (!(Number.isInteger(count) && count >= 0 && count <= MAX_EVALUATED)) {
    throw new SoftmachineError(`${count} held-out sentences can't be drawn; 0 to ${MAX_EVALUATED} can`);
  }
  const source = new SentenceSource(programs, trainedTemplates);
  const several = source.severalOperandPrograms;
  const about = split === "held-out operands" && several.length > 0 ? several : programs;
  const next = random(seed, PURPOSES.evaluation, STREAMS[split]);
  const twoSteps = calls > 1 ? new TwoStepSource(programs, source) : undefined;
  return Array.from({ length: count }, (_, i) =>
    twoSteps !== undefined && i % 2 === 0 ? twoSteps.draw(next, split) : source.draw(next, split, about),
  );
}

/** The most probable program, the most probable value of each of its operands, and what the one answers to the other. */
export interface Parse {
  readonly program: TabulatedProgram;
  readonly operands: readonly number[];
  readonly answer: number;
}

/** A reading made hard. */
export function parse(table: CallTable, { choice, operands }: CallReading): Parse {
  const program = table.programs[likeliest(choice)];
  const values = operands.slice(0, program.operands).map((distribution) => likeliest(distribution));
  return { program, operands: values, answer: answerOf(program, values) };
}
