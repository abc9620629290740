import { type ChildProcess, fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { type Budget, SoftmachineError } from "../scheme/index.js";
import type { Calculation } from "./calculations.js";

/** What calculations may use at most. */
export interface CalculationLimits extends Budget {
  /** Seconds that one may take. */
  readonly seconds: number;
  /** Megabytes of memory that the process of one may hold, itself included. */
  readonly megabytes: number;
}

/** What a process says: first that it is there, then how each calculation ended, and the megabytes that it holds then. */
export type ProcessMessage =
  | { readonly ready: true }
  | ({ readonly megabytes: number } & (
      | { readonly result: Readonly<Record<string, unknown>> }
      | { readonly error: string }
    ));

type Outcome = Exclude<ProcessMessage, { readonly ready: true }>;

const script = fileURLToPath(new URL("./calculation-process.js", import.meta.url));

/** Processes that calculate at once. */
const mostProcesses = Math.max(2, Math.min(4, availableParallelism()));
/** Calculations that wait for one of them. */
const mostWaiting = 100;
/** Seconds for a process to start, on however busy a machine. */
const secondsToStart = 60;

const cancelled = "stopped: the call was cancelled";

/** A process that calculates one thing after another. */
class CalculationProcess {
  /** Whether it can take another calculation. */
  usable = true;
  private readonly child: ChildProcess;
  private readonly limits: CalculationLimits;
  private ready = false;

  constructor(limits: CalculationLimits) {
    this.limits = limits;
    const { megabytes, iterations, frames } = limits;
    this.child = fork(script, [megabytes, iterations, frames].map(String), {
      // NaN and infinities go through; nothing but the protocol may reach stdout.
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      // The process is ended at its limit; V8's own lies above, for near that it would do little but collect garbage.
      execArgv: [`--max-old-space-size=${2 * megabytes}`],
    });
    this.child.once("message", () => {
      this.ready = true;
    });
    this.child.once("exit", () => {
      this.usable = false;
    });
    // Whoever waits for a calculation hears of it by a listener of its own.
    this.child.on("error", () => {
      this.usable = false;
    });
  }

  /**
   * Calculates; the process ends when that takes too long or is not wanted any more.
   * @throws SoftmachineError saying what went wrong, or which limit was reached.
   */
  async run(calculation: Calculation, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    const outcome = await this.outcome(calculation, signal);
    // What it keeps must not be taken for what the next calculation needs.
    if (outcome.megabytes > this.limits.megabytes / 2) this.end();
    if ("error" in outcome) throw new SoftmachineError(outcome.error);
    return outcome.result;
  }

  end(): void {
    this.usable = false;
    this.child.kill("SIGKILL");
  }

  private outcome(calculation: Calculation, signal: AbortSignal): Promise<Outcome> {
    const { child } = this;
    const { seconds, megabytes } = this.limits;
    return new Promise<Outcome>((resolve, reject) => {
      const stop = (what: string) => {
        settle();
        this.end();
        reject(new SoftmachineError(what));
      };
      const send = () => {
        clearTimeout(timer);
        timer = setTimeout(stop, seconds * 1000, `stopped: it took longer than ${seconds} s`);
        child.send(calculation, (error) => error && stop(`the calculation can't be started: ${error.message}`));
      };
      const onMessage = (message: ProcessMessage) => {
        if ("ready" in message) return send();
        settle();
        resolve(message);
      };
      const onExit = (code: number | null, exitSignal: NodeJS.Signals | null) => {
        const ranOut = exitSignal === "SIGKILL" || exitSignal === "SIGABRT" || code === 134;
        stop(
          ranOut
            ? `stopped: it needed more than ${megabytes} MB of memory`
            : `the calculation's process ended with ${exitSignal ?? code}`,
        );
      };
      const onError = (error: Error) => stop(`the calculation's process can't be started: ${error.message}`);
      const onAbort = () => stop(cancelled);
      const settle = () => {
        clearTimeout(timer);
        child.off("message", onMessage).off("exit", onExit).off("error", onError);
        signal.removeEventListener("abort", onAbort);
      };
      let timer = setTimeout(stop, secondsToStart * 1000, "the calculation's process does not start");
      child.on("message", onMessage).on("exit", onExit).on("error", onError);
      signal.addEventListener("abort", onAbort);
      if (this.ready) send();
    });
  }
}

/**
 * Calculates in processes of its own, each one calculation at a time: whatever a program does, it ends within its limits,
 * and whoever asked for it goes on. (A thread would not do: one that runs out of memory may take the process with it.)
 */
export class CalculationPool {
  private readonly limits: CalculationLimits;
  private readonly idle: CalculationProcess[] = [];
  private readonly busy = new Set<CalculationProcess>();
  /** Calculations that may go on: those that run, and those that are about to. */
  private going = 0;
  private readonly waiting: (() => void)[] = [];
  private closed = false;

  /** Starts a process, so that the first calculation need not wait for it. */
  constructor(limits: CalculationLimits) {
    this.limits = limits;
    this.idle.push(new CalculationProcess(limits));
  }

  /**
   * The result of a calculation, ready for JSON.
   * @throws SoftmachineError for what is wrong with it, when it reaches a limit or is cancelled, and when too many wait.
   */
  async run(calculation: Calculation, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    await this.turn(signal);
    try {
      return await this.runNow(calculation, signal);
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.going--;
    }
  }

  /** Ends all processes; calculations under way fail. */
  close(): void {
    this.closed = true;
    for (const process of [...this.idle, ...this.busy]) process.end();
  }

  private async runNow(calculation: Calculation, signal: AbortSignal): Promise<Readonly<Record<string, unknown>>> {
    if (signal.aborted || this.closed) throw new SoftmachineError(cancelled);
    let process = this.idle.pop();
    while (process && !process.usable) process = this.idle.pop();
    process ??= new CalculationProcess(this.limits);
    this.busy.add(process);
    try {
      return await process.run(calculation, signal);
    } finally {
      this.busy.delete(process);
      if (process.usable) this.idle.push(process);
      else if (this.idle.length === 0 && !this.closed) this.idle.push(new CalculationProcess(this.limits));
    }
  }

  /** Waits until another calculation may go on, which then counts as going. */
  private async turn(signal: AbortSignal): Promise<void> {
    if (this.going < mostProcesses) {
      this.going++;
      return;
    }
    const { waiting } = this;
    if (waiting.length >= mostWaiting)
      throw new SoftmachineError(`${mostWaiting} calls are waiting already: call again when some are done`);
    await new Promise<void>((resolve, reject) => {
      const go = () => {
        signal.removeEventListener("abort", leave);
        resolve();
      };
      const leave = () => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(new SoftmachineError(cancelled));
      };
      waiting.push(go);
      signal.addEventListener("abort", leave, { once: true });
    });
  }
}
