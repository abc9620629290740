/** A task that the language model learns in several ways, side by side. */
import type { Certainty, DepthGradients } from "../gradients-by-depth.js";
import type { TaskResult } from "./result-file.js";
import type { Training } from "./training.js";

export interface Task {
  readonly name: string;
  /** In words, for a heading. */
  readonly title: string;
  /** What "Algorithmic Language Models with Neurally Compiled Libraries" (2024) reports, where it does. */
  readonly paper?: string;
  /** Seeds that its settings were chosen with; none of them is reported. */
  readonly choosingSeeds: readonly number[];
  /** Its trainings, the same in a small form that takes seconds. */
  readonly trainings: (quick: boolean) => readonly Training[];
  /** What is measured beside them. */
  readonly gradients?: (quick: boolean) => readonly MeasuredGradients[];
  /** Its figure; by default the learning curves. */
  readonly chart?: (result: TaskResult) => Promise<string>;
}

/** Gradients at operands that are known so well. */
export type MeasuredGradients = Certainty & DepthGradients;

/** Seeds that settings were chosen with. The command line reports none of them: it ends at seed 100. */
export const choosingSeeds = [101, 102, 103, 104] as const;
/** The most seeds that are reported. */
export const mostSeeds = 100;
