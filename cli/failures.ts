import { CommanderError } from "commander";
import picocolors from "picocolors";
import { messageOf, SoftmachineError } from "../scheme/index.js";

/** What a command ends with. */
export const exitCodes = { done: 0, failed: 1, usage: 2, interrupted: 130 } as const;

/** A command that was called in a way that can't be meant: the exit code is 2. */
export class UsageError extends SoftmachineError {
  override readonly name = "UsageError";
}

/** A run that the user stopped with Ctrl-C, after what it had was saved. */
export class Interrupted extends SoftmachineError {
  override readonly name = "Interrupted";
}

/**
 * Says on stderr what went wrong, in one message, and returns the exit code. Commander has then said its own errors
 * already.
 *
 * @param debug print the stack trace too.
 */
export function reportFailure(error: unknown, debug: boolean): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
  const ours = error instanceof SoftmachineError;
  const message = ours ? error.message : `${messageOf(error)} (a fault of softmachine itself; --debug shows where)`;
  process.stderr.write(`${error instanceof Interrupted ? "" : errorPrefix()}${message}\n`);
  if (debug && error instanceof Error && error.stack !== undefined) {
    const frames = error.stack.slice(error.stack.indexOf(error.message) + error.message.length);
    process.stderr.write(`${frames.trimStart() === "" ? error.stack : frames.replace(/^\n/, "")}\n`);
  }
  if (error instanceof UsageError) return exitCodes.usage;
  return error instanceof Interrupted ? exitCodes.interrupted : exitCodes.failed;
}

/** `error: `, red on a terminal. */
export function errorPrefix(): string {
  const { red } = picocolors.createColors(process.stderr.isTTY === true && process.env.NO_COLOR === undefined);
  return red("error: ");
}
