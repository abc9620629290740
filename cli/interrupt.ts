import { exitCodes } from "./failures.js";
import { note } from "./output.js";

/**
 * Runs work that wants to end in order on Ctrl-C or a request to terminate: the first one aborts the signal, a second
 * one ends the process at once.
 *
 * @param saying what is printed at the first one.
 */
export async function interruptible<T>(saying: string, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const stop = () => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    note(`\n${saying}`);
    controller.abort();
  };
  const signals = ["SIGINT", "SIGTERM"] as const;
  for (const name of signals) process.on(name, stop);
  try {
    return await work(controller.signal);
  } finally {
    for (const name of signals) process.off(name, stop);
  }
}
