import { existsSync } from "node:fs";
import path from "node:path";
import { type Command, Option } from "commander";
import { findPrograms, type Library, loadPackage } from "../library/index.js";
import {
  BASIC_PROGRAMS,
  DEFAULT_OPTIONS,
  dataOf,
  hasPhrases,
  holdsLog,
  type LoadOptions,
  parseSentences,
  resume,
  type TrainData,
  type TrainHooks,
  type TrainOptions,
  train as trainModel,
} from "../lm/index.js";
import { SoftmachineError, suggestion } from "../scheme/index.js";
import { accuracyOption, calibrateCheckpoint, calibrationText } from "./calibration-results.js";
import { Interrupted, UsageError } from "./failures.js";
import { interruptible } from "./interrupt.js";
import { libraryOption } from "./library.js";
import { openLibrary } from "./library-source.js";
import { examples, jsonOption, wholeNumber } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { checkFolder, checkWritable, readTextFile } from "./text-file.js";
import { addTrainingOptions, testOption, trainingOptions } from "./training-options.js";
import { showSeeds, showTraining } from "./training-progress.js";
import { calibratedSummary, evaluateHeldOut, trainingText } from "./training-results.js";
import { runsOfSeeds, type SeedRun, trainSeeds } from "./training-seeds.js";
import { seedsSummary, seedsText } from "./training-seeds-results.js";

/** Where a training run writes its checkpoints when nothing else is asked for. */
export const defaultCheckpoint = path.join("runs", "model.safetensors");

/** What asks for every program that a model can call. */
const allPrograms = "all";

/** Values are 0..31 where a library is built to be trained on, and nothing else is asked for. */
const defaultTrainingN = 32;

interface TrainCommandOptions extends Readonly<Record<string, unknown>> {
  readonly checkpoint: string;
  readonly resume?: boolean;
  readonly overwrite?: boolean;
  readonly library?: string;
  readonly n?: number;
  readonly programs?: string;
  readonly sentences?: string;
  readonly log?: string;
  readonly seeds?: number;
  readonly jobs?: number;
  readonly test: number;
  readonly accuracy: number;
  readonly json?: boolean;
}

/** `softmachine train`: a small transformer that learns from answers alone to call the library. */
export function configureTrain(command: Command): void {
  command
    .option("--checkpoint <file>", "where checkpoints are written", defaultCheckpoint)
    .option("--resume", "continue the checkpoint's run, to the same numbers as if it had not stopped")
    .option("--overwrite", "replace a checkpoint that is there")
    .addOption(libraryOption())
    .addOption(
      new Option(
        "--n <size>",
        `values are 0..n-1, where the library is built now (default: ${defaultTrainingN})`,
      ).argParser(wholeNumber(2, 1000)),
    )
    .option(
      "--programs <names>",
      `the programs to learn, with commas between, or ${allPrograms} (default: all; of softmachine's own, ${BASIC_PROGRAMS.length} basic ones)`,
    )
    .option("--sentences <file>", 'own sentences to learn from too: JSON lines of {"text": "…", "answer": 7}')
    .option("--log <folder>", "log the figures of each step there, as metrics.jsonl and for TensorBoard")
    .addOption(
      new Option(
        "--seeds <count>",
        "train as many models, of seeds from --seed on; checkpoints have -seed-1, -seed-2, … in their names",
      ).argParser(wholeNumber(1, 1000)),
    )
    .addOption(new Option("--jobs <count>", "of those, how many at once (default: 1)").argParser(wholeNumber(1, 64)))
    .addOption(testOption())
    .addOption(accuracyOption());
  addTrainingOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        "softmachine train",
        "softmachine train --programs add,increment,double --steps 400 --checkpoint runs/small.safetensors",
        "softmachine train --programs all --checkpoint runs/all.safetensors",
        "softmachine train --calls 2 --checkpoint runs/two-steps.safetensors",
        "softmachine train --tokenizer path/to/tokenizer.json",
        "softmachine train --log runs/log --patience 5",
        "softmachine train --seeds 5 --jobs 2 --checkpoint runs/five.safetensors",
        "softmachine train --resume",
        "softmachine train --resume --seeds 5 --checkpoint runs/five.safetensors",
      )}\n\nCtrl-C stops after the step under way and writes a checkpoint. After a crash, --resume goes on from the last one.
