import path from "node:path";
import { type Command, Option } from "commander";
import {
  type AccuracyRow,
  type TablesAndCircuitsOptions,
  type TablesAndCircuitsResult,
  tablesAndCircuits,
  tablesAndCircuitsChart,
} from "../experiments/index.js";
import { percentText } from "../scheme/index.js";
import { configureAdaptation } from "./experiment-adaptation.js";
import { configureMinimalNetwork } from "./experiment-minimal-network.js";
import { examples, jsonOption, wholeNumber } from "./option-values.js";
import { writeJson, writeText } from "./output.js";
import { showProgress } from "./progress.js";
import { checkFolder, writeTextFile } from "./text-file.js";
import { textTable } from "./text-table.js";

interface ExperimentOptions {
  readonly seeds: number;
  readonly quick?: boolean;
  readonly out: string;
  readonly json?: boolean;
}

/** A small form that shows the same in seconds. */
const quickForm: TablesAndCircuitsOptions = { length: 2, questions: 2048, heldOut: 128, epochs: 4, rates: [0.05] };

/** `softmachine experiment`: the papers' tables and figures, run again. */
export function configureExperiment(command: Command): void {
  const example = examples("softmachine experiment tables-and-circuits --quick --seeds 1");
  command
    .addHelpText("after", example)
    .command("tables-and-circuits")
    .description(
      "learn to use a calculator from answers alone, with lookup tables and with circuits; then run what was learned with circuits of 16 and 32 bits",
    )
    .addOption(
      new Option("--seeds <count>", "networks of each kind: seeds 1 to this")
        .argParser(wholeNumber(1, 1000))
        .default(5),
    )
    .option("--quick", "fewer questions on smaller numbers, which takes seconds")
    .option("--out <folder>", "where the results are written", "runs/experiments")
    .addOption(jsonOption())
    .addHelpText("after", example)
    .action(runTablesAndCircuits);
  configureAdaptation(command.command("adaptation"));
  configureMinimalNetwork(command);
}

async function runTablesAndCircuits({ seeds, quick, out, json }: ExperimentOptions): Promise<void> {
  checkFolder(out);
  const progress = showProgress("training");
  const form = quick ? quickForm : {};
  const list = Array.from({ length: seeds }, (_, i) => i + 1);
  const result = tablesAndCircuits({
    ...form,
    seeds: list,
    onNetwork: ({ trainedWith, validation, trained, networks }) =>
      progress.update(trained, networks, `${trainedWith}: ${percentText(validation.accuracy)}`),
  });
  progress.finish();
  const command = `softmachine experiment tables-and-circuits${quick ? " --quick" : ""} --seeds ${seeds}`;
  const file = path.join(out, "tables-and-circuits");
  const written = { command, ...result };
  writeTextFile(`${file}.json`, `${JSON.stringify(written, null, 1)}\n`);
  writeTextFile(`${file}.svg`, await tablesAndCircuitsChart(result));
  await (json ? writeJson(written) : writeText(`${resultTable(result)}\n\nwritten: ${file}.json, ${file}.svg`));
}

/** The mean over the seeds of each way to train and to run, on test questions. */
function resultTable({ rows }: TablesAndCircuitsResult): string {
  const groups = new Map<string, AccuracyRow[]>();
  for (const row of rows) {
    const key = `${row.trainedWith} ${row.runWith} ${row.bits}`;
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  const mean = (group: readonly AccuracyRow[], part: "soft" | "certain"): string =>
    percentText(group.reduce((sum, row) => sum + row[part], 0) / group.length);
  return textTable(
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
}
