/** The command: what `softmachine` on a command line runs. */
export { runCommandLine, softmachineCommand } from "./command-line.js";
export { exitCodes } from "./failures.js";
