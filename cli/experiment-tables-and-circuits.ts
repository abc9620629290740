import type { Command } from "commander";
import {
  type AccuracyRow,
  type TablesAndCircuitsOptions,
  type TablesAndCircuitsResult,
  tablesAndCircuits,
  tablesAndCircuitsChart,
} from "../experiments/index.js";
import { percentText } from "../scheme/index.js";
import { addNetworksOptions, choiceText, type NetworksOptions, writeResults } from "./experiment-results.js";
import { showProgress } from "./progress.js";
import { textTable } from "./text-table.js";

const name = "tables-and-circuits";

/** A small form that shows the same in seconds. */
const quickForm: TablesAndCircuitsOptions = { length: 2, questions: 2048, heldOut: 128, epochs: 4, rates: [0.05] };

/** `softmachine experiment tables-and-circuits`: what is learned with the one, run with the other. */
export function configureTablesAndCircuits(command: Command): void {
  command.description(
    "learn to use a calculator from answers alone, with lookup tables and with circuits; then run what was learned with circuits of 16 and 32 bits",
  );
  addNetworksOptions(command, name, "fewer questions on smaller numbers, which takes seconds").action(run);
}

async function run(options: NetworksOptions): Promise<void> {
  const progress = showProgress("training");
  const train = (seeds: readonly number[]) => {
    const result = tablesAndCircuits({
      ...(options.quick ? quickForm : {}),
      seeds,
      onNetwork: ({ trainedWith, validation, trained, networks }) =>
        progress.update(trained, networks, `${trainedWith}: ${percentText(validation.accuracy)}`),
    });
    progress.finish();
    return result;
  };
  await writeResults(name, options, train, { picture: tablesAndCircuitsChart, text: resultText });
}

/** The mean over the seeds of each way to train and to run, on test questions. */
function resultText({ rows, ...choice }: TablesAndCircuitsResult): string {
  const groups = new Map<string, AccuracyRow[]>();
  for (const row of rows) {
    const key = `${row.trainedWith} ${row.runWith} ${row.bits}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const mean = (group: readonly AccuracyRow[], part: "soft" | "certain"): string =>
    percentText(group.reduce((sum, row) => sum + row[part], 0) / group.length);
  const table = textTable(
    ["trained with", "run with", "bits", "right, choices made", "least of the seeds", "right, as trained"],
    [...groups.values()].map((group) => [
      group[0].trainedWith,
      group[0].runWith,
      group[0].bits,
      mean(group, "certain"),
      percentText(Math.min(...group.map(({ certain }) => certain))),
      mean(group, "soft"),
    ]),
  );
  return `Shares of test questions that no network has been asked before.${choiceText(choice)}\n\n${table}`;
}
