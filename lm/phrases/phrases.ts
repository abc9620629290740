/** The phrases of all programs that have words of their own. */
import { fibonacciDepth } from "../fibonacci-by-depth.js";
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
export const hasPhrases = (program: string): boolean => ownPhrases(program) !== undefined;

/** The phrases of a program with this many operands, if it has words of its own. */
export function phrasesOf(program: string, operands: number): ProgramPhrases | undefined {
  const own = ownPhrases(program);
  return own !== undefined && operandsOf(own) === operands ? own : undefined;
}

function ownPhrases(program: string): ProgramPhrases | undefined {
  const name = ALIASES[program] ?? program;
  if (Object.hasOwn(PHRASES, name)) return PHRASES[name];
  const depth = fibonacciDepth(program);
  return depth === undefined ? undefined : ofDepth(PHRASES.fibonacci, depth);
}

/** Fibonacci's phrases, with the depth said in its place. */
function ofDepth({ below: _, ...phrases }: ProgramPhrases, depth: number): ProgramPhrases {
  const say = (list: readonly string[]) => list.map((phrase) => phrase.replace("{c}", String(depth)));
  return {
    expressions: say(phrases.expressions),
    commands: say(phrases.commands),
    heldOutExpressions: say(phrases.heldOutExpressions),
    heldOutCommands: say(phrases.heldOutCommands),
  };
}

/** How many operands the phrases speak of. */
function operandsOf({ commands }: ProgramPhrases): number {
  return new Set(commands[0].match(/\{[abc]\}/g)).size;
}
