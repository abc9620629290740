/**
 * Numerals without learning: what number a text of digits stands for is a program of the library, compiled to the machine
 * and run on the digits. Its answers are flashed into the logits of a numeral table.
 */
import { readFileSync } from "node:fs";
import path from "node:path";
import { type Assembly, type Image, link } from "../assembler/index.js";
import { compileProgram, embeddedFolder, parseProgramFile } from "../library/index.js";
import { entryOf, runExact } from "../machine/index.js";

/**
 * - `learned`: each row of the numeral table is learned from nothing.
 * - `flashed`: it begins as the compiled program has it, and is trained on.
 * - `frozen`: it begins so and stays so.
 */
export const NUMERALS = ["learned", "flashed", "frozen"] as const;

export type Numerals = (typeof NUMERALS)[number];

/** The library's program that reads digits. */
export const NUMERAL_PROGRAM = "numeral";
const SUBJECT = "arithmetic";

/** Numbers of all its digits fit into 32 bits, or wrap around there. */
export const NUMERAL_BITS = 32;
const REGISTERS = 16;
const MEMORY = 16;

interface CompiledNumerals {
  readonly image: Image;
  /** How many digits the program takes. */
  readonly digits: number;
  /** Values of texts read before. */
  readonly known: Map<string, number>;
}

let compiled: CompiledNumerals | undefined;

/** The program's assembly, compiled from its text in the library. */
export function numeralAssembly(): Assembly {
  const file = path.join(embeddedFolder, SUBJECT, `${NUMERAL_PROGRAM}.scm`);
  const program = parseProgramFile(readFileSync(file, "utf8"), { name: NUMERAL_PROGRAM, subject: SUBJECT });
  return compileProgram(program, REGISTERS);
}

/** The program, linked when first asked for. */
function compiledNumerals(): CompiledNumerals {
  if (compiled === undefined) {
    const assembly = numeralAssembly();
    const image = link([assembly], { n: 2 ** NUMERAL_BITS, registers: REGISTERS, memory: MEMORY });
    compiled = { image, digits: entryOf(image, NUMERAL_PROGRAM).operands.length, known: new Map() };
  }
  return compiled;
}

/** The digits of a number's text as the program takes them, with zeros in front; undefined where they are too many. */
export function digitsOf(text: string): number[] | undefined {
  const { digits } = compiledNumerals();
  const significant = text.replace(/^0+/, "");
  return significant.length > digits ? undefined : Array.from(significant.padStart(digits, "0"), Number);
}

/**
 * The number that decimal digits stand for, modulo 2^32, by a run of the compiled program on the exact machine; undefined
 * where there are more digits than it takes.
 */
export function valueOfDigits(text: string): number | undefined {
  const { image, known } = compiledNumerals();
  let value = known.get(text);
  if (value === undefined) {
    const digits = digitsOf(text);
    if (digits === undefined) return undefined;
    value = runExact(image, NUMERAL_PROGRAM, digits).result;
    known.set(text, value);
  }
  return value;
}

/** Logits over 0..n-1 that favour a number's value modulo n, as the machine counts, by `sharpness`. */
export function flashedRow(text: string, n: number, sharpness: number): Float32Array {
  const row = new Float32Array(n);
  const value = valueOfDigits(text);
  // Of a number that the program can't take nothing is known.
  if (value !== undefined) row[value % n] = sharpness;
  return row;
}