tensorboard --logdir <folder> draws what --log wrote; of several seeds, each has a folder in it.`,
    )
    .action(train);
}

async function train(options: TrainCommandOptions): Promise<void> {
  const settings = trainingOptions(options);
  const { checkpoint, log, seeds, jobs } = options;
  if (settings.ownShare !== undefined && options.sentences === undefined && !options.resume) {
    throw new UsageError("--own-share is for own sentences: --sentences says which");
  }
  if (seeds === undefined) {
    if (jobs !== undefined) throw new UsageError("--jobs is for several runs at once: --seeds says how many there are");
    return trainOne({ checkpoint, ...(log === undefined ? {} : { log }) }, options, settings);
  }
  const runs = runsOfSeeds(settings.seed ?? DEFAULT_OPTIONS.seed, seeds, checkpoint, log);
  for (const { seed } of runs) trainingOptions({ ...options, seed });
  return trainSeveral(runs, options, settings);
}

/** The files that a run writes. */
type RunFiles = Pick<TrainHooks, "log"> & { readonly checkpoint: string };

async function trainOne(files: RunFiles, options: TrainCommandOptions, settings: Partial<TrainOptions>): Promise<void> {
  const { checkpoint } = files;
  const start = options.resume ? await resumption([files], options, settings) : await beginning([files], options);
  const result = await interruptible("stopping after this step…", async (signal) => {
    const shown = showTraining();
    try {
      const hooks = { ...files, signal, onProgress: shown.onProgress };
      return "load" in start
        ? await resume(checkpoint, hooks, start.load)
        : await trainModel(start.data, settings, hooks);
    } finally {
      shown.finish();
    }
  });
  if (result.outcome === "stopped") {
    throw new Interrupted(
      `stopped at step ${result.model.step}; ${checkpoint} holds the run, train --resume continues it`,
    );
  }
  const heldOut = evaluateHeldOut(result, options.test);
  const calibrated = await calibrateCheckpoint(checkpoint, result, { accuracy: options.accuracy });
  await (options.json
    ? writeJson({
        checkpoint,
        ...calibratedSummary(result, heldOut, calibrated),
      })
    : writeText(`${trainingText(result, heldOut)}\n\n${calibrationText(calibrated)}`));
  note(`wrote ${checkpoint}`);
}

async function trainSeveral(
  runs: readonly SeedRun[],
  options: TrainCommandOptions,
  settings: Partial<TrainOptions>,
): Promise<void> {
  const { jobs = 1, test, accuracy, json } = options;
  const { seed: _, ...others } = settings;
  const start = options.resume ? await resumption(runs, options, others) : await beginning(runs, options);
  if ("data" in start) {
    // Every run has a checkpoint before the first step of any, so that each can be gone on with whatever happens.
    for (const { seed, checkpoint } of runs) {
      await trainModel(start.data, { ...settings, seed }, { checkpoint, signal: AbortSignal.abort() });
    }
  }
  const load = "load" in start ? start.load : {};
  const ends = await interruptible("stopping each run after its step…", async (signal) => {
    const shown = showSeeds(
      runs.map(({ seed }) => seed),
      jobs,
    );
    try {
      return await trainSeeds(runs, { jobs, test, accuracy, load }, signal, shown);
    } finally {
      shown.finish();
    }
  });
  const results = runs.flatMap((run) => {
    const end = ends.get(run.seed);
    return end === undefined ? [] : [{ run, end }];
  });
  if (results.length < runs.length || results.some(({ end }) => "stopped" in end)) {
    const done = results.filter(({ end }) => "summary" in end).length;
    throw new Interrupted(
      `stopped, ${done} of ${runs.length} runs done; train --resume with the same --seeds, --seed and --checkpoint continues the others`,
    );
  }
  await (json ? writeJson(seedsSummary(results)) : writeText(seedsText(results)));
  const [ended, failed] = [true, false].map((well) => results.filter(({ end }) => "summary" in end === well));
  for (const { run } of ended) note(`wrote ${run.checkpoint}`);
  if (failed.length > 0) {
    const which = failed.map(({ run }) => run.seed).join(", ");
    throw new SoftmachineError(`${failed.length} of ${runs.length} runs failed; it is said above why: seed ${which}`);
  }
}

/** What new runs learn from, once it is sure that they overwrite nothing. */
async function beginning(
  runs: readonly RunFiles[],
  { overwrite, library: folder, n, programs, sentences: file }: TrainCommandOptions,
): Promise<{ readonly data: TrainData }> {
  for (const { checkpoint, log } of runs) {
    checkFiles({ checkpoint, log });
    if (overwrite) continue;
    if (existsSync(checkpoint)) {
      throw new UsageError(`${checkpoint} is there already: --resume continues it, --overwrite replaces it`);
    }
    if (log !== undefined && holdsLog(log)) {
      throw new UsageError(`${log} holds a log already: --overwrite replaces it, or choose another folder`);
    }
  }
  const sentences = file === undefined ? [] : parseSentences(await readTextFile(file), file);
  const named = programs === allPrograms ? allPrograms : programs?.split(",").map((name) => name.trim());
  const names = named === allPrograms ? hasPhrases : (named ?? BASIC_PROGRAMS);
  const source = folder === undefined ? {} : { library: folder };
  const library = await openLibrary(source, { names, n: n ?? defaultTrainingN });
  if (n !== undefined && library.n !== n) {
    throw new UsageError(
      `--n ${n}: the library has n = ${library.n}; build one with softmachine library build --n ${n}`,
    );
  }
  const data = dataOf(library, await chosenPrograms(library, named));
  await library.saveAnswers();
  return { data: { ...data, sentences } };
}

/** How the runs of checkpoints are gone on with, once it is sure that they are there. */
async function resumption(
  runs: readonly RunFiles[],
  { library: folder, overwrite, n, programs, sentences }: TrainCommandOptions,
  { backend, tokenizer, encoder, ...others }: Partial<TrainOptions>,
): Promise<{ readonly load: LoadOptions }> {
  const fixed = Object.entries({ ...others, overwrite, n, programs, sentences }).filter(
    ([, value]) => value !== undefined,
  );
  if (fixed.length > 0) {
    throw new UsageError(
      `--resume goes on with the checkpoint's own settings: leave out ${fixed.map(([name]) => name).join(", ")}`,
    );
  }
  for (const files of runs) {
    checkFiles(files);
    if (!existsSync(files.checkpoint))
      throw new SoftmachineError(`there is no checkpoint ${files.checkpoint} to resume`);
  }
  const libraryHash = folder === undefined ? undefined : (await loadPackage(folder)).hash;
  return { load: { libraryHash, backend, tokenizer, encoder } };
}

