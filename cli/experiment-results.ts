/** What the commands of experiments have in common: how many networks, how quick, and where the results are written. */
import path from "node:path";
import { type Command, Option } from "commander";
import { examples, jsonOption, wholeNumber } from "./option-values.js";
import { writeJson, writeText } from "./output.js";
import { checkFolder, writeTextFile } from "./text-file.js";

export interface NetworksOptions {
  readonly seeds: number;
  readonly quick?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** Where results go unless told otherwise. */
export const resultsFolder = "runs/experiments";

/** Adds the options of an experiment that trains networks of several seeds. */
export function addNetworksOptions(command: Command, name: string, quickly: string): Command {
  return command
    .addOption(
      new Option("--seeds <count>", "networks of each kind that are reported: seeds 1 to this")
        .argParser(wholeNumber(1, 1000))
        .default(5),
    )
    .option("--quick", quickly)
    .option("--out <folder>", "where the results are written", resultsFolder)
    .addOption(jsonOption())
    .addHelpText("after", examples(`softmachine experiment ${name} --quick --seeds 1`));
}

/** Runs an experiment, and writes its result, with the command that gave it, its picture, and its text. */
export async function writeResults<R extends object>(
  name: string,
  { seeds, quick, out, json }: NetworksOptions,
  run: (seeds: readonly number[]) => R,
  show: { readonly picture: (result: R) => Promise<string>; readonly text: (result: R) => string },
): Promise<void> {
  checkFolder(out);
  const result = run(Array.from({ length: seeds }, (_, i) => i + 1));
  const command = `softmachine experiment ${name}${quick ? " --quick" : ""} --seeds ${seeds}`;
  const file = path.join(out, name);
  const written = { command, ...result };
  writeTextFile(`${file}.json`, `${JSON.stringify(written, null, 1)}\n`);
  writeTextFile(`${file}.svg`, await show.picture(result));
  await (json ? writeJson(written) : writeText(`${show.text(result)}\n\nwritten: ${file}.json, ${file}.svg`));
}

/** Which networks settings were chosen with, where there was a choice. */
export function choiceText({ tried, choosingSeeds }: { tried: readonly unknown[]; choosingSeeds: readonly number[] }) {
  if (tried.length === 0) return "";
  const [first, last] = [choosingSeeds.at(0), choosingSeeds.at(-1)];
  return ` Settings were chosen on validation questions, with networks of seeds ${first} to ${last}, which are not reported.`;
}
