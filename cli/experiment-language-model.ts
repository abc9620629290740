import { existsSync } from "node:fs";
import path from "node:path";
import { type Command, Option } from "commander";
import {
  commonAccuracies,
  languageModelTasks,
  mostSeeds,
  readTaskResult,
  runTask,
  summaryOf,
  type TaskName,
  type TaskResult,
  type TrainedRow,
  taskChart,
  taskNames,
  taskResult,
  taskResultText,
  type VariantSummary,
  withRow,
} from "../experiments/index.js";
import { percentText, SoftmachineError, secondsText, suggestion } from "../scheme/index.js";
import { resultsFolder } from "./experiment-results.js";
import { Interrupted, UsageError } from "./failures.js";
import { interruptible } from "./interrupt.js";
import { examples, jsonOption, wholeNumber } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { showProgress, timeLeft } from "./progress.js";
import { checkFolder, readTextFile, writeTextFile } from "./text-file.js";
import { type Cell, textTable } from "./text-table.js";

interface LanguageModelOptions {
  readonly task: readonly TaskName[];
  readonly variant?: readonly string[];
  readonly seeds: number;
  readonly quick?: boolean;
  readonly show?: boolean;
  readonly force?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** `softmachine experiment language-model`: the language model's tasks beside what they are compared with. */
export function configureLanguageModel(command: Command): void {
  command
    .description(
      "train language models that call the library, and beside them the same transformer without it and with labelled calls",
    )
    .addOption(
      new Option("--task <names>", `the tasks, with commas between (${taskNames.join(", ")})`)
        .argParser(readTasks)
        .default(taskNames, "all"),
    )
    .addOption(
      new Option(
        "--variant <names>",
        "these variants of the tasks only, with semicolons between (default: all)",
      ).argParser((text: string) => text.split(";").map((name) => name.trim())),
    )
    .addOption(
      new Option("--seeds <count>", "networks of each variant: seeds 1 to this, fewer of those that take long")
        .argParser(wholeNumber(1, mostSeeds))
        .default(5),
    )
    .option(
      "--quick",
      "a small form of every training, which takes seconds, shows only that it runs, and is written to a folder of its own",
    )
    .option("--show", "train nothing: show what has been trained")
    .option("--force", "train anew what has been trained")
    .option("--out <folder>", "where the results are written", resultsFolder)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        "softmachine experiment language-model --task ablations --quick --seeds 1",
        'softmachine experiment language-model --task ablations --variant "2 templates" --quick --seeds 2',
        "softmachine experiment language-model --show --quick",
      )}\n\nEach training is written when it has ended. The same command again, after Ctrl-C, say, goes on with those that are missing.`,
    )
    .action(run);
}

function readTasks(text: string): TaskName[] {
  const names = text.split(",").map((name) => name.trim());
  const known = names.flatMap((name) => taskNames.find((task) => task === name) ?? []);
  const stray = names.find((name) => !taskNames.some((task) => task === name));
  if (stray !== undefined) {
    throw new UsageError(
      `--task: there is no task "${stray}"${suggestion(stray, taskNames)}; the tasks are ${taskNames.join(", ")}`,
    );
  }
  return [...new Set(known)];
}

async function run(options: LanguageModelOptions): Promise<void> {
  // Small forms show nothing, and must not take the place of what does.
  const folder = path.join(options.out, `language-model${options.quick ? "-quick" : ""}`);
  checkFolder(folder);
  checkVariants(options);
  for (const name of options.task) {
    if (!options.show) await runAndWrite(name, path.join(folder, name), options);
  }
  const all = await allWritten(folder, taskNames);
  const results = all.filter(({ task }) => options.task.some((name) => name === task));
  if (results.length === 0) throw new SoftmachineError(`nothing has been trained: there is no result in ${folder}`);
  if (!options.show) {
    writeTextFile(path.join(folder, "summary.json"), `${JSON.stringify(all.flatMap(summaryOf), null, 1)}\n`);
    writeTextFile(path.join(folder, "summary.txt"), `${resultText(all)}\n`);
  }
  await (options.json ? writeJson(results.flatMap(summaryOf)) : writeText(resultText(results)));
  if (!options.show) note(`written: ${folder}`);
}

/** A variant that no task has is a slip of the pen. */
function checkVariants({ task, variant, quick = false }: LanguageModelOptions): void {
  const known = task.flatMap((name) => languageModelTasks[name].trainings(quick).map((training) => training.variant));
  const stray = variant?.find((name) => !known.includes(name));
  if (stray !== undefined) {
    throw new UsageError(
      `--variant: there is no variant "${stray}"${suggestion(stray, known)}; the variants are ${[...new Set(known)].join("; ")}`,
    );
  }
}

/** The result in a file, if there is one. */
async function written(file: string): Promise<TaskResult | undefined> {
  return existsSync(file) ? readTaskResult(await readTextFile(file), file) : undefined;
}

/** All results in a folder. */
async function allWritten(folder: string, tasks: readonly TaskName[]): Promise<TaskResult[]> {
  const results = await Promise.all(tasks.map((name) => written(path.join(folder, `${name}.json`))));
  return results.filter((result) => result !== undefined);
}

/** Runs a task, and writes its results whenever there is one more. */
async function runAndWrite(name: TaskName, file: string, options: LanguageModelOptions): Promise<void> {
  const { seeds, quick = false, force, variant } = options;
  const task = languageModelTasks[name];
  const variants = task.trainings(quick).map((training) => training.variant);
  const old = force ? undefined : await written(`${file}.json`);
  const known = old?.rows ?? [];
  let gradients = old?.gradients;
  const keep = async (row: TrainedRow) => {
    gradients ??= task.gradients?.(quick);
    // Read again: another process may have written to it meanwhile.
    const before = await written(`${file}.json`);
    const rows = withRow(before?.rows ?? [], row, variants);
    const command = commandOf(name, quick, rows, variants);
    const result = taskResult(task, command, gradients, rows);
    writeTextFile(`${file}.json`, taskResultText(result));
    writeTextFile(`${file}.svg`, await taskChart(task, result));
  };
  await interruptible("stopping after this step…", async (signal) => {
    const progress = showProgress(task.title);
    const left = timeLeft();
    try {
      await runTask(task, {
        seeds: Array.from({ length: seeds }, (_, i) => i + 1),
        quick,
        known,
        signal,
        ...(variant === undefined ? {} : { variants: variant }),
        onRow: keep,
        onProgress: ({ done, trainings, variant: trained, seed, accuracy }) =>
          progress.update(
            Number(done.toFixed(3)),
            trainings,
            `${trained}, seed ${seed}${accuracy === undefined ? "" : `: ${percentText(accuracy)}`}${left(done / trainings)}`,
          ),
      });
    } finally {
      progress.finish();
    }
    if (signal.aborted)
      throw new Interrupted(`stopped; ${file}.json holds what has been trained, the same command goes on`);
  });
}

/** What trains all these rows anew. */
function commandOf(task: TaskName, quick: boolean, rows: readonly TrainedRow[], variants: readonly string[]): string {
  const trained = variants.filter((variant) => rows.some((row) => row.variant === variant));
  const only = trained.length === variants.length ? "" : ` --variant "${trained.join("; ")}"`;
  const seeds = Math.max(...rows.map(({ seed }) => seed));
  return `softmachine experiment language-model --task ${task}${only}${quick ? " --quick" : ""} --seeds ${seeds}`;
}

function resultText(results: readonly TaskResult[]): string {
  return results
    .map((result) => {
      const summaries = summaryOf(result);
      return `${titleOf(result)}\n\n${accuracyTable(summaries)}\n\n${costTable(summaries)}`;
    })
    .join("\n\n\n");
}

const titleOf = ({ title, paper }: TaskResult) =>
  `${title[0].toUpperCase()}${title.slice(1)}${paper === undefined ? "" : ` (the paper: ${paper})`}`;

/** Test answers right, in the mean over the seeds and in the worst of them; the program that is least often right. */
function accuracyTable(summaries: readonly VariantSummary[]): string {
  const rows = summaries.flatMap(({ variant, seeds, tests, weakest }) =>
    Object.entries(tests).map(([test, { mean, worst }], place): Cell[] => {
      const least = weakest[test];
      return [
        place === 0 ? variant : "",
        place === 0 ? seeds : "",
        test,
        percentText(mean, 2),
        percentText(worst, 2),
        least === undefined ? "" : `${least.program} ${percentText(least.mean)}`,
      ];
    }),
  );
  return textTable(["variant", "seeds", "test", "right", "worst seed", "weakest program"], rows);
}

/**
 * What that took (steps and epochs of the model that was kept, the time of all steps taken), and what it took to come to
 * common accuracies of both kinds of validation sentences.
 */
function costTable(summaries: readonly VariantSummary[]): string {
  const levels = commonAccuracies.map((accuracy) => `to ${100 * accuracy} %`);
  return textTable(
    ["variant", "parameters", "steps", "epochs", "time", ...levels.flatMap((level) => [level, "examples", "time"])],
    summaries.map(({ variant, seeds, parameters, steps, stepsTaken, epochs, seconds, reached }) => [
      variant,
      countText(parameters),
      steps < stepsTaken ? `${Math.round(steps)} of ${Math.round(stepsTaken)}` : Math.round(steps),
      epochs?.toFixed(1) ?? "",
      secondsText(seconds),
      ...commonAccuracies.flatMap((accuracy): Cell[] => {
        const sooner = reached.find((each) => each.accuracy === accuracy);
        if (sooner === undefined) return ["never", "", ""];
        const seedsText = sooner.seeds < seeds ? `${sooner.seeds} of ${seeds} seeds` : "all seeds";
        return [seedsText, countText(sooner.examples), secondsText(sooner.seconds)];
      }),
    ]),
  );
}

const countText = (count: number) => Math.round(count).toLocaleString("en-US");
