/**
 * What a model that reads numbers by digits makes of a text on the machine of bits: soft, as a mixture of digits, numbers
 * and programs, and hard, with the likeliest of everything.
 *
 * Circuits take bits to be independent, which those of one number are not: a doubt about one digit becomes doubts about
 * many bits, three times as many with each further digit, and 3^32 times as many in a division. So what a distribution
 * gives next to no weight is left out before: a digit read 3 with probability 0.999 is a 3. And a doubt about which number
 * is an operand is no doubt about bits: each choice of program and numbers is a run of its own, and the answers are mixed.
 */
import { likeliest, likeliestValue, softmaxRows } from "../machine/index.js";
import { BudgetError, SoftmachineError } from "../scheme/index.js";
import type { BitMachine } from "./bit-machine.js";
import { valueOfDigits } from "./compiled-numerals.js";
import { DIGITS } from "./digit-numbers.js";
import type { Model } from "./model.js";
import type { CallReading } from "./reading.js";

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
   * nothing is, save choices that could not change a bit. Default 0.01.
   */
  readonly negligible?: number;
}

const DEFAULT_NEGLIGIBLE = 0.01;

/** A choice of program and numbers less likely than this is not run: its bits could not change the mixture's. */
const UNHEARD = 1e-6;

/** So many choices of numbers for one program are run at most, the likeliest. */
const MOST_CHOICES = 64;

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
  const answers = calls.map(() => new Float64Array(bits));
  const weights = new Float64Array(calls.length);
  programs.forEach(({ name, operands: arity }, k) => {
    const runs = calls.flatMap(({ choice, numbers, pointers }, row) => {
      const weight = withoutNegligible(choice, negligible)[k];
      if (weight <= UNHEARD) return [];
      const slots = pointers.slice(0, arity).map((pointer) => withoutNegligible(pointer, negligible));
      return choices(slots, weight).map((run) => ({ ...run, row, texts: run.places.map((place) => numbers[place]) }));
    });
    if (runs.length === 0) return;
    const given = new Float64Array(runs.length * arity * bits);
    runs.forEach(({ texts }, i) => {
      texts.forEach((number, slot) => {
        given.set(values.get(number) ?? [], (i * arity + slot) * bits);
      });
    });
    const results = machine.call(
      name,
      given,
      runs.map(({ texts: numbers }) => numbers.map((number) => readNumber(number, table).value)),
    );
    runs.forEach(({ row, weight }, i) => {
      weights[row] += weight;
      for (let bit = 0; bit < bits; bit++) answers[row][bit] += weight * results[i * bits + bit];
    });
  });
  return calls.map(({ choice, numbers, pointers }, row) => {
    const { name, operands: arity } = programs[likeliest(choice)];
    const hard = parsed[row].operands.slice(0, arity);
    const mixture = answers[row].map((p) => p / weights[row]);
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
      bits: mixture,
      soft: likeliestValue(mixture, 0, bits),
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

/** The places that slots may point at together, each with its probability times `weight`. */
function choices(pointers: readonly Float64Array[], weight: number): { places: number[]; weight: number }[] {
  let all = [{ places: [] as number[], weight }];
  for (const pointer of pointers) {
    all = all
      .flatMap((chosen) =>
        Array.from(pointer, (p, place) => ({ places: [...chosen.places, place], weight: chosen.weight * p })),
      )
      .filter((chosen) => chosen.weight > UNHEARD)
      .sort((a, b) => b.weight - a.weight)
      .slice(0, MOST_CHOICES);
  }
  return all;
}

/** The likeliest number of each slot with its digits read as is likeliest, and the probability of both. */
function parsedCall({ numbers, pointers }: PointedCall, table: readonly Float64Array[], slots: number) {
  const operands: number[] = [];
  const probabilities: number[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const place = likeliest(pointers[slot]);
    const read = readNumber(numbers[place], table);
    operands.push(read.value);
    probabilities.push(pointers[slot][place] * read.probability);
  }
  return { operands, probabilities };
}

/** A number of digits that are each read as is likeliest, and the probability of that. */
function readNumber(number: string, table: readonly Float64Array[]): { value: number; probability: number } {
  let probability = 1;
  const digits = Array.from(number, (digit) => {
    const row = table[Number(digit)];
    const read = likeliest(row);
    probability *= row[read];
    return read;
  });
  return { value: valueOfDigits(digits.join("")) ?? 0, probability };
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
