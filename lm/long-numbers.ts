/** Sentences about numbers of any length to 32 bits, and how often a model that has met only short ones answers them right. */
import { SoftmachineError } from "../scheme/index.js";
import type { BitMachine } from "./bit-machine.js";
import { type BitReadingOptions, readBits } from "./bit-reading.js";
import type { Model } from "./model.js";
import { integer, PURPOSES, type Random, random } from "./random.js";
import type { Sentence } from "./sentences.js";
import { fill, templatesOf } from "./templates.js";

/** Of how many digits operands are: one length for all, or each operand's own, drawn from 2 to 10. */
export type OperandLength = number | "mixed";

/** The lengths of numbers to 32 bits that have more digits than one. */
const LENGTHS = { from: 2, to: 10 };

/** Numbers are below this. */
const END = 2 ** 32;

export interface LongNumberOptions {
  readonly length: OperandLength;
  readonly sentences: number;
  readonly seed: number;
  /** Whether templates are those that training never sees (default), or those that it does. */
  readonly heldOutTemplates?: boolean;
}

/**
 * Sentences about a machine's programs, the same for the same arguments, with answers modulo 2^32 by the exact machine.
 *
 * @param programs names of those to ask about
 */
export function longNumberSentences(
  machine: BitMachine,
  programs: readonly string[],
  { length, sentences, seed, heldOutTemplates = true }: LongNumberOptions,
): Sentence[] {
  if (length !== "mixed" && !(Number.isInteger(length) && length >= 1 && length <= LENGTHS.to)) {
    throw new SoftmachineError(`numbers of ${length} digits can't be drawn; of 1 to ${LENGTHS.to} they can`);
  }
  const next = random(seed, PURPOSES.evaluation, 3, length === "mixed" ? 0 : length);
  const templates = new Map(
    programs.map((name) => [
      name,
      templatesOf(name, machine.arity(name)).filter(({ heldOut }) => heldOut === heldOutTemplates),
    ]),
  );
  return Array.from({ length: sentences }, () => {
    const program = programs[integer(next, programs.length)];
    const pool = templates.get(program) ?? [];
    const { text } = pool[integer(next, pool.length)];
    const operands = Array.from({ length: machine.arity(program) }, () =>
      drawNumber(next, length === "mixed" ? LENGTHS.from + integer(next, LENGTHS.to + 1 - LENGTHS.from) : length),
    );
    return { text: fill(text, operands), answer: machine.exact(program, operands), program, operands };
  });
}

/** A number of so many digits. */
function drawNumber(next: Random, digits: number): number {
  const from = digits === 1 ? 0 : 10 ** (digits - 1);
  return from + integer(next, Math.min(10 ** digits, END) - from);
}

/** Shares of right answers, from 0 to 1. */
export interface LongNumberAccuracy {
  readonly sentences: number;
  /** Every bit of the soft answer is more probably right than wrong. */
  readonly soft: number;
  /** The likeliest program on the likeliest operands answers right. */
  readonly parsed: number;
}

export interface LongNumberEvaluation extends LongNumberAccuracy {
  readonly byProgram: Readonly<Record<string, LongNumberAccuracy>>;
  /** The sentences whose likeliest call answers wrong. */
  readonly wrong: readonly Sentence[];
}

/** Sentences read at a time. */
const CHUNK = 64;

/** Asks a model sentences whose answers are known modulo 2^32. */
export function evaluateLongNumbers(
  model: Model,
  machine: BitMachine,
  sentences: readonly Sentence[],
  options: BitReadingOptions = {},
): LongNumberEvaluation {
  if (sentences.length === 0) throw new SoftmachineError("there are no sentences to evaluate on");
  const counts = new Map<string, { sentences: number; soft: number; parsed: number }>();
  const wrong: Sentence[] = [];
  for (let from = 0; from < sentences.length; from += CHUNK) {
    const chunk = sentences.slice(from, from + CHUNK);
    readBits(
      model,
      machine,
      chunk.map(({ text }) => text),
      options,
    ).forEach(({ soft, call }, i) => {
      const { program = "", answer } = chunk[i];
      const count = counts.get(program) ?? { sentences: 0, soft: 0, parsed: 0 };
      count.sentences++;
      if (soft === answer) count.soft++;
      if (call.answer === answer) count.parsed++;
      else wrong.push(chunk[i]);
      counts.set(program, count);
    });
  }
  const share = (rows: readonly { sentences: number; soft: number; parsed: number }[]): LongNumberAccuracy => {
    const total = (key: "sentences" | "soft" | "parsed") => rows.reduce((sum, row) => sum + row[key], 0);
    return {
      sentences: total("sentences"),
      soft: total("soft") / total("sentences"),
      parsed: total("parsed") / total("sentences"),
    };
  };
  return {
    ...share([...counts.values()]),
    byProgram: Object.fromEntries(Array.from(counts, ([name, count]) => [name, share([count])])),
    wrong,
  };
}
