/**
 * Calls of the library on values of 32 bits: the machine on bits, whose ALU is circuits of probabilistic gates ("Algorithmic
 * Language Models with Neurally Compiled Libraries", 2024, appendix D). What a model learned through tables of n values it
 * can ask of circuits, which know no n.
 */
import { type Assembly, type Image, link } from "../assembler/index.js";
import {
  type BinaryProgram,
  defaultStepBudget,
  ExactMachine,
  entryOf,
  flashBinary,
  initialBinaryState,
  softRun,
  unitToBinary,
} from "../machine/index.js";
import { BudgetError, SoftmachineError } from "../scheme/index.js";
import { digitsOf, NUMERAL_BITS, NUMERAL_PROGRAM, numeralAssembly } from "./compiled-numerals.js";
import { DIGITS } from "./digit-numbers.js";

const REGISTERS = 16;
/** Room for a stack of recursion on each of 32 bits. */
const MEMORY = 128;

/** A digit's distribution has room for as many values as its bits encode. */
const DIGIT_BITS = 4;

/** A soft run may halt later than the exact run on its likeliest operands: so many times its steps, and some more. */
const SOFT_STEPS = { factor: 2, more: 16, most: 4096 };

/** Runs programs of the library on 32 bits. */
export class BitMachine {
  readonly bits = NUMERAL_BITS;
  /** The programs' names. */
  readonly names: readonly string[];
  readonly #image: Image;
  readonly #soft: BinaryProgram;
  readonly #exact: ExactMachine;

  /** @throws SoftmachineError when the programs can't be linked. */
  constructor(programs: readonly Assembly[]) {
    this.names = programs.map(({ name }) => name);
    const linked = this.names.includes(NUMERAL_PROGRAM) ? programs : [...programs, numeralAssembly()];
    this.#image = link(linked, { n: 2 ** NUMERAL_BITS, registers: REGISTERS, memory: MEMORY });
    this.#soft = flashBinary(this.#image);
    this.#exact = new ExactMachine(this.#image);
  }

  /** How many operands a program takes. */
  arity(program: string): number {
    return entryOf(this.#image, program).operands.length;
  }

  /**
   * The probability that each bit of numbers' values is 1, by a soft run of the compiled numeral program on their digits.
   *
   * @param table how each digit is read: [10, 10].
   * @returns [texts.length, bits], the lowest bit first.
   * @throws SoftmachineError for a number of too many digits.
   */
  numbers(table: ArrayLike<number>, texts: readonly string[]): Float64Array {
    const rows = texts.map((text) => {
      const digits = digitsOf(text);
      if (digits === undefined) throw new SoftmachineError(`"${text}" has more digits than can be read`);
      // Zeros in front are not in the text, so nothing reads them.
      const inFront = digits.length - text.replace(/^0+(?=.)/, "").length;
      return { digits, inFront };
    });
    const size = 2 ** DIGIT_BITS;
    const count = this.arity(NUMERAL_PROGRAM);
    const operands = new Float64Array(texts.length * count * this.bits);
    rows.forEach(({ digits, inFront }, row) => {
      const read = new Float64Array(count * size);
      digits.forEach((digit, i) => {
        if (i < inFront) read[i * size] = 1;
        else for (let d = 0; d < DIGITS; d++) read[i * size + d] = table[digit * DIGITS + d];
      });
      const bits = unitToBinary(read, size, count);
      for (let i = 0; i < count; i++) {
        operands.set(bits.subarray(i * DIGIT_BITS, (i + 1) * DIGIT_BITS), (row * count + i) * this.bits);
      }
    });
    // Which lines run does not depend on the digits, so any number's steps are all numbers'.
    return this.#run(NUMERAL_PROGRAM, operands, texts.length, this.#stepsOf(NUMERAL_PROGRAM, new Array(count).fill(0)));
  }

  /**
   * The probability that each bit of a program's answers is 1, by a soft run on bits.
   *
   * @param operands [rows, operands, bits]
   * @param likeliest for each row the operands' likeliest values, whose exact run says how many steps are enough
   * @returns [rows, bits]
   */
  call(program: string, operands: Float64Array, likeliest: readonly (readonly number[])[]): Float64Array {
    const { factor, more, most } = SOFT_STEPS;
    const steps = Math.max(0, ...likeliest.map((values) => this.#stepsOf(program, values)));
    return this.#run(program, operands, likeliest.length, Math.min(most, factor * steps + more));
  }

  /**
   * What a program answers to certain operands, modulo 2^32, on the exact machine.
   *
   * @throws BudgetError when it does not end in a million steps, or outgrows the memory.
   */
  exact(program: string, operands: readonly number[]): number {
    this.#exact.start(entryOf(this.#image, program), operands);
    this.#exact.advance(defaultStepBudget);
    if (this.#exact.halted) return this.#exact.registers[0];
    throw new BudgetError(`(${program} ${operands.join(" ")}) does not end in ${defaultStepBudget} steps`);
  }

  /** Steps that the exact machine takes, at most as many as a soft run may. */
  #stepsOf(program: string, operands: readonly number[]): number {
    this.#exact.start(entryOf(this.#image, program), operands);
    try {
      this.#exact.advance(SOFT_STEPS.most);
    } catch (error) {
      // A stack that outgrows the memory: the soft run does what it can.
      if (!(error instanceof BudgetError)) throw error;
      return SOFT_STEPS.most;
    }
    return this.#exact.steps;
  }

  #run(program: string, operands: Float64Array, rows: number, steps: number): Float64Array {
    const { bits } = this;
    const state = initialBinaryState(this.#image, program, operands, rows);
    const { registers } = softRun(this.#soft, state, { steps });
    const width = this.#image.registers * bits;
    const results = new Float64Array(rows * bits);
    for (let row = 0; row < rows; row++) results.set(registers.subarray(row * width, row * width + bits), row * bits);
    return results;
  }
}
