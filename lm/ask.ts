/** A question in free text: what was parsed, with probabilities, the soft answer, and the call to run exactly. */
import { likeliest } from "../machine/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { BitMachine } from "./bit-machine.js";
import { type BitReading, readBits } from "./bit-reading.js";
import type { Calibration } from "./calibration.js";
import { certaintyOf, type Evidence, evidenceOf } from "./certainty.js";
import { type Parse, parse } from "./evaluate.js";
import { familiarPairs, type Taught } from "./familiar-pairs.js";
import type { Model } from "./model.js";
import { numbersInText } from "./numbers-in-text.js";
import type { CallReading, Reading } from "./reading.js";
import { parseSecond } from "./second-parse.js";
import type { CallTable } from "./tabulated-call.js";

/** Something with its probability. */
export interface Likely<T> {
  readonly value: T;
  readonly probability: number;
}

/** The call of a question's second step. */
export interface SecondCall {
  readonly program: Likely<string>;
  readonly runnersUp: readonly Likely<string>[];
  /** Its operands; one that is the first call's result has its value, and that pointer's probability. */
  readonly operands: readonly (Likely<number> & { readonly fromResult: boolean })[];
  /** What its program answers to these operands. */
  readonly answer: number;
  /** How likely the answer is this call's, and not the first one's. */
  readonly weight: number;
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
  /** The call after that one, where the answer is rather its. */
  readonly second?: SecondCall;
  /** The answer in the model's own words, where it has a token head. */
  readonly written?: string;
  /** The most probable answer of the whole mixture, and the mixture: P(y) for y in 0..n-1. */
  readonly soft: Likely<number>;
  readonly distribution: Float64Array;
  /** Of a call on 32 bits, in place of the distribution, which is empty: the probability that each bit is 1. */
  readonly bits?: Float64Array;
  /** P(program) times the probabilities of its operands, of all calls: how sure the parse is, be it of a sentence or of nonsense. */
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
export interface AskOptions extends Taught {
  /** Without it a model answers everything. */
  readonly calibration?: Calibration;
  /** Runs the calls of a model that reads numbers by digits; without it operands are those of its table. */
  readonly machine?: BitMachine;
}

/**
 * Asks a model.
 *
 * @throws SoftmachineError when there is nothing to ask: no words, no number, or a number that is not an operand.
 */
export function ask(model: Model, text: string, { calibration, sentences, options, machine }: AskOptions = {}): Answer {
  const { table } = model;
  const limit = machine === undefined ? table.n : 2 ** machine.bits;
  const numbers = numbersInText(text, limit);
  const [reading] = model.read([text]);
  const [call] = reading.calls;
  if (call === undefined)
    throw new SoftmachineError("this model was trained without a library: it has no calls to show");
  const onBits = machine === undefined ? undefined : readBits(model, machine, [text])[0];
  const evidence = evidenceOf(table, familiarPairs(model, { sentences, options }), text, reading, limit);
  const ranking = rankingOf(table, call);
  const second = secondCall(table, reading, parse(table, call));
  const { program, parsed, answer, soft, distribution, bits } =
    onBits === undefined ? byTable(table, call, reading.answers) : byBits(onBits);
  const operands = parsed.map(({ value }) => value);
  const ofSecond = second?.operands.filter(({ fromResult }) => !fromResult).map(({ value }) => value) ?? [];
  const certainties = [...parsed, ...(second === undefined ? [] : [second.program, ...second.operands])];
  const confidence = certainties.reduce((product, { probability }) => product * probability, ranking[0].probability);
  const certainty = calibration === undefined ? undefined : certaintyOf(evidence, calibration);
  return {
    text,
    program: ranking[0],
    runnersUp: ranking.slice(1, 1 + RUNNERS_UP),
    operands: parsed,
    call: { program, operands, answer },
    ...(second === undefined ? {} : { second }),
    ...(model.sizes.output === "text" ? { written: model.write([text])[0] } : {}),
    soft,
    distribution,
    ...(bits === undefined ? {} : { bits }),
    confidence,
    ...(certainty === undefined ? {} : { certainty }),
    abstained: calibration !== undefined && certainty !== undefined && !(certainty > calibration.threshold),
    doubts: doubtsOf(model, text, program, operands, ofSecond, numbers, evidence, confidence),
  };
}

/** What a call comes to, whichever way it runs. */
interface Outcome {
  readonly program: string;
  readonly parsed: readonly Likely<number>[];
  readonly answer: number;
  readonly soft: Likely<number>;
  readonly distribution: Float64Array;
  readonly bits?: Float64Array;
}

function byTable(table: CallTable, call: CallReading, answers: ArrayLike<number>): Outcome {
  const { program, operands, answer } = parse(table, call);
  const parsed = operands.map((value, slot) => ({ value, probability: call.operands[slot][value] }));
  const distribution = Float64Array.from(answers);
  const best = likeliest(distribution);
  return {
    program: program.name,
    parsed,
    answer,
    soft: { value: best, probability: distribution[best] },
    distribution,
  };
}

/** @throws SoftmachineError when the call does not end. */
function byBits({ call: { program, operands, probabilities, answer }, bits, soft }: BitReading): Outcome {
  if (answer === undefined) {
    throw new SoftmachineError(`(${program} ${operands.join(" ")}) does not end on the machine of bits`);
  }
  const probability = bits.reduce((product, p) => product * Math.max(p, 1 - p), 1);
  const parsed = operands.map((value, slot) => ({ value, probability: probabilities[slot] }));
  return { program, parsed, answer, soft: { value: soft, probability }, distribution: new Float64Array(), bits };
}

/** A call's programs, the likeliest first. */
function rankingOf(table: CallTable, { choice }: CallReading): Likely<string>[] {
  const ranking = Array.from(choice, (probability, k) => ({ value: table.programs[k].name, probability }));
  return ranking.sort((a, b) => b.probability - a.probability);
}

function secondCall(table: CallTable, reading: Reading, first: Parse): SecondCall | undefined {
  const parsed = parseSecond(table, reading, first);
  if (parsed === undefined) return undefined;
  const call = reading.calls[1];
  const [program, ...others] = rankingOf(table, call);
  return {
    program,
    runnersUp: others.slice(0, RUNNERS_UP),
    operands: parsed.operands.map((value, slot) => {
      const fromResult = parsed.fromResult[slot];
      const probability = fromResult ? (call.fromResult?.[slot] ?? 0) : call.operands[slot][value];
      return { value, probability, fromResult };
    }),
    answer: parsed.answer,
    weight: call.weight,
  };
}

function doubtsOf(
  model: Model,
  text: string,
  program: string,
  operands: readonly number[],
  ofSecond: readonly number[],
  numbers: readonly number[],
  { unfamiliar }: Evidence,
  confidence: number,
): string[] {
  const doubts: string[] = [];
  if (numbers.length < operands.length) {
    doubts.push(`"${program}" takes ${operands.length} operands, and the text has ${numbers.length} number(s)`);
  }
  const used = new Set([...operands, ...ofSecond]);
  const unused = numbers.filter((number) => !used.has(number));
  if (unused.length > 0) doubts.push(`not used: ${unused.join(", ")}`);
  const { tokenizer } = model;
  const unknown = model.encode(text).filter((id) => !model.knowsToken(id));
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
