import { type ChildProcess, fork } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import type { LoadOptions, Progress } from "../lm/index.js";
import type { TrainingSummary } from "./training-results.js";

/** One of several runs that differ in their seeds. */
export interface SeedRun {
  readonly seed: number;
  readonly checkpoint: string;
  readonly log?: string;
}

/** What a process is told to do: to go on with a checkpoint's run. */
export interface TrainingTask {
  readonly checkpoint: string;
  readonly log?: string;
  /** Held-out sentences of each kind to test on at the end. */
  readonly test: number;
  /** The share of answers that is to be right once the model abstains. */
  readonly accuracy: number;
  readonly load: LoadOptions;
}

/** How a run ended; `stopped` says after which step. */
export type SeedEnd = { readonly summary: TrainingSummary } | { readonly stopped: number } | { readonly error: string };

/** What a process says. */
export type TrainingNews = SeedEnd | { readonly progress: Progress };

/** Told how far runs have come, and how they end. */
export interface SeedsShown {
  readonly onProgress: (seed: number, progress: Progress) => void;
  readonly onEnd: (seed: number, end: SeedEnd) => void;
}

const script = fileURLToPath(new URL("./training-process.js", import.meta.url));

/** The runs of `count` seeds from `first` on. Their checkpoints and logs lie beside each other, with the seed in their names. */
export function runsOfSeeds(first: number, count: number, checkpoint: string, log: string | undefined): SeedRun[] {
  const { dir, name, ext } = path.parse(checkpoint);
  return Array.from({ length: count }, (_, i) => ({
    seed: first + i,
    checkpoint: path.join(dir, `${name}-seed-${first + i}${ext}`),
    ...(log === undefined ? {} : { log: path.join(log, `seed-${first + i}`) }),
  }));
}

/**
 * Goes on with runs from their checkpoints, each in a process of its own.
 *
 * @param jobs how many are under way at once.
 * @param signal stops all after their steps, with checkpoints.
 * @returns how each run ended, by seed; of those that were stopped before they began, nothing.
 */
export async function trainSeeds(
  runs: readonly SeedRun[],
  { jobs, ...settings }: { readonly jobs: number } & Pick<TrainingTask, "test" | "accuracy" | "load">,
  signal: AbortSignal,
  { onProgress, onEnd }: SeedsShown,
): Promise<Map<number, SeedEnd>> {
  const ends = new Map<number, SeedEnd>();
  const waiting = [...runs];
  const one = async () => {
    for (let run = waiting.shift(); run !== undefined && !signal.aborted; run = waiting.shift()) {
      const { seed, ...files } = run;
      const end = await inProcess({ ...files, ...settings }, signal, (progress) => onProgress(seed, progress));
      ends.set(seed, end);
      onEnd(seed, end);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, runs.length) }, one));
  return ends;
}

function inProcess(
  task: TrainingTask,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<SeedEnd> {
  // Apart from the terminal's other processes, so that Ctrl-C reaches it by way of us alone.
  const child: ChildProcess = fork(script, { detached: true, stdio: ["ignore", "ignore", "inherit", "ipc"] });
  return new Promise((resolve) => {
    let end: SeedEnd | undefined;
    const stop = () => child.connected && child.send("stop", () => {});
    const settle = (otherwise: string) => {
      signal.removeEventListener("abort", stop);
      resolve(end ?? { error: otherwise });
    };
    child.on("message", (news: TrainingNews) => {
      if ("progress" in news) onProgress(news.progress);
      else end = news;
    });
    child.once("exit", (code, killed) =>
      settle(`its process ended with ${killed ?? code}; train --resume goes on from ${task.checkpoint}`),
    );
    child.once("error", (error) => settle(`its process can't be started: ${error.message}`));
    signal.addEventListener("abort", stop, { once: true });
    child.send(task, () => {});
  });
}
