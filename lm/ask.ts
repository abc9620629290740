/** A question in free text: what was parsed, with probabilities, the soft answer, and the call to run exactly. */
import { likeliest } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import { encodeText, isNumeral } from "./batch.js";
import type { Calibration } from "./calibration.js";
import { certaintyOf, type Evidence, evidenceOf } from "./certainty.js";
import { type Parse, parse } from "./evaluate.js";
import { familiarPairs } from "./familiar-pairs.js";
import type { Model } from "./model.js";
import { numbersInText } from "./numbers-in-text.js";
import type { Sentence } from "./sentences.js";

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
  /** P(program) times the probabilities of its operands: how sure the parse is, be it of a sentence or of nonsense. */
  readonly confidence: number;
  /** The probability that the call's answer is right, by a calibrated model. */
  readonly certainty?: number;
  /** The model was calibrated, and is not certain enough: its answer is a guess. */
  readonly abstained: boolean;
  /** Reasons to doubt the answer, in words; none for a sentence like those trained on. */
  readonly doubts: readonly string[];
}

/** Programs listed after the chosen one. */
const RUNNERS_UP = 3;

/** A parse less sure than this is doubted. */
const DOUBTFUL = 0.9;

/** What is known of a model beside itself: a run has both. */
export interface AskOptions {
  /** Without it a model answers everything. */
  readonly calibration?: Calibration;
  /** Own sentences that it was trained on: their words are familiar too. */
  readonly sentences?: readonly Sentence[];
}

const NO_SENTENCES: readonly Sentence[] = [];

/**
 * Asks a model.
 *
 * @throws SoftmachineError when there is nothing to ask: no words, no number, or a number that is not an operand.
 */
export function ask(model: Model, text: string, { calibration, sentences = NO_SENTENCES }: AskOptions = {}): Answer {
  const { table } = model;
  numbersInText(text, table.n);
  const [reading] = model.read([text]);
  const [call] = reading.calls;
  if (call === undefined)
    throw new SoftmachineError("this model was trained without a library: it has no calls to show");
  const parsedCall = parse(table, call);
  const { program, operands, answer } = parsedCall;
  const evidence = evidenceOf(table, familiarPairs(model, sentences), text, reading);
  const ranking = Array.from(call.choice, (probability, k) => ({ value: table.programs[k].name, probability })).sort(
    (a, b) => b.probability - a.probability,
  );
  const parsed = operands.map((value, slot) => ({ value, probability: call.operands[slot][value] }));
  const distribution = Float64Array.from(reading.answers);
  const best = likeliest(distribution);
  const confidence = parsed.reduce((product, { probability }) => product * probability, ranking[0].probability);
  const certainty = calibration === undefined ? undefined : certaintyOf(evidence, calibration);
  return {
    text,
    program: ranking[0],
    runnersUp: ranking.slice(1, 1 + RUNNERS_UP),
    operands: parsed,
    call: { program: program.name, operands, answer },
    soft: { value: best, probability: distribution[best] },
    distribution,
    confidence,
    ...(certainty === undefined ? {} : { certainty }),
    abstained: calibration !== undefined && certainty !== undefined && !(certainty > calibration.threshold),
    doubts: doubtsOf(model, text, parsedCall, evidence, confidence),
  };
}

function doubtsOf(
  model: Model,
  text: string,
  { program, operands }: Parse,
  { numbers, unfamiliar }: Evidence,
  confidence: number,
): string[] {
  const doubts: string[] = [];
  if (numbers.length < operands.length) {
    doubts.push(`"${program.name}" takes ${operands.length} operands, and the text has ${numbers.length} number(s)`);
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
  if (unfamiliar.length > 0) {
    doubts.push(`never seen beside each other in training: ${unfamiliar.map((pair) => `"${pair}"`).join(", ")}`);
  }
  if (confidence < DOUBTFUL) doubts.push(`the parse has probability ${confidence.toFixed(3)} only`);
  return doubts;
}
