import { ablations } from "./ablations.js";
import { arithmetic } from "./arithmetic.js";
import { bits } from "./bits.js";
import { choosing } from "./choosing.js";
import { fibonacci } from "./fibonacci.js";
import type { Task } from "./task.js";
import { twoStep } from "./two-step.js";

export const taskNames = ["arithmetic", "fibonacci", "choosing", "bits", "two-step", "ablations"] as const;
export type TaskName = (typeof taskNames)[number];

/** The language model's tasks by name. */
export const languageModelTasks: Readonly<Record<TaskName, Task>> = {
  arithmetic,
  fibonacci,
  choosing,
  bits,
  "two-step": twoStep,
  ablations,
};
