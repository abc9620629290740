import { existsSync } from "node:fs";
import path from "node:path";
import { type Command, Option } from "commander";
import { type LibraryProgram, loadPackage, type PackagedProgram, readPrograms } from "../library/index.js";
import { loadCheckpoint, type Run } from "../lm/index.js";
import { SoftmachineError } from "../scheme/index.js";
import type { BackendName } from "../tensor/index.js";
import { answerJson, answerText, askFully } from "./asking.js";
import { bitMachineOf } from "./bit-machine.js";
import { UsageError } from "./failures.js";
import { libraryOption } from "./library.js";
import { defaultPackage } from "./library-source.js";
import { programsOfModel } from "./model-programs.js";
import { examples, jsonOption } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { readTextFile, standardInput } from "./text-file.js";
import { defaultCheckpoint } from "./train.js";
import { backendOption, encoderOption, tokenizerOption } from "./training-options.js";

interface AskOptions {
  readonly checkpoint?: string;
  readonly library?: string;
  readonly backend?: BackendName;
  readonly tokenizer?: string;
  readonly encoder?: string;
  readonly json?: boolean;
}

/** Where a checkpoint is looked for: what `train` writes, then what `demo` writes. */
const usualCheckpoints = [defaultCheckpoint, path.join("report", "model.safetensors")];

/** The option for which trained model is meant. */
export const checkpointOption = () =>
  new Option("--checkpoint <file>", `the model (default: ${usualCheckpoints.join(", else ")})`);

/** The checkpoint that is meant: the one named, or a usual one that is there. */
export function existingCheckpoint(named: string | undefined): string {
  const file = named ?? usualCheckpoints.find((usual) => existsSync(usual));
  if (file !== undefined) return file;
  throw new SoftmachineError(
    `there is no trained model here (${usualCheckpoints.join(", ")}): softmachine train makes one, or name one with --checkpoint`,
  );
}

/** `softmachine ask`: what a trained model makes of a sentence. */
export function configureAsk(command: Command): void {
  command
    .argument("[sentence...]", "what to ask; without it, or with -, each line of standard input")
    .addOption(checkpointOption())
    .addOption(libraryOption())
    .addOption(backendOption())
    .addOption(tokenizerOption())
    .addOption(encoderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples(
        'softmachine ask "What is the gcd of 12 and 18?"',
        "softmachine ask --json add 3 and 4",
        "softmachine ask < questions.txt",
      )}\n\nA question that the model is not certain enough of, as train or calibrate found, gets a guess and a warning.`,
    )
    .action(ask);
}

async function ask(words: readonly string[], options: AskOptions): Promise<void> {
  const sentences = await sentencesOf(words);
  const file = existingCheckpoint(options.checkpoint);
  const { backend, tokenizer, encoder } = options;
  const run = await loadCheckpoint(file, { backend, tokenizer, encoder });
  const programs = await programTexts(options, run);
  const machine = bitMachineOf(run.model, programs);
  const n = machine === undefined ? run.model.table.n : 2 ** machine.bits;
  let failed = 0;
  for (const sentence of sentences) {
    try {
      const answer = askFully(run, sentence, programs, machine);
      await (options.json ? writeJson(answerJson(answer, n)) : writeText(answerText(answer, n)));
    } catch (error) {
      // One question of many may be wrong; the others are answered all the same.
      if (!(error instanceof SoftmachineError) || sentences.length === 1) throw error;
      failed++;
      note(`"${sentence}": ${error.message}`);
    }
  }
  if (failed > 0) throw new SoftmachineError(`${failed} of ${sentences.length} questions could not be answered`);
}

async function sentencesOf(words: readonly string[]): Promise<string[]> {
  const piped = words.length === 0 || (words.length === 1 && words[0] === standardInput);
  if (!piped) return [words.join(" ")];
  if (words.length === 0 && process.stdin.isTTY)
    throw new UsageError("no question: give a sentence, or - for standard input");
  const lines = (await readTextFile(standardInput)).split(/\r?\n/).filter((line) => line.trim() !== "");
  if (lines.length === 0) throw new UsageError("no question: give a sentence, or lines on standard input");
  return lines;
}

/** The programs' texts: of the package asked for, else of the usual one if the model was trained with it, else our own. */
async function programTexts(
  { library }: AskOptions,
  { model, libraryHash }: Run,
): Promise<readonly (LibraryProgram | PackagedProgram)[]> {
  if (library !== undefined) {
    const loaded = await loadPackage(library);
    if (libraryHash !== "" && loaded.hash !== libraryHash)
      note(`${library} is not the library that the model was trained with`);
    return loaded.hash === libraryHash ? loaded.programs : programsOfModel(model, loaded.programs);
  }
  if (existsSync(defaultPackage)) {
    const loaded = await loadPackage(defaultPackage);
    if (loaded.hash === libraryHash) return loaded.programs;
  }
  return programsOfModel(model, await readPrograms());
}
