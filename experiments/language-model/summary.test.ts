import { describe, expect, it } from "vitest";
import { summaryOf } from "./summary.js";
import type { TrainedRow } from "./training.js";

const row = (seed: number, accuracy: number, more: Partial<TrainedRow> = {}): TrainedRow => ({
  variant: "some",
  seed,
  n: 8,
  programs: ["add", "double"],
  options: {},
  outcome: "all steps taken",
  steps: 20,
  examples: 200,
  epochs: 2,
  seconds: 3,
  parameters: { dense: 1, embedding: 2, numerals: 3 },
  tests: { asked: { sentences: 10, accuracy, byProgram: { add: accuracy, double: 1 } } },
  curve: [
    { step: 10, seconds: 1, operands: 0.9, templates: 0.96 },
    { step: 20, seconds: 2, operands: 0.96, templates: 0.96 },
    { step: 30, seconds: 3, operands: 0.95, templates: 0.94 },
  ],
  ...more,
});
const result = (rows: readonly TrainedRow[]) => ({ command: "", task: "t", title: "t", choosingSeeds: [101], rows });

describe("a summary", () => {
  it("has mean, worst, weakest, and what it took, steps after the kept model counted apart", () => {
    const [summary] = summaryOf(result([row(1, 0.5), row(2, 1)]));
    expect(summary).toMatchObject({
      seeds: 2,
      tests: { asked: { mean: 0.75, worst: 0.5 } },
      weakest: { asked: { program: "add", mean: 0.75 } },
      steps: 20,
      stepsTaken: 30,
      epochs: 2,
      parameters: 6,
      reached: [{ accuracy: 0.95, seeds: 2, steps: 20, examples: 200, seconds: 2 }],
    });
  });

  it("is of the rows that a test was asked of, where others have it not", () => {
    const later = { sentences: 10, accuracy: 0.25, byProgram: {} };
    const both = row(2, 1);
    const [summary] = summaryOf(result([row(1, 0.5), { ...both, tests: { ...both.tests, later } }]));
    expect(summary.tests).toEqual({ asked: { mean: 0.75, worst: 0.5 }, later: { mean: 0.25, worst: 0.25 } });
  });

  it("counts no epochs where there are none", () => {
    const { epochs: _, ...none } = row(1, 1);
    expect(summaryOf(result([none]))[0]).not.toHaveProperty("epochs");
  });
});
