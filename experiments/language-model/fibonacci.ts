/**
 * Fibonacci's sequence from two given terms to a depth, in words ("Algorithmic Language Models with Neurally Compiled
 * Libraries", 2024, table 2). By tabulated calls one model has a program for each of ten depths to choose among; in
 * superposition there is a model for each depth, as in the paper, for a step takes as long as its program runs.
 */
import {
  dataOf,
  fibonacciDepth,
  fibonacciLibrary,
  fibonacciName,
  type TrainData,
  type TrainOptions,
} from "../../lm/index.js";
import { type Certainty, gradientsByDepth, parsedTerms } from "../gradients-by-depth.js";
import { baselines } from "./baselines.js";
import { fibonacciChart } from "./fibonacci-chart.js";
import { quickOptions } from "./quick.js";
import { choosingSeeds, type Task } from "./task.js";
import { heldOutEvaluations, type Tests, type Trained, type Training } from "./training.js";

const depths = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
/** Depths that models in superposition learn, and how many seeds of each at most. */
const superposedDepths: readonly (readonly [number, number])[] = [
  [1, 5],
  [2, 5],
  [3, 5],
  [5, 1],
  [10, 1],
];
/** Programs that teach numerals. */
const lessons = ["increment", "decrement", "double"];

/** Gradients are measured where hardly anything is known of the terms, and where only their order is not. */
const certainties: readonly Certainty[] = [
  { right: 0.1, other: 0.1 },
  { right: 0.5, other: 0.5 },
];

const common: Partial<TrainOptions> = { evaluateEvery: 50, evaluateSentences: 256, target: 2 };
const compiled: Partial<TrainOptions> = { ...common, numerals: "frozen", steps: 600, oneOperandShare: 0.2 };
const learned: Partial<TrainOptions> = { ...common, numerals: "learned", steps: 3000 };

const superposition: Partial<TrainOptions> = {
  execution: "superposition",
  selection: "separate runs",
  evaluateEvery: 20,
  evaluateSentences: 64,
};

export const fibonacci: Task = {
  name: "fibonacci",
  title: "Fibonacci modulo 128 by depth",
  paper: "depths 1, 2, 3: 49.19 %, 47.87 %, 3.07 %",
  choosingSeeds,
  trainings: (quick) => {
    const n = quick ? 8 : 128;
    const shown = quick ? depths.slice(0, 2) : depths;
    const training = (
      variant: string,
      only: readonly number[],
      options: Partial<TrainOptions>,
      mostSeeds = 5,
    ): Training => ({
      variant,
      data: () => fibonacciData(n, only, options.numerals === "learned" ? lessons : []),
      options: quick ? { ...options, ...quickOptions } : options,
      mostSeeds,
      test: fibonacciTest,
    });
    return [
      training("tabulated, numerals compiled", shown, compiled),
      training("tabulated, numerals from scratch", shown, learned),
      training("tabulated, free heads", shown, { ...learned, operandHeads: "free" }),
      ...baselines(training("", shown, learned)),
      ...superposedDepths
        .filter(([depth]) => shown.includes(depth))
        .flatMap(([depth, most]) => [
          training(
            `superposition, numerals compiled, depth ${depth}`,
            [depth],
            { ...compiled, ...superposition, steps: 200 },
            most,
          ),
        ]),
      ...superposedDepths
        .filter(([depth]) => depth <= 3 && shown.includes(depth))
        .map(([depth]) =>
          training(
            `superposition, free heads, depth ${depth}`,
            [depth],
            { ...learned, ...superposition, operandHeads: "free", steps: 400 },
            1,
          ),
        ),
    ];
  },
  /** Gradients at the terms by depth, where a pointer does not know yet which of the two numbers is which. */
  gradients: (quick) =>
    certainties.flatMap((certainty) =>
      gradientsByDepth(
        parsedTerms(quick ? 8 : 128, quick ? 2 : 32, certainty),
        quick ? depths.slice(0, 2) : depths,
      ).map((gradients) => ({ ...certainty, ...gradients })),
    ),
  chart: fibonacciChart,
};

const known = new Map<string, Promise<TrainData>>();

function fibonacciData(n: number, only: readonly number[], others: readonly string[]): Promise<TrainData> {
  const key = `${n}: ${only.join(" ")}, ${others.join(" ")}`;
  let data = known.get(key);
  if (data === undefined) {
    data = fibonacciLibrary({ n, depths: only, others }).then((library) =>
      dataOf(library, [...only.map(fibonacciName), ...others]),
    );
    known.set(key, data);
  }
  return data;
}

/** Questions about the sequence alone, not about the programs that teach numerals. */
function fibonacciTest({ model, options, questions }: Trained): Tests {
  const about = model.table.programs.filter(({ name }) => fibonacciDepth(name) !== undefined);
  return heldOutEvaluations(model, about, options, questions);
}
