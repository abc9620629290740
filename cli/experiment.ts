import type { Command } from "commander";
import { configureMinimalNetwork } from "./experiment-minimal-network.js";

/** `softmachine experiment`: the papers' tables and figures, run again. */
export function configureExperiment(command: Command): void {
  configureMinimalNetwork(command);
}
