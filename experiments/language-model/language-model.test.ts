import { expect, it } from "vitest";
import type { TrainOptions } from "../../lm/index.js";
import { runTask } from "./language-model.js";
import type { Task } from "./task.js";
import type { TrainedRow } from "./training.js";

const row: TrainedRow = {
  variant: "some",
  seed: 1,
  n: 8,
  programs: ["add"],
  // As it was written before there was a choice of programs.
  options: { steps: 20 },
  outcome: "all steps taken",
  steps: 20,
  examples: 200,
  seconds: 3,
  parameters: { dense: 1, embedding: 2, numerals: 3 },
  tests: {},
  curve: [],
};

it.each<[Partial<TrainOptions>, boolean]>([
  [{ steps: 20 }, true],
  [{ steps: 20, programChoice: "any" }, true],
  [{ steps: 20, programChoice: "fitting" }, false],
  [{ steps: 30 }, false],
])("with %j, what was trained before is trained anew unless it had these options: %j", async (options, isKnown) => {
  const data = () => Promise.reject(new Error("trained"));
  const task: Task = {
    name: "task",
    title: "a task",
    choosingSeeds: [],
    trainings: () => [{ variant: "some", options, data }],
  };
  const rows = runTask(task, { seeds: [1], known: [row] });
  if (isKnown) expect(await rows).toEqual([row]);
  else await expect(rows).rejects.toThrow("trained");
});
