/** A process that calculates for a `CalculationPool`: see there. */
import { Worker } from "node:worker_threads";
import { messageOf, SoftmachineError } from "../scheme/index.js";
import type { ProcessMessage } from "./calculation-pool.js";
import { type Calculation, calculate } from "./calculations.js";

const [megabytes, iterations, frames] = process.argv.slice(2).map(Number);

/**
 * Looks after this process while it calculates and can't do so itself: ends it when it holds too much memory, in arrays
 * and kernels too, which no limit of V8 is for, and when whoever started it is gone.
 */
const watchSource = `
const { parentPort, workerData } = require("node:worker_threads");
let timer;
parentPort.on("message", (calculating) => {
  clearInterval(timer);
  if (calculating) timer = setInterval(look, 25);
});
function look() {
  if (process.memoryUsage.rss() > workerData.bytes || process.ppid !== workerData.parent) process.kill(process.pid, "SIGKILL");
}
`;
const watch = new Worker(watchSource, {
  eval: true,
  workerData: { bytes: megabytes * 2 ** 20, parent: process.ppid },
  resourceLimits: { maxOldGenerationSizeMb: 8 },
});

const mostCharacters = 4000;

function outcome(calculation: Calculation): { result: Readonly<Record<string, unknown>> } | { error: string } {
  try {
    return { result: calculate(calculation, { iterations, frames }) };
  } catch (error) {
    const fault = error instanceof SoftmachineError ? "" : " (a fault of softmachine itself)";
    const message = `${messageOf(error)}${fault}`;
    return { error: message.length > mostCharacters ? `${message.slice(0, mostCharacters)}…` : message };
  }
}

const say = (message: ProcessMessage) => process.send?.(message);

process.on("message", (calculation: Calculation) => {
  watch.postMessage(true);
  const ended = outcome(calculation);
  watch.postMessage(false);
  say({ ...ended, megabytes: process.memoryUsage.rss() / 2 ** 20 });
});
process.on("disconnect", () => process.exit());
watch.once("online", () => say({ ready: true }));
