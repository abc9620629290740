/**
 * What a model that reads numbers by digits makes of a text on the machine of bits: soft, as a mixture of digits, numbers
 * and programs, and hard, with the likeliest of everything.
 *
 * Circuits take bits to be independent, which those of one number are not: a doubt about one digit becomes doubts about
 * many bits, three times as many with each further digit, and 3^32 times as many in a division. So what a distribution
 * gives next to no weight is left out before: a digit read 3 with probability 0.9999 is a 3.
 */
import { likeliest, likeliestValue, softmaxRows } from "../machine/index.js";
import { BudgetError, SoftmachineError } from "../scheme/index.js";
import type { BitMachine } from "./bit-machine.js";
import { valueOfDigits } from "./compiled-numerals.js";
import { DIGITS } from "./digit-numbers.js";
import type { CallReading, Model } from "./model.js";

/** A text as a call on bits. */
export interface BitReading {
  /** The numbers of the text, in digits. */
  readonly numbers: readonly string[];
  /** P(program), in the order of the model's table. */
  readonly choice: Float32Array;
  /** For each operand slot P(number), in the order of `numbers`. */
  readonly pointers: readonly Float32Array[];
  /** The likeliest program on the likeliest numbers, and its answer modulo 2^32; none where its run does not end. */
  readonly call: {
    readonly program: string;
    readonly operands: readonly number[];
    readonly probabilities: readonly number[];
    readonly answer: number | undefined;
  };
  /** The probability that each bit of the answer is 1, the lowest first: the mixture over programs. */
  readonly bits: Float64Array;
  /** The answer whose bits are each the more probable. */
  readonly soft: number;
}

export interface BitReadingOptions {
  /**
   * Digits, numbers and programs less likely than this are left out of the mixture, and what is left is normalized. At 0
   * nothing is, save programs that could not change a bit. Default 0.001.
   */
  readonly negligible?: number;
}

const DEFAULT_NEGLIGIBLE = 1e-3;

/** A program less likely than this is not run: its bits could not change the mixture's. */
const UNHEARD = 1e-6;

/** A distribution without its parts less likely than `negligible`. */
function withoutNegligible(distribution: ArrayLike<number>, negligible: number): Float64Array {
  const kept = Float64Array.from(distribution, (p) => (p < negligible ? 0 : p));
  const sum = kept.reduce((total, p) => total + p, 0);
  // Where every part is small the doubt is real.
  return sum === 0 ? Float64Array.from(distribution) : kept.map((p) => p / sum);
}

/**
 * Reads texts and runs what they ask for on bits.
 *
 * @param machine holds the programs of the model's table.
 * @throws SoftmachineError when the model does not read numbers by digits, or a text has none, or one of too many digits.
 */
export function readBits(
  model: Model,
  machine: BitMachine,
  texts: readonly string[],
  { negligible = DEFAULT_NEGLIGIBLE }: BitReadingOptions = {},
): BitReading[] {
  const { programs, slots } = model.table;
  const { bits } = machine;
  const table = digitTable(model);
  const calls = model.read(texts).map(({ calls: [call] }, i) => pointedOf(call, texts[i]));
  const parsed = calls.map((call) => parsedCall(call, table, slots));
  const values = bitsByNumber(
    machine,
    table.map((row) => withoutNegligible(row, negligible)),
    [...new Set(calls.flatMap(({ numbers }) => numbers))],
  );
  const operands = calls.map(({ numbers, pointers }) =>
    pointers.map((pointer) => mixed(withoutNegligible(pointer, negligible), numbers, values, bits)),
  );
  const choices = calls.map(({ choice }) => withoutNegligible(choice, Math.max(UNHEARD, negligible)));
  const answers = calls.map(() => new Float64Array(bits));
  programs.forEach(({ name, operands: arity }, k) => {
    const rows = [...calls.keys()].filter((row) => choices[row][k] > 0);
    if (rows.length === 0) return;
    const given = new Float64Array(rows.length * arity * bits);
    rows.forEach((row, i) => {
      for (let slot = 0; slot < arity; slot++) given.set(operands[row][slot], (i * arity + slot) * bits);
    });
    const likeliestValues = rows.map((row) => parsed[row].operands.slice(0, arity));
    const results = machine.call(name, given, likeliestValues);
    rows.forEach((row, i) => {
      for (let bit = 0; bit < bits; bit++) answers[row][bit] += choices[row][k] * results[i * bits + bit];
    });
  });
  return calls.map(({ choice, numbers, pointers }, row) => {
    const { name, operands: arity } = programs[likeliest(choice)];
    const hard = parsed[row].operands.slice(0, arity);
    return {
      numbers,
      choice,
      pointers,
      call: {
        program: name,
        operands: hard,
        probabilities: parsed[row].probabilities.slice(0, arity),
        answer: exactAnswer(machine, name, hard),
      },
      bits: answers[row],
      soft: likeliestValue(answers[row], 0, bits),
    };
  });
}

