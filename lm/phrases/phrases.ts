/** The phrases of all programs that have words of their own. */
import { arithmeticPhrases } from "./arithmetic.js";
import { bitsPhrases } from "./bits.js";
import { bitwisePhrases } from "./bitwise.js";
import { combinatoricsPhrases } from "./combinatorics.js";
import { comparisonPhrases } from "./comparison.js";
import { digitsPhrases } from "./digits.js";
import { divisorsPhrases } from "./divisors.js";
import { primesPhrases } from "./primes.js";
import type { PhraseTable, ProgramPhrases } from "./program-phrases.js";
import { recursionPhrases } from "./recursion.js";

/** By the program's name: those of the library that a model can call, at some size of the machine. */
export const PHRASES: PhraseTable = {
  ...arithmeticPhrases,
  ...digitsPhrases,
  ...bitsPhrases,
  ...bitwisePhrases,
  ...comparisonPhrases,
  ...divisorsPhrases,
  ...primesPhrases,
  ...recursionPhrases,
  ...combinatoricsPhrases,
};

/** The programs that a model learns when no others are asked for: few, and enough to show what it learns. */
export const BASIC_PROGRAMS: readonly string[] = [
  "add",
  "decrement",
  "double",
  "factorial",
  "fibonacci",
  "gcd",
  "increment",
  "max",
  "min",
  "multiply",
  "power",
  "quotient",
  "remainder",
  "subtract",
];

/** Other names under which a library may hold a program that has phrases. */
const ALIASES: Readonly<Record<string, string>> = {
  maximum: "max",
  minimum: "min",
  modulo: "remainder",
  divide: "quotient",
};

/** Whether sentences about a program have words of its own. */
export const hasPhrases = (program: string): boolean => Object.hasOwn(PHRASES, ALIASES[program] ?? program);

/** The phrases of a program with this many operands, if it has words of its own. */
export function phrasesOf(program: string, operands: number): ProgramPhrases | undefined {
  if (!hasPhrases(program)) return undefined;
  const own = PHRASES[ALIASES[program] ?? program];
  return operandsOf(own) === operands ? own : undefined;
}

/** How many operands the phrases speak of. */
function operandsOf({ commands }: ProgramPhrases): number {
  return new Set(commands[0].match(/\{[abc]\}/g)).size;
}
