import { ablations } from "./ablations.js";
import { arithmetic } from "./arithmetic.js";
import { choosing } from "./choosing.js";
import type { Task } from "./task.js";

export const taskNames = ["arithmetic", "choosing", "ablations"] as const;
export type TaskName = (typeof taskNames)[number];

/** The language model's tasks by name. */
export const languageModelTasks = { arithmetic, choosing, ablations } satisfies Record<TaskName, Task>;
