import { type Command, Option } from "commander";
import { calibrationPicture } from "../experiments/index.js";
import { loadCheckpoint, MAX_EVALUATED } from "../lm/index.js";
import type { BackendName } from "../tensor/index.js";
import { checkpointOption, existingCheckpoint } from "./ask.js";
import { accuracyOption, calibrateCheckpoint, calibrationSummary, calibrationText } from "./calibration-results.js";
import { examples, jsonOption, wholeNumber } from "./option-values.js";
import { note, writeJson, writeText } from "./output.js";
import { checkWritable, writeTextFile } from "./text-file.js";
import { backendOption, encoderOption, tokenizerOption } from "./training-options.js";

interface CalibrateOptions {
  readonly checkpoint?: string;
  readonly accuracy: number;
  readonly questions: number;
  readonly test: number;
  readonly svg?: string;
  readonly backend?: BackendName;
  readonly tokenizer?: string;
  readonly encoder?: string;
  readonly json?: boolean;
}

const questionsOption = (name: string, description: string) =>
  new Option(`--${name} <count>`, description).argParser(wholeNumber(2, MAX_EVALUATED)).default(2000);

/** `softmachine calibrate`: when a trained model should rather not answer. */
export function configureCalibrate(command: Command): void {
  command
    .addOption(checkpointOption())
    .addOption(accuracyOption())
    .addOption(questionsOption("questions", "held-out questions to calibrate on, half of them wrong ones"))
    .addOption(questionsOption("test", "other questions to test on, with other templates and kinds of wrong ones"))
    .option("--svg <file>", "draw certainty against accuracy, and errors against the share answered")
    .addOption(backendOption())
    .addOption(tokenizerOption())
    .addOption(encoderOption())
    .addOption(jsonOption())
    .addHelpText(
      "after",
      `${examples("softmachine calibrate", "softmachine calibrate --accuracy 0.999 --svg certainty.svg")}\n\nWhat it finds is written to the checkpoint; ask abstains by it.`,
    )
    .action(calibrate);
}

async function calibrate({ svg, backend, tokenizer, encoder, json, ...options }: CalibrateOptions): Promise<void> {
  const checkpoint = existingCheckpoint(options.checkpoint);
  checkWritable(checkpoint);
  if (svg !== undefined) checkWritable(svg);
  const run = await loadCheckpoint(checkpoint, { backend, tokenizer, encoder });
  const calibrated = await calibrateCheckpoint(checkpoint, run, options);
  if (svg !== undefined) writeTextFile(svg, await calibrationPicture(calibrated.test));
  await (json ? writeJson({ checkpoint, ...calibrationSummary(calibrated) }) : writeText(calibrationText(calibrated)));
  note(`wrote ${svg === undefined ? checkpoint : `${checkpoint}, ${svg}`}`);
}
