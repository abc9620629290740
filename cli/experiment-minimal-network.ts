import path from "node:path";
import { type Command, Option } from "commander";
import {
  type CallWay,
  type MinimalNetworkOptions,
  type MinimalNetworkResult,
  meanAccuracy,
  minimalNetwork,
  minimalNetworkChart,
  paperAccuracies,
} from "../experiments/index.js";
import { percentText } from "../scheme/index.js";
import { examples, jsonOption, wholeNumber } from "./option-values.js";
import { writeJson, writeText } from "./output.js";
import { showProgress } from "./progress.js";
import { checkFolder, writeTextFile } from "./text-file.js";
import { textTable } from "./text-table.js";

interface MinimalNetworkCommandOptions {
  readonly seeds: number;
  readonly quick?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** A small form that shows the same in seconds. */
const quickForm: MinimalNetworkOptions = {
  depths: [1, 6],
  n: 8,
  trainingSteps: 300,
  batch: 32,
  candidates: [{ rate: 0.05, start: 0.1 }],
};
const allDepths = Array.from({ length: 10 }, (_, i) => i + 1);

/** `softmachine experiment minimal-network`: routing learned through a frozen program, by depth. */
export function configureMinimalNetwork(experiment: Command): void {
  experiment
    .command("minimal-network")
    .description(
      "learn, from answers alone, which numbers are the operands of a frozen Fibonacci program of depth 1 to 10: stepping in superposition, and by tabulated calls",
    )
    .addOption(
      new Option("--seeds <count>", "networks of each kind: seeds 1 to this")
        .argParser(wholeNumber(1, 1000))
        .default(5),
    )
    .option("--quick", "two depths and smaller numbers, which takes seconds")
    .option("--out <folder>", "where the results are written", "runs/experiments")
    .addOption(jsonOption())
    .addHelpText("after", examples("softmachine experiment minimal-network --quick --seeds 1"))
    .action(runMinimalNetwork);
}

async function runMinimalNetwork({ seeds, quick, out, json }: MinimalNetworkCommandOptions): Promise<void> {
  checkFolder(out);
  const form = { depths: allDepths, ...(quick ? quickForm : {}) };
  const progress = showProgress("training");
  const result = minimalNetwork({
    ...form,
    seeds: Array.from({ length: seeds }, (_, i) => i + 1),
    onNetwork: ({ way, depth, validation, trained, networks }) =>
      progress.update(trained, networks, `depth ${depth}, ${way}: ${percentText(validation.accuracy)}`),
  });
  progress.finish();
  const command = `softmachine experiment minimal-network${quick ? " --quick" : ""} --seeds ${seeds}`;
  const file = path.join(out, "minimal-network");
  const written = { command, ...result };
  writeTextFile(`${file}.json`, `${JSON.stringify(written, null, 1)}\n`);
  writeTextFile(`${file}.svg`, await minimalNetworkChart(result));
  await (json ? writeJson(written) : writeText(`${resultText(result)}\n\nwritten: ${file}.json, ${file}.svg`));
}

function resultText(result: MinimalNetworkResult): string {
  const { questions, tried, choosingSeeds } = result;
  const [first, last] = [choosingSeeds.at(0), choosingSeeds.at(-1)];
  const choice =
    tried.length === 0
      ? ""
      : `Rate and start were chosen on validation questions, with networks of seeds ${first} to ${last}, which are not in the table.\n`;
  return `Learned from ${questions.training} pairs of terms, stopped by ${questions.validation} others; accuracies are of ${questions.test} that no choice has seen.\n${choice}\n${resultTable(result)}`;
}

function resultTable({ rows, measurements }: MinimalNetworkResult): string {
  const least = (way: CallWay, depth: number) =>
    percentText(
      Math.min(...rows.filter((row) => row.way === way && row.depth === depth).map(({ accuracy }) => accuracy)),
    );
  return textTable(
    [
      "depth",
      "steps",
      "paper",
      "superposition",
      "least",
      "tabulated call",
      "least",
      "gradient, superposition",
      "gradient, tabulated call",
      "cosine",
      "variation",
    ],
    measurements.map(({ depth, steps, gradientNorm, cosine, variation }) => {
      const paper = paperAccuracies.get(depth);
      return [
        depth,
        steps,
        paper === undefined ? "" : percentText(paper),
        percentText(meanAccuracy(rows, "superposition", depth)),
        least("superposition", depth),
        percentText(meanAccuracy(rows, "tabulated call", depth)),
        least("tabulated call", depth),
        gradientNorm.superposition.toExponential(2),
        gradientNorm["tabulated call"].toExponential(2),
        cosine.toFixed(3),
        variation.toFixed(3),
      ];
    }),
  );
}
