/** A question in free text: what was parsed, with probabilities, the soft answer, and the call to run exactly. */
import { likeliest } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { encodeText, isNumeral } from "./batch.js";
import { parse } from "./evaluate.js";
import type { Model } from "./model.js";

/** Something with its probability. */
export interface Likely<T> {
  readonly value: T;
  readonly probability: number;
}

export interface Answer {
  readonly text: string;
  /** The program chosen, and the next most likely ones. */
  readonly program: Likely<string>;
  readonly runnersUp: readonly Likely<string>[];
  /** The chosen program's operands in its own order. */
  readonly operands: readonly Likely<number>[];
  /** The call as it stands: the chosen program on those operands. Run it exactly for the exact answer. */
  readonly call: { readonly program: string; readonly operands: readonly number[]; readonly answer: number };
  /** The most probable answer of the whole mixture, and the mixture: P(y) for y in 0..n-1. */
  readonly soft: Likely<number>;
  readonly distribution: Float64Array;
  /** P(program) times the probabilities of its operands: how sure the parse is. */
  readonly confidence: number;
  /** Reasons to doubt the answer, in words; none for a sentence like those trained on. */
  readonly doubts: readonly string[];
}

/** Programs listed after the chosen one. */
const RUNNERS_UP = 3;

/** A parse less sure than this is doubted. */
const DOUBTFUL = 0.9;

/**
 * Asks a model.
 *
 * @throws SoftmachineError when there is nothing to ask: no words, no number, or a number that is not an operand.
 */
export function ask(model: Model, text: string): Answer {
  const { table } = model;
  const numbers = numbersOf(text, table.n);
  const [reading] = model.read([text]);
  const [call] = reading.calls;
  if (call === undefined)
    throw new SoftmachineError("this model was trained without a library: it has no calls to show");
  const { program, operands, answer } = parse(table, call);
  const ranking = Array.from(call.choice, (probability, k) => ({ value: table.programs[k].name, probability })).sort(
    (a, b) => b.probability - a.probability,
  );
  const parsed = operands.map((value, slot) => ({ value, probability: call.operands[slot][value] }));
  const distribution = Float64Array.from(reading.answers);
  const best = likeliest(distribution);
  const confidence = parsed.reduce((product, { probability }) => product * probability, ranking[0].probability);
  return {
    text,
    program: ranking[0],
    runnersUp: ranking.slice(1, 1 + RUNNERS_UP),
    operands: parsed,
    call: { program: program.name, operands, answer },
    soft: { value: best, probability: distribution[best] },
    distribution,
    confidence,
    doubts: doubtsOf(model, text, numbers, program.name, operands, confidence),
  };
}

/** The numbers in a text, all of which must be operands. */
function numbersOf(text: string, n: number): number[] {
  if (text.trim() === "") throw new SoftmachineError("there is no question: the text is empty");
  const numbers: number[] = [];
  // A minus sign belongs to the number after it, unless a number stands before it, or it joins a word to the number.
  for (const { 0: found } of text.matchAll(/(?<![\p{N})]\s*)(?<!\p{L})-[0-9]+|[0-9]+(?:[.,][0-9]+)*/gu)) {
    const parts = /^[0-9]+(?:,[0-9]+)+$/.test(found) && !/,[0-9]{3}$/.test(found) ? found.split(",") : [found];
    for (const part of parts) {
      const value = Number(part);
      if (!(Number.isInteger(value) && value >= 0 && value < n)) {
        throw new SoftmachineError(`"${part}" can't be an operand: those are whole numbers from 0 to ${n - 1}`);
      }
      numbers.push(value);
    }
  }
  if (numbers.length === 0) {
    throw new SoftmachineError('there is no number in the question; write operands in digits, as in "add 3 and 4"');
  }
  return numbers;
}

function doubtsOf(
  model: Model,
  text: string,
  numbers: readonly number[],
  program: string,
  operands: readonly number[],
  confidence: number,
): string[] {
  const doubts: string[] = [];
  if (numbers.length < operands.length) {
    doubts.push(`"${program}" takes ${operands.length} operands, and the text has ${numbers.length} number(s)`);
  }
  const used = new Set(operands);
  const unused = numbers.filter((number) => !used.has(number));
  if (unused.length > 0) doubts.push(`not used: ${unused.join(", ")}`);
  const { tokenizer } = model;
  const ids = encodeText(tokenizer, text);
  const unknown = ids.filter((id) => !model.embedding.has(id) || (isNumeral(tokenizer, id) && !model.knowsNumeral(id)));
  if (unknown.length > 0) {
    const words = new Set(unknown.map((id) => `"${tokenizer.tokenText(id).trim()}"`));
    doubts.push(`never seen in training: ${[...words].join(", ")}`);
  }
  if (confidence < DOUBTFUL) doubts.push(`the parse has probability ${confidence.toFixed(3)} only`);
  return doubts;
}
