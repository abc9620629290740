import { percentText, secondsText } from "../scheme/index.js";
import { type Cell, textTable } from "./text-table.js";
import { outcomeText, type TrainingSummary } from "./training-results.js";
import type { SeedEnd, SeedRun } from "./training-seeds.js";

/** What runs are compared by; whether more of it is better. */
const measures = {
  steps: { of: ({ steps }: TrainingSummary) => steps, moreIsBetter: false, text: (steps: number) => steps.toFixed(0) },
  seconds: { of: ({ seconds }: TrainingSummary) => seconds, moreIsBetter: false, text: secondsText },
  heldOutOperands: {
    of: ({ heldOutOperands }: TrainingSummary) => heldOutOperands.accuracy,
    moreIsBetter: true,
    text: percentText,
  },
  heldOutTemplates: {
    of: ({ heldOutTemplates }: TrainingSummary) => heldOutTemplates.accuracy,
    moreIsBetter: true,
    text: percentText,
  },
} as const;

type Measures = Record<keyof typeof measures, number>;

const names = Object.keys(measures) as (keyof typeof measures)[];
const byMeasure = (value: (name: keyof typeof measures) => number) =>
  Object.fromEntries(names.map((name) => [name, value(name)])) as Measures;

interface SeedResult {
  readonly run: SeedRun;
  readonly end: SeedEnd;
}

const summariesOf = (results: readonly SeedResult[]) =>
  results.flatMap(({ end }) => ("summary" in end ? [end.summary] : []));

function meanOf(summaries: readonly TrainingSummary[]): Measures {
  return byMeasure((name) => summaries.reduce((sum, each) => sum + measures[name].of(each), 0) / summaries.length);
}

function worstOf(summaries: readonly TrainingSummary[]): Measures {
  return byMeasure((name) => {
    const { of, moreIsBetter } = measures[name];
    return Math[moreIsBetter ? "min" : "max"](...summaries.map(of));
  });
}

/** Several runs' figures as data: each run's, then mean and worst of those that came to an end. */
export function seedsSummary(results: readonly SeedResult[]) {
  const summaries = summariesOf(results);
  return {
    runs: results.map(({ run: { seed, checkpoint }, end }) => ({
      seed,
      checkpoint,
      ...("summary" in end ? end.summary : end),
    })),
    ...(summaries.length === 0 ? {} : { mean: meanOf(summaries), worst: worstOf(summaries) }),
  };
}

/** The same as a table. */
export function seedsText(results: readonly SeedResult[]): string {
  const summaries = summariesOf(results);
  const cells = (values: Measures): Cell[] => names.map((name) => measures[name].text(values[name]));
  const rows = results.map(({ run: { seed }, end }): Cell[] => {
    if (!("summary" in end)) return [`${seed}`, ...names.map(() => "-"), "failed"];
    return [`${seed}`, ...cells(byMeasure((name) => measures[name].of(end.summary))), outcomeText(end.summary)];
  });
  const over: Cell[][] =
    summaries.length === 0
      ? []
      : [
          ["mean", ...cells(meanOf(summaries)), ""],
          ["worst", ...cells(worstOf(summaries)), ""],
        ];
  const headings = ["seed", "steps", "time", "unseen operands", "unseen templates", "outcome"];
  return textTable(headings, [...rows, ...over]);
}
