/** Mean and worst over the seeds of each variant, and what it took to come to a common accuracy. */
import type { TaskResult } from "./result-file.js";
import type { CurvePoint, TrainedRow } from "./training.js";

/** Accuracies on validation sentences, of both kinds, that variants are compared by: how soon each comes to them. */
export const commonAccuracies = [0.95, 0.99] as const;

/** Shares of right answers over several seeds, 0..1. */
export interface MeanAndWorst {
  readonly mean: number;
  readonly worst: number;
}

/** What it took to come to an accuracy: means over those seeds that came to it. */
export interface Reached {
  readonly accuracy: number;
  /** Of all seeds so many came to it. */
  readonly seeds: number;
  readonly steps: number;
  readonly examples: number;
  readonly seconds: number;
}

/** A variant of a task. */
export interface VariantSummary {
  readonly task: string;
  readonly variant: string;
  readonly seeds: number;
  /** By name of the test. */
  readonly tests: Readonly<Record<string, MeanAndWorst>>;
  /** The program that did worst in each test, in the mean over the seeds, where there are several. */
  readonly weakest: Readonly<Record<string, MeanAndWorst & { readonly program: string }>>;
  readonly steps: number;
  readonly examples: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly parameters: number;
  readonly reached: readonly Reached[];
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

const meanAndWorst = (values: readonly number[]): MeanAndWorst => ({ mean: mean(values), worst: Math.min(...values) });

/** The summaries of a task's variants, in the order of its rows. */
export function summaryOf({ task, rows }: TaskResult): VariantSummary[] {
  const variants = [...new Set(rows.map(({ variant }) => variant))];
  return variants.map((variant) => {
    const group = rows.filter((row) => row.variant === variant);
    const average = (of: (row: TrainedRow) => number) => mean(group.map(of));
    const tests = Object.keys(group[0].tests);
    return {
      task,
      variant,
      seeds: group.length,
      tests: Object.fromEntries(
        tests.map((test) => [test, meanAndWorst(group.map((row) => row.tests[test].accuracy))]),
      ),
      weakest: Object.fromEntries(tests.flatMap((test) => weakestOf(group, test).map((weakest) => [test, weakest]))),
      steps: average(({ steps }) => steps),
      examples: average(({ examples }) => examples),
      epochs: average(({ epochs }) => epochs),
      seconds: average(({ seconds }) => seconds),
      parameters: average(({ parameters: { dense, embedding, numerals } }) => dense + embedding + numerals),
      reached: commonAccuracies.flatMap((accuracy) => reachedOf(group, accuracy)),
    };
  });
}

function weakestOf(rows: readonly TrainedRow[], test: string) {
  const programs = [...new Set(rows.flatMap((row) => Object.keys(row.tests[test].byProgram)))];
  if (programs.length < 2) return [];
  return programs
    .map((program) => ({
      program,
      ...meanAndWorst(
        rows.flatMap((row) => {
          const accuracy = row.tests[test].byProgram[program];
          return accuracy === undefined ? [] : [accuracy];
        }),
      ),
    }))
    .sort((a, b) => a.mean - b.mean)
    .slice(0, 1);
}

function reachedOf(rows: readonly TrainedRow[], accuracy: number): Reached[] {
  const points = rows.flatMap((row) => {
    const point = row.curve.find(({ operands, templates }) => Math.min(operands, templates) >= accuracy);
    return point === undefined ? [] : [{ ...point, examples: examplesAt(row, point) }];
  });
  if (points.length === 0) return [];
  const average = (of: (point: (typeof points)[number]) => number) => mean(points.map(of));
  return [
    {
      accuracy,
      seeds: points.length,
      steps: average(({ step }) => step),
      examples: average(({ examples }) => examples),
      seconds: average(({ seconds }) => seconds),
    },
  ];
}

/** Sentences learned from up to a point of a learning curve. */
export const examplesAt = ({ examples, steps }: TrainedRow, { step }: CurvePoint) => (examples / steps) * step;
