import type { Command } from "commander";
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
import { addNetworksOptions, choiceText, type NetworksOptions, writeResults } from "./experiment-results.js";
import { showProgress } from "./progress.js";
import { textTable } from "./text-table.js";

const name = "minimal-network";

/** A small form that shows the same in seconds. */
const quickForm: MinimalNetworkOptions = {
  depths: [1, 6],
  n: 8,
  trainingSteps: 300,
  batch: 32,
  candidates: [{ rate: 0.05, spread: 0.1 }],
};

/** `softmachine experiment minimal-network`: routing learned through a frozen program, by depth. */
export function configureMinimalNetwork(command: Command): void {
  command.description(
    "learn, from answers alone, which numbers are the operands of a frozen Fibonacci program of depth 1 to 10: stepping in superposition, and by tabulated calls",
  );
  addNetworksOptions(command, name, "two depths and smaller numbers, which takes seconds").action(run);
}

async function run(options: NetworksOptions): Promise<void> {
  const progress = showProgress("training");
  const train = (seeds: readonly number[]) => {
    const result = minimalNetwork({
      ...(options.quick ? quickForm : {}),
      seeds,
      onNetwork: ({ way, depth, validation, trained, networks }) =>
        progress.update(trained, networks, `depth ${depth}, ${way}: ${percentText(validation.accuracy)}`),
    });
    progress.finish();
    return result;
  };
  await writeResults(name, options, train, { picture: minimalNetworkChart, text: resultText });
}

function resultText(result: MinimalNetworkResult): string {
  const { training, validation, test } = result.questions;
  return `Learned from ${training} pairs of terms, stopped by ${validation} others, from up to ${result.starts} starts; accuracies are of ${test} that no choice has seen.${choiceText(result)}\n\n${resultTable(result)}`;
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
