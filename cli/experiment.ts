import type { Command } from "commander";
import { configureMinimalNetwork } from "./experiment-minimal-network.js";
import { examples } from "./option-values.js";

/** `softmachine experiment`: the papers' tables and figures, run again. */
export function configureExperiment(command: Command): void {
  command.addHelpText("after", examples("softmachine experiment minimal-network --quick --seeds 1"));
  configureMinimalNetwork(command);
}
