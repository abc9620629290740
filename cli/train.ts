import { existsSync } from "node:fs";
import path from "node:path";
import { type Command, Option } from "commander";
import { findPrograms, type Library, loadPackage } from "../library/index.js";
import {
  BASIC_PROGRAMS,
  dataOf,
  hasPhrases,
  parseSentences,
  resume,
  type Sentence,
  type TrainHooks,
  type TrainResult,
  train as trainModel,
} from "../lm/index.js";
import { SoftmachineError, suggestion } from "../scheme/index.js";
import { Interrupted, UsageError } from "./failures.js";
import { interruptible } from "./interrupt.js";
import { libraryOption } from "./library.js";
import { openLibrary } from "./library-source.js";
import { examples, jsonOption, wholeNumber } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { checkWritable, readTextFile } from "./text-file.js";
import { addTrainingOptions, testOption, trainingOptions } from "./training-options.js";
import { showTraining } from "./training-progress.js";
import { evaluateHeldOut, trainingSummary, trainingText } from "./training-results.js";

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
  readonly test: number;
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
    .addOption(testOption());
  addTrainingOptions(command)
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        "softmachine train",
        "softmachine train --programs add,increment,double --steps 400 --checkpoint runs/small.safetensors",
        "softmachine train --programs all --checkpoint runs/all.safetensors",
        "softmachine train --tokenizer path/to/tokenizer.json",
        "softmachine train --resume",
      )}\n\nCtrl-C stops after the step under way and writes a checkpoint.`,
    )
    .action(train);
}

async function train(options: TrainCommandOptions): Promise<void> {
  const settings = trainingOptions(options);
  const { checkpoint } = options;
  checkWritable(checkpoint);
  const start = options.resume ? await resumption(options, settings) : await beginning(options, settings);
  const result = await interruptible("stopping after this step…", async (signal) => {
    const shown = showTraining();
    try {
      return await start({ checkpoint, signal, onProgress: shown.onProgress });
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
  await (options.json
    ? writeJson({ checkpoint, ...trainingSummary(result, heldOut) })
    : writeText(trainingText(result, heldOut)));
  note(`wrote ${checkpoint}`);
}

type Start = (hooks: TrainHooks) => Promise<TrainResult>;

/** A new run. */
async function beginning(
  { checkpoint, overwrite, library: folder, n, programs, sentences: file }: TrainCommandOptions,
  settings: ReturnType<typeof trainingOptions>,
): Promise<Start> {
  if (!overwrite && existsSync(checkpoint)) {
    throw new UsageError(`${checkpoint} is there already: --resume continues it, --overwrite replaces it`);
  }
  const sentences: Sentence[] = file === undefined ? [] : parseSentences(await readTextFile(file), file);
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
  return (hooks) => trainModel({ ...data, sentences }, settings, hooks);
}

/** The run of a checkpoint, gone on with. */
async function resumption(options: TrainCommandOptions, settings: ReturnType<typeof trainingOptions>): Promise<Start> {
  const { checkpoint, library: folder, overwrite, n, programs, sentences } = options;
  const { backend, tokenizer, encoder, ...others } = settings;
  const fixed = Object.entries({ ...others, overwrite, n, programs, sentences }).filter(
    ([, value]) => value !== undefined,
  );
  if (fixed.length > 0) {
    throw new UsageError(
      `--resume goes on with the checkpoint's own settings: leave out ${fixed.map(([name]) => name).join(", ")}`,
    );
  }
  if (!existsSync(checkpoint)) throw new SoftmachineError(`there is no checkpoint ${checkpoint} to resume`);
  const libraryHash = folder === undefined ? undefined : (await loadPackage(folder)).hash;
  return (hooks) => resume(checkpoint, hooks, { libraryHash, backend, tokenizer, encoder });
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
