import type { Command } from "commander";
import { configureAdaptation } from "./experiment-adaptation.js";
import { configureLanguageModel } from "./experiment-language-model.js";
import { configureMinimalNetwork } from "./experiment-minimal-network.js";
import { configureTablesAndCircuits } from "./experiment-tables-and-circuits.js";
import { examples } from "./option-values.js";

/** `softmachine experiment`: the papers' tables and figures, run again. */
export function configureExperiment(command: Command): void {
  command.addHelpText("after", examples("softmachine experiment tables-and-circuits --quick --seeds 1"));
  configureTablesAndCircuits(command.command("tables-and-circuits"));
  configureAdaptation(command.command("adaptation"));
  configureMinimalNetwork(command.command("minimal-network"));
  configureLanguageModel(command.command("language-model"));
}
