import { z } from "zod";
import { SoftmachineError } from "../../scheme/index.js";
import type { MeasuredGradients, Task } from "./task.js";
import type { TrainedRow } from "./training.js";

/** What a file of a task holds. */
export interface TaskResult {
  readonly command: string;
  readonly task: string;
  readonly title: string;
  readonly paper?: string;
  readonly choosingSeeds: readonly number[];
  /** Gradients by depth, where the task has programs of several. */
  readonly gradients?: readonly MeasuredGradients[];
  readonly rows: readonly TrainedRow[];
}

const share = z.number().min(0).max(1);
const count = z.int().min(0);
const row = z.object({
  variant: z.string(),
  seed: count,
  n: count,
  programs: z.array(z.string()),
  options: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])),
  outcome: z.string(),
  steps: count,
  examples: count,
  epochs: z.number().optional(),
  seconds: z.number(),
  parameters: z.object({ dense: count, embedding: count, numerals: count }),
  tests: z.record(z.string(), z.object({ sentences: count, accuracy: share, byProgram: z.record(z.string(), share) })),
  curve: z.array(z.object({ step: count, seconds: z.number(), operands: share, templates: share })),
});
const ways = z.object({ superposition: z.number(), "tabulated call": z.number() });
const gradients = z.object({
  right: share,
  other: share,
  depth: count,
  steps: count,
  loss: ways,
  gradientNorm: ways,
  cosine: z.number(),
  variation: z.number(),
});
const file = z.object({
  command: z.string(),
  task: z.string(),
  title: z.string(),
  paper: z.string().optional(),
  choosingSeeds: z.array(count),
  gradients: z.array(gradients).optional(),
  rows: z.array(row),
});

/** What is known of a task, with the command that gave it. */
export function taskResult(
  { name, title, paper, choosingSeeds }: Task,
  command: string,
  gradients: readonly MeasuredGradients[] | undefined,
  rows: readonly TrainedRow[],
): TaskResult {
  return withoutUndefined({ command, task: name, title, paper, choosingSeeds, gradients, rows });
}

/** The text of a task's file: JSON, one training a line. */
export function taskResultText({ rows, ...head }: TaskResult): string {
  const lines = Object.entries(head).map(([name, value]) => `${JSON.stringify(name)}: ${JSON.stringify(value)},`);
  return `{\n${lines.join("\n")}\n"rows": [\n${rows.map((each) => JSON.stringify(each)).join(",\n")}\n]\n}\n`;
}

/**
 * A task's results from the text of a file.
 *
 * @throws SoftmachineError when it is none.
 */
export function readTaskResult(text: string, name: string): TaskResult {
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
  return withoutUndefined(read.data);
}

type Optional = "paper" | "gradients";

/** Without the fields that have no value. */
function withoutUndefined({
  paper,
  gradients: measured,
  ...others
}: Omit<TaskResult, Optional> & { readonly [K in Optional]?: TaskResult[K] | undefined }): TaskResult {
  return {
    ...others,
    ...(paper === undefined ? {} : { paper }),
    ...(measured === undefined ? {} : { gradients: measured }),
  };
}

/** Rows with one more, in place of an earlier one of the same variant and seed; in the order of the task's variants. */
export function withRow(rows: readonly TrainedRow[], row: TrainedRow, variants: readonly string[]): TrainedRow[] {
  const others = rows.filter(({ variant, seed }) => variant !== row.variant || seed !== row.seed);
  const rank = ({ variant }: TrainedRow) => variants.indexOf(variant);
  return [...others, row].sort((a, b) => rank(a) - rank(b) || a.seed - b.seed);
}
