/** Mean and worst over the seeds of each variant, and what it took to come to a common accuracy. */
import type { TaskResult } from "./result-file.js";
import type { CurvePoint, Tested, TrainedRow } from "./training.js";

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
  /** Steps of the model that was kept. */
  readonly steps: number;
  /** Steps taken in all, which are more where the best model was kept. */
  readonly stepsTaken: number;
  readonly examples: number;
  /** Of the kept model; undefined for questions of two steps. */
  readonly epochs?: number;
  /** Of the whole run. */
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
    const tests = [...new Set(group.flatMap((row) => Object.keys(row.tests)))];
    const tested = (test: string) => group.flatMap((row) => (test in row.tests ? [row.tests[test]] : []));
    const epochs = group.flatMap((row) => row.epochs ?? []);
    return {
      task,
      variant,
      seeds: group.length,
      tests: Object.fromEntries(
        tests.map((test) => [test, meanAndWorst(tested(test).map(({ accuracy }) => accuracy))]),
      ),
      weakest: Object.fromEntries(tests.flatMap((test) => weakestOf(tested(test)).map((weakest) => [test, weakest]))),
      steps: average(({ steps }) => steps),
      stepsTaken: average(({ steps, curve }) => Math.max(steps, curve.at(-1)?.step ?? 0)),
      examples: average(({ examples }) => examples),
      ...(epochs.length > 0 && { epochs: mean(epochs) }),
      seconds: average(({ seconds }) => seconds),
      parameters: average(({ parameters: { dense, embedding, numerals } }) => dense + embedding + numerals),
      reached: commonAccuracies.flatMap((accuracy) => reachedOf(group, accuracy)),
    };
  });
}

function weakestOf(tested: readonly Tested[]) {
  const programs = [...new Set(tested.flatMap(({ byProgram }) => Object.keys(byProgram)))];
  if (programs.length < 2) return [];
  return programs
    .map((program) => ({ program, ...meanAndWorst(tested.flatMap(({ byProgram }) => byProgram[program] ?? [])) }))
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
