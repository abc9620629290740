/**
 * From tables to circuits: what was learned through tables of values below 100, of numbers of one digit and of two, is
 * asked of circuits, on numbers of up to 32 bits ("Algorithmic Language Models with Neurally Compiled Libraries", 2024,
 * section 4.1: bootstrapping from learnability to generalization).
 */
import { compileProgram, readPrograms } from "../../library/index.js";
import {
  BitMachine,
  evaluateLongNumbers,
  longNumberSentences,
  type OperandLength,
  type TrainOptions,
} from "../../lm/index.js";
import { baselineNames } from "./baselines.js";
import { libraryData } from "./library-tables.js";
import { quickOptions } from "./quick.js";
import { choosingSeeds, type Task } from "./task.js";
import { heldOutTest, type Tested, type Trained, type Training, testSeeds } from "./training.js";

const programs = [
  "add",
  "subtract",
  "multiply",
  "max",
  "min",
  "quotient",
  "remainder",
  "increment",
  "decrement",
  "double",
];

const common: Partial<TrainOptions> = {
  numbers: "digits",
  steps: 800,
  wordDropout: 0.2,
  wordDropoutLater: 0,
  evaluateEvery: 50,
  evaluateSentences: 256,
  target: 2,
};

/** Of long numbers only so many questions of each length are asked, for a run on bits takes long: one in four. */
const questionsShare = 4;

/** Lengths of numbers in the questions; mixed are 2 to 10 digits. */
const lengths: readonly OperandLength[] = [2, 4, 6, 8, 10, "mixed"];

export const bits: Task = {
  name: "bits",
  title: "numbers to 32 bits by circuits, learned from numbers of up to two digits by tables",
  choosingSeeds,
  trainings: (quick) => {
    const training = (variant: string, options: Partial<TrainOptions>): Training => ({
      variant,
      data: () => libraryData(programs, quick ? 12 : 100),
      options: quick ? { ...options, ...quickOptions } : options,
      test: (trained) => bitsTest(trained, quick ? lengths.slice(-1) : lengths),
    });
    return [
      training("digits from scratch", common),
      training("digits compiled", { ...common, numerals: "frozen" }),
      training(baselineNames.calls, { ...common, objective: "calls" }),
    ];
  },
};

/** Registers of the machine of bits, which all of the library's programs make do with. */
const registers = 16;

let machine: Promise<BitMachine> | undefined;

/** The programs on 32 bits, compiled when first asked for. */
async function bitMachine(): Promise<BitMachine> {
  machine ??= readPrograms().then(
    (found) =>
      new BitMachine(
        found.filter(({ name }) => programs.includes(name)).map((program) => compileProgram(program, registers)),
      ),
  );
  return machine;
}

/**
 * Held-out templates with numbers of each length, the digits left as uncertain as they are, and the likeliest call alone;
 * and the questions of every task, answered by tables.
 */
async function bitsTest(trained: Trained, lengths: readonly OperandLength[]): Promise<Record<string, Tested>> {
  const { model, options, questions } = trained;
  const circuits = await bitMachine();
  const tests: Record<string, Tested> = { ...heldOutTest(trained) };
  for (const length of lengths) {
    const asked = { length, sentences: Math.ceil(questions / questionsShare), seed: testSeeds + options.seed };
    const sentences = longNumberSentences(circuits, programs, asked);
    const evaluation = evaluateLongNumbers(model, circuits, sentences);
    const name = length === "mixed" ? "2 to 10 digits" : `${length} digits`;
    for (const way of ["soft", "parsed"] as const) {
      tests[`${name}, ${way === "soft" ? "soft bits" : "likeliest call"}`] = {
        sentences: evaluation.sentences,
        accuracy: evaluation[way],
        byProgram: Object.fromEntries(
          Object.entries(evaluation.byProgram).map(([program, shares]) => [program, shares[way]]),
        ),
      };
    }
  }
  return tests;
}
