/**
 * What a model that reads numbers by digits makes of a text on the machine of bits: soft, with every choice left as the
 * mixture that it is, and hard, with the likeliest of everything.
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

/** A program less likely than this is not run: its bits would change the mixture's by less. */
const NEGLIGIBLE = 1e-4;

/**
 * Reads texts and runs what they ask for on bits.
 *
 * @param machine holds the programs of the model's table.
 * @throws SoftmachineError when the model does not read numbers by digits, or a text has none, or one of too many digits.
 */
export function readBits(model: Model, machine: BitMachine, texts: readonly string[]): BitReading[] {
  const { programs, slots } = model.table;
  const { bits } = machine;
  const table = digitTable(model);
  const calls = model.read(texts).map(({ calls: [call] }, i) => pointedOf(call, texts[i]));
  const values = bitsByNumber(machine, table, [...new Set(calls.flatMap(({ numbers }) => numbers))]);
  const parsed = calls.map((call) => parsedCall(call, table, slots));
  const operands = calls.map(({ numbers, pointers }) =>
    pointers.map((pointer) => mixed(pointer, numbers, values, bits)),
  );
  const answers = calls.map(() => ({ bits: new Float64Array(bits), weight: 0 }));
  programs.forEach(({ name, operands: arity }, k) => {
    const rows = [...calls.keys()].filter((row) => calls[row].choice[k] > NEGLIGIBLE);
    if (rows.length === 0) return;
    const given = new Float64Array(rows.length * arity * bits);
    rows.forEach((row, i) => {
      for (let slot = 0; slot < arity; slot++) given.set(operands[row][slot], (i * arity + slot) * bits);
    });
    const results = machine.call(
      name,
      given,
      rows.map((row) => parsed[row].operands.slice(0, arity)),
    );
    rows.forEach((row, i) => {
      const weight = calls[row].choice[k];
      answers[row].weight += weight;
      for (let bit = 0; bit < bits; bit++) answers[row].bits[bit] += weight * results[i * bits + bit];
    });
  });
  return calls.map(({ choice, numbers, pointers }, row) => {
    const { name, operands: arity } = programs[likeliest(choice)];
    const hard = parsed[row].operands.slice(0, arity);
    const mixture = answers[row].bits.map((p) => p / answers[row].weight);
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

/** How the model reads each digit, as distributions: [10, 10]. */
export function digitTable(model: Model): Float64Array {
  if (model.sizes.numbers !== "digits") {
    throw new SoftmachineError('this model reads a number as one token; train one with numbers "digits"');
  }
  const logits = model.numerals.gather(Int32Array.from({ length: DIGITS }, (_, digit) => digit));
  const table = new Float64Array(logits.length);
  softmaxRows(Float64Array.from(logits), table, DIGITS);
  return table;
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
function bitsByNumber(machine: BitMachine, table: Float64Array, numbers: readonly string[]): Map<string, Float64Array> {
  const values = machine.numbers(table, numbers);
  return new Map(numbers.map((number, i) => [number, values.slice(i * machine.bits, (i + 1) * machine.bits)]));
}

/** Bits of an operand: those of the numbers pointed at, mixed. */
function mixed(
  pointer: Float32Array,
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
function parsedCall({ numbers, pointers }: PointedCall, table: Float64Array, slots: number) {
  const operands: number[] = [];
  const probabilities: number[] = [];
  for (let slot = 0; slot < slots; slot++) {
    const place = likeliest(pointers[slot]);
    let probability = pointers[slot][place];
    const read = Array.from(numbers[place], (digit) => {
      const row = table.subarray(Number(digit) * DIGITS, (Number(digit) + 1) * DIGITS);
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
