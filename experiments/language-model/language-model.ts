/**
 * The language model's tasks: trains every variant of a task with several seeds. What has been trained is given back in
 * and not trained again, so a run that was stopped goes on.
 */

import { DEFAULT_OPTIONS, type TrainOptions } from "../../lm/index.js";
import { questionsOf } from "./quick.js";
import type { Task } from "./task.js";
import { runTraining, type TrainedRow, type Training } from "./training.js";

/** Which trainings of a task are run. */
export interface TaskRunOptions {
  readonly seeds: readonly number[];
  /** A small form that takes seconds. */
  readonly quick?: boolean;
  /** These variants only. */
  readonly variants?: readonly string[];
  /** What has been trained before. */
  readonly known?: readonly TrainedRow[];
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TaskProgress) => void;
  /** Given each training when it has ended, before the next begins. */
  readonly onRow?: (row: TrainedRow) => Promise<void>;
}

/** How far a task has come. */
export interface TaskProgress {
  readonly variant: string;
  readonly seed: number;
  /** Trainings that have ended, a part of the one under way with them. */
  readonly done: number;
  readonly trainings: number;
  /** The latest accuracy on validation sentences of held-out templates. */
  readonly accuracy: number | undefined;
}

/** Runs a task; stopped early where the signal says so. Rows of what was known and asked for come along. */
export async function runTask(task: Task, options: TaskRunOptions): Promise<TrainedRow[]> {
  const { quick = false, known = [], signal, onProgress, onRow } = options;
  const planned = plannedOf(task, options);
  const rows: TrainedRow[] = [];
  for (const [place, { training, seed }] of planned.entries()) {
    const before = known.find((row) => isOf(row, training, seed));
    if (before !== undefined) {
      rows.push(before);
      continue;
    }
    const row = await runTraining(training, seed, {
      questions: questionsOf(quick),
      ...(signal === undefined ? {} : { signal }),
      onStep: (step, steps, accuracy) =>
        onProgress?.({
          variant: training.variant,
          seed,
          done: place + step / steps,
          trainings: planned.length,
          accuracy,
        }),
    });
    if (row === undefined) break;
    rows.push(row);
    await onRow?.(row);
  }
  return rows;
}

/** The trainings that are asked for, seed by seed, so that a run that is stopped has all variants of some. */
function plannedOf(task: Task, { seeds, quick = false, variants }: TaskRunOptions) {
  const trainings = task.trainings(quick).filter(({ variant }) => variants?.includes(variant) ?? true);
  return seeds.flatMap((seed, place) =>
    trainings.filter(({ mostSeeds = seeds.length }) => place < mostSeeds).map((training) => ({ training, seed })),
  );
}

/**
 * Whether a row is what this training gives: of this variant and seed, with the options that it names now. One that there
 * was not yet when the row was trained had its default.
 */
function isOf(row: TrainedRow, { variant, options }: Training, seed: number): boolean {
  return (
    row.variant === variant &&
    row.seed === seed &&
    Object.entries(options).every(
      ([name, value]) => (row.options[name] ?? DEFAULT_OPTIONS[name as keyof TrainOptions]) === value,
    )
  );
}
