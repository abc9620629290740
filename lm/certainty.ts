/**
 * How sure an answer is: three things about a question, weighed by a logistic regression that was fitted on questions
 * whose answers are known, wrong ones among them ("Probabilistic Outputs for Support Vector Machines", 1999). The
 * probability of the answer alone does not do: a small transformer is as sure of nonsense as of a sentence.
 */

import { likeliest } from "../machine/index.js";
import { parse } from "./evaluate.js";
import type { FamiliarPairs } from "./familiar-pairs.js";
import { numbersInText } from "./numbers-in-text.js";
import type { Reading } from "./reading.js";
import { parseSecond } from "./second-parse.js";
import type { CallTable } from "./tabulated-call.js";

/** What a question and its reading say for and against the answer. */
export interface Evidence {
  /** What is answered: the most probable calls on their most probable operands; without a library, the soft answer. */
  readonly answer: number;
  /** The operands of those calls, but results of calls. */
  readonly operands: readonly number[] | undefined;
  /** P(y) for y in 0..n-1: the soft answer. */
  readonly distribution: ArrayLike<number>;
  /** The text's numbers. */
  readonly numbers: readonly number[];
  /** Neighbours, in the sentences that have numbers, that training never had, in words. */
  readonly unfamiliar: readonly string[];
}

/** Weights of the evidence, and the temperature of the soft answer. */
export interface CertaintyWeights {
  readonly temperature: number;
  readonly bias: number;
  /** Of the evidence, in the order of `evidenceNumbers`; none is below 0. */
  readonly weights: readonly number[];
}

/** What `evidenceNumbers` gives, in order. */
export const EVIDENCE = ["log odds of the answer", "numbers are the operands", "familiar neighbours"] as const;

/** Keeps the odds of a certain answer finite. */
const SMALL = 1e-4;

/** Keeps the logarithm of an impossible answer finite. */
const IMPOSSIBLE = 1e-9;

/**
 * @param limit numbers are below this; those that are not below n are looked at modulo n, as the table has them
 * @throws SoftmachineError when the text has no number, or one that is no operand.
 */
export function evidenceOf(
  table: CallTable,
  pairs: FamiliarPairs,
  text: string,
  reading: Reading,
  limit = table.n,
): Evidence {
  const { calls, answers } = reading;
  const first = calls.length > 0 ? parse(table, calls[0]) : undefined;
  const second = first && parseSecond(table, reading, first);
  return {
    answer: (second ?? first)?.answer ?? likeliest(answers),
    operands: first && [...first.operands, ...(second?.operands.filter((_, i) => !second.fromResult[i]) ?? [])],
    distribution: answers,
    numbers: numbersInText(text, limit).map((number) => number % table.n),
    unfamiliar: pairs.unfamiliar(text),
  };
}

/** P(y)^(1/T), normalized ("On Calibration of Modern Neural Networks", 2017). */
export function tempered(distribution: ArrayLike<number>, temperature: number): Float64Array {
  const powers = Float64Array.from(distribution, (p) => (p + IMPOSSIBLE) ** (1 / temperature));
  const sum = powers.reduce((total, p) => total + p, 0);
  return powers.map((p) => p / sum);
}

/**
 * Evidence as numbers, the larger the better: the log odds that the soft answer gives to what is answered; 0 if the
 * operands parsed are the text's numbers, each once, else -1; and minus the logarithm, to base 2, of one more than there are
 * neighbours that are not familiar: the first says most.
 */
export function evidenceNumbers(
  { answer, operands, distribution, numbers, unfamiliar }: Evidence,
  temperature: number,
): number[] {
  const p = tempered(distribution, temperature)[answer];
  return [
    Math.log((p + SMALL) / (1 - p + SMALL)),
    operands === undefined || sorted(numbers) === sorted(operands) ? 0 : -1,
    -Math.log2(1 + unfamiliar.length) + 0,
  ];
}

const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b).join();

/** The probability that an answer is right. */
export function certaintyOf(evidence: Evidence, { temperature, bias, weights }: CertaintyWeights): number {
  return sigmoid(evidenceNumbers(evidence, temperature).reduce((sum, number, i) => sum + weights[i] * number, bias));
}

export const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
