import { z } from "zod";
import { SoftmachineError } from "../scheme/index.js";
import type { AdaptationRun } from "./adaptation.js";
import { adaptationTasks } from "./adaptation-tasks.js";

const numbers = z.array(z.int().min(0));
const program = z.object({
  fields: z.object({ op: numbers, a: numbers, b: numbers, out: numbers, k: numbers }),
  constants: numbers,
  entry: z.int().min(0),
});
const found = program.extend({ iteration: z.int().min(0), changes: z.int().min(0) });
const verdict = z.object({
  proved: z.boolean(),
  exhaustive: z.boolean(),
  runs: z.number(),
  meanSteps: z.number(),
  mostSteps: z.number(),
});
const improvement = z.object({ iteration: z.int().min(0), meanSteps: z.number(), changes: z.int().min(0) });
const start = z.object({
  start: z.int().min(0),
  success: z.boolean(),
  states: z.number(),
  iteration: z.int().min(0),
  verdict,
  program,
  improvements: z.array(improvement),
});
const task = z.enum(adaptationTasks.map(({ program: name }) => name));
const file = z.object({
  settings: z.object({
    tasks: z.array(task),
    starts: z.int().min(1),
    seed: z.int().min(0),
    iterations: z.int().min(1).optional(),
  }),
  results: z.array(z.object({ task, genericStates: z.number(), starts: z.array(start) })),
  underWay: z
    .object({
      task,
      state: z.object({
        start: z.int().min(0),
        iteration: z.int().min(0),
        cycles: z.int().min(0),
        base: found.optional(),
        best: found.optional(),
        improvements: z.array(improvement),
      }),
    })
    .optional(),
});

/**
 * A run from the text of a file.
 *
 * @throws SoftmachineError when it is not one.
 */
export function readAdaptationRun(text: string, name: string): AdaptationRun {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    throw new SoftmachineError(`${name} is damaged: it is not JSON`);
  }
  const read = file.safeParse(content);
  if (!read.success) {
    const { path, message } = read.error.issues[0];
    throw new SoftmachineError(`${name} is damaged: ${path.join(".")}: ${message}`);
  }
  const { settings, underWay, results } = read.data;
  const { iterations, ...others } = settings;
  return {
    settings: { ...others, ...(iterations === undefined ? {} : { iterations }) },
    results,
    ...(underWay === undefined
      ? {}
      : {
          underWay: {
            task: underWay.task,
            state: { ...underWay.state, base: underWay.state.base, best: underWay.state.best },
          },
        }),
  };
}
