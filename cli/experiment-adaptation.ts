import { existsSync } from "node:fs";
import path from "node:path";
import { type Command, Option } from "commander";
import {
  type AdaptationRun,
  type AdaptationSettings,
  adaptationChart,
  adaptationSettings,
  adaptationSummaries,
  adaptationTasks,
  adaptTasks,
  newAdaptationRun,
  readAdaptationRun,
} from "../experiments/index.js";
import { percentText, SoftmachineError, suggestion } from "../scheme/index.js";
import { given } from "./evaluators.js";
import { resultsFolder } from "./experiment-results.js";
import { Interrupted, UsageError } from "./failures.js";
import { interruptible } from "./interrupt.js";
import { examples, jsonOption, wholeNumber } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { showProgress, timeLeft } from "./progress.js";
import { checkFolder, readTextFile, writeTextFile } from "./text-file.js";
import { textTable } from "./text-table.js";

interface AdaptationCommandOptions {
  readonly task?: readonly string[];
  readonly starts?: number;
  readonly seed?: number;
  readonly iterations?: number;
  readonly quick?: boolean;
  readonly resume?: boolean;
  readonly force?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

const taskNames = adaptationTasks.map(({ program }) => program);

/** A small form that takes seconds. */
const quickForm = { tasks: ["swap", "addition"], starts: 1, iterations: 400 };

/** `softmachine experiment adaptation`: programs made faster on the inputs that there are. */
export function configureAdaptation(command: Command): void {
  command
    .description(
      "adapt general programs to the inputs that there are, by gradient descent, and prove the faster ones that it finds",
    )
    .addOption(
      new Option("--task <names>", `the tasks, with commas between (${taskNames.join(", ")}; default: all)`).argParser(
        readTasks,
      ),
    )
    .addOption(new Option("--starts <count>", "starts of each task (default: 20)").argParser(wholeNumber(1, 10_000)))
    .addOption(
      new Option("--iterations <count>", "iterations of each start (default: each task's own)").argParser(
        wholeNumber(1, 10_000_000),
      ),
    )
    .addOption(new Option("--seed <number>", "what is random follows from it (default: 1)").argParser(wholeNumber(0)))
    .option("--quick", "two tasks, one short start each, which takes seconds")
    .option("--resume", "go on with the run that was stopped, to the same results as if it had not been")
    .option("--force", "replace the run that is there")
    .option("--out <folder>", "where the results are written", resultsFolder)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        "softmachine experiment adaptation --quick",
        "softmachine experiment adaptation --task swap --starts 2 --seed 1 --iterations 500 --out runs/swap",
      )}\n\nCtrl-C stops and writes the results so far; --resume goes on from there. A run is never replaced unless --force says so.`,
    )
    .action(runAdaptation);
}

function readTasks(text: string): string[] {
  const names = text.split(",").map((name) => name.trim());
  for (const name of names) {
    if (!taskNames.includes(name))
      throw new UsageError(
        `--task: there is no task "${name}"${suggestion(name, taskNames)}; the tasks are ${taskNames.join(", ")}`,
      );
  }
  return [...new Set(names)];
}

async function runAdaptation(options: AdaptationCommandOptions): Promise<void> {
  const { out, json, force, resume } = options;
  checkFolder(out);
  const file = path.join(out, "adaptation.json");
  if (!resume && !force && existsSync(file))
    throw new UsageError(
      `${file} holds a run already: --resume goes on with it, --force replaces it, --out writes elsewhere`,
    );
  const begun = resume ? await stoppedRun(file, options) : newAdaptationRun(settingsOf(options));
  const run = await interruptible("stopping…", async (signal) => {
    const progress = showProgress("adapting");
    const left = timeLeft();
    try {
      return await adaptTasks(begun, {
        signal,
        onProgress: (done, total, detail) =>
          progress.update(Number(done.toFixed(2)), total, `${detail}${left(done / total)}`),
      });
    } finally {
      progress.finish();
    }
  });
  const settings = { ...run.settings, training: adaptationSettings(run.settings) };
  writeTextFile(file, `${JSON.stringify({ command: commandOf(run.settings), ...run, settings }, null, 1)}\n`);
  writeTextFile(path.join(out, "adaptation.svg"), await adaptationChart(run));
  if (run.underWay !== undefined) throw new Interrupted(`stopped; ${file} holds the run, --resume continues it`);
  await (json ? writeJson({ file, ...run, summaries: adaptationSummaries(run) }) : writeText(resultText(run)));
  note(`wrote ${file}, ${path.join(out, "adaptation.svg")}`);
}

function settingsOf({ task, starts, seed = 1, iterations, quick }: AdaptationCommandOptions): AdaptationSettings {
  const form = quick ? quickForm : { tasks: taskNames, starts: 20 };
  return { ...form, seed, ...given({ tasks: task, starts, iterations }) };
}

async function stoppedRun(file: string, options: AdaptationCommandOptions): Promise<AdaptationRun> {
  const { task, starts, seed, iterations, quick, force } = options;
  const fixed = Object.entries({ task, starts, seed, iterations, quick, force }).filter(
    ([, value]) => value !== undefined,
  );
  if (fixed.length > 0) {
    throw new UsageError(
      `--resume goes on with the run's own settings: leave out ${fixed.map(([name]) => `--${name}`).join(", ")}`,
    );
  }
  if (!existsSync(file)) throw new SoftmachineError(`there is no run ${file} to resume`);
  return readAdaptationRun(await readTextFile(file), file);
}

const commandOf = ({ tasks, starts, seed, iterations }: AdaptationSettings) =>
  `softmachine experiment adaptation --task ${tasks.join(",")} --starts ${starts} --seed ${seed}${
    iterations === undefined ? "" : ` --iterations ${iterations}`
  }`;

/** The table, and the best program of each task. */
function resultText(run: AdaptationRun): string {
  const summaries = adaptationSummaries(run);
  const table = textTable(
    [
      "task",
      "generic",
      "best",
      "mean",
      "paper's",
      "success",
      "paper's",
      "as few as the paper's",
      "proof",
      "by descent",
    ],
    summaries.map(({ task, paper, verdict, starts, successes, ...rest }) => [
      task,
      rest.genericStates.toFixed(2),
      rest.bestStates.toFixed(2),
      rest.meanStates.toFixed(2),
      `${paper.generic} to ${paper.learned}`,
      `${successes} of ${starts}`,
      percentText(paper.success),
      `${rest.asFewAsThePaper} of ${starts}`,
      verdict === undefined
        ? "none"
        : `${verdict.exhaustive ? "every input" : "inputs at random"}, ${verdict.runs} runs`,
      percentText(rest.byDescent),
    ]),
  );
  const programs = summaries.map(({ text }) => text.trimEnd());
  return `${legend}\n${table}\n\n${programs.join("\n\n")}`;
}

const legend = `states of a run, as the paper counts them (its steps and one), averaged over the inputs; "by descent": the share of
the states saved in steps that changed the program by descent, the rest being proposals kept because they are right`;