/** How the model reads each digit: ten distributions over 0..9. */
export function digitTable(model: Model): Float64Array[] {
  if (model.sizes.numbers !== "digits") {
    throw new SoftmachineError('this model reads a number as one token; train one with numbers "digits"');
  }
  const logits = model.numerals.gather(Int32Array.from({ length: DIGITS }, (_, digit) => digit));
  const table = new Float64Array(logits.length);
  softmaxRows(Float64Array.from(logits), table, DIGITS);
  return Array.from({ length: DIGITS }, (_, digit) => table.subarray(digit * DIGITS, (digit + 1) * DIGITS));
}

interface PointedCall {
  readonly choice: Float32Array;
  readonly numbers: readonly string[];
  readonly pointers: readonly Float32Array[];
}

function pointedOf({ choice, pointed }: CallReading, text: string): PointedCall {
  if (pointed === undefined || pointed.numbers.length === 0) {
    throw new SoftmachineError(`there is no number in "${text}"; write operands in digits, as in "add 3 and 4"`);
  }
  return { choice, ...pointed };
}

/** The bits of each number's value. */
function bitsByNumber(
  machine: BitMachine,
  table: readonly Float64Array[],
  numbers: readonly string[],
): Map<string, Float64Array> {
  const flat = table.flatMap((row) => Array.from(row));
  const values = machine.numbers(flat, numbers);
  return new Map(numbers.map((number, i) => [number, values.slice(i * machine.bits, (i + 1) * machine.bits)]));
}

/** Bits of an operand: those of the numbers pointed at, mixed. */
function mixed(
  pointer: Float64Array,
  numbers: readonly string[],
  values: ReadonlyMap<string, Float64Array>,
  bits: number,
): Float64Array {
  const result = new Float64Array(bits);
  numbers.forEach((number, place) => {
    values.get(number)?.forEach((p, bit) => {
      result[bit] += pointer[place] * p;
    });
  });
  return result;
}

/** The likeliest number of each slot with its digits read as is likeliest, and the probability of both. */
function parsedCall({ numbers, pointers }: PointedCall, table: readonly Float64Array[], slots: number) {
  const operands: number[] = [];
  const probabilities: number[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const place = likeliest(pointers[slot]);
    let probability = pointers[slot][place];
    const read = Array.from(numbers[place], (digit) => {
      const row = table[Number(digit)];
      const value = likeliest(row);
      probability *= row[value];
      return value;
    });
    operands.push(valueOfDigits(read.join("")) ?? 0);
    probabilities.push(probability);
  }
  return { operands, probabilities };
}

/** The exact answer, if the run ends. */
function exactAnswer(machine: BitMachine, program: string, operands: readonly number[]): number | undefined {
  try {
    return machine.exact(program, operands);
  } catch (error) {
    if (error instanceof BudgetError) return undefined;
    throw error;
  }
}
