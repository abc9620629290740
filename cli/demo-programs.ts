import type { Library, PackagedProgram } from "../library/index.js";
import { hasPhrases } from "../lm/index.js";

/** A program that the demonstration runs on every path. */
export interface DemonstratedProgram {
  readonly title: string;
  readonly text: string;
  readonly name: string;
  readonly entry?: string;
  readonly inputs: Readonly<Record<string, number>>;
}

/** A program whose soft run the report shows, with its operands as the command line takes them. */
export interface TracedProgram {
  readonly text: string;
  readonly name: string;
  readonly entry: string;
  readonly n: number;
  readonly operands: readonly string[];
}

/** Values of the demonstration's library are 0 to 31. */
export const demonstrationSize = 32;

/** Held-out accuracy that the trained model is to reach. */
export const accuracyGoal = 0.99;

/** An equation, which only the exact path can run, and a program of the library, which all paths can. */
export function comparedPrograms(library: Library): DemonstratedProgram[] {
  return [
    {
      title: "fibonacci of the library",
      text: withoutComments(library.program("fibonacci").source),
      name: "fibonacci.scm",
      entry: "fibonacci",
      inputs: { a: 1, b: 2, depth: 6 },
    },
    {
      title: "a pendulum's acceleration",
      text: "(* (- 0 (/ g L)) (sin theta))",
      name: "pendulum",
      inputs: { g: 9.81, L: 1, theta: 0.3 },
    },
  ];
}

const withoutComments = (text: string) => text.replace(/^;.*\n/gm, "").trim();

/** A branch taken with probability one half, and a recursion that keeps its stack in memory, run with certainty. */
export function tracedPrograms(library: Library): TracedProgram[] {
  return [
    {
      text: library.program("max").source,
      name: "max.scm",
      entry: "max",
      n: 16,
      operands: ["a=3:0.5,9:0.5", "b=6"],
    },
    {
      text: "(define (sum a) (if (= a 0) 0 (+ a (sum (- a 1)))))",
      name: "sum.scm",
      entry: "sum",
      n: 16,
      operands: ["a=5"],
    },
  ];
}

/** What the model of the demonstration learns to call: the programs that sentences have words of their own for. */
export const taughtPrograms = (library: Library): PackagedProgram[] =>
  library.callable.filter(({ name }) => hasPhrases(name));

/** Sentences as someone would type them; no template has just these words. */
export const askedSentences: readonly string[] = [
  "What is the greatest common divisor of 18 and 24?",
  "Please add 17 and 9 and tell me the total.",
  "Start fibonacci from 0 and 1 and run 7 steps.",
];