function checkFiles({ checkpoint, log }: RunFiles): void {
  checkWritable(checkpoint);
  if (log !== undefined) checkFolder(log);
}

/**
 * The programs to learn: all, or those named; else all but those that come with softmachine and are not basic, unless the
 * library has no others.
 */
async function chosenPrograms(
  library: Library,
  names: readonly string[] | typeof allPrograms | undefined,
): Promise<string[]> {
  const known = library.callable.map(({ name }) => name);
  if (known.length === 0)
    throw new SoftmachineError("no program of the library takes one to three whole numbers of all its values");
  if (names === allPrograms) return known;
  if (names === undefined) {
    const own = new Set((await findPrograms()).map(({ name }) => name));
    const chosen = known.filter((name) => BASIC_PROGRAMS.includes(name) || !own.has(name));
    return chosen.length > 0 ? chosen : known;
  }
  for (const name of names) {
    if (library.programs.some((program) => program.name === name) && !known.includes(name)) {
      throw new UsageError(
        `--programs: a model can learn programs of one to three whole numbers from 0 to ${library.n - 1}, and "${name}" is none; these are ${known.join(", ")}`,
      );
    }
    if (!known.includes(name)) {
      throw new UsageError(
        `--programs: there is no program "${name}"${suggestion(name, known)}; the library holds ${known.join(", ")}`,
      );
    }
  }
  return [...new Set(names)];
}
